import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import { listState } from "../../src/commands/state.ts";
import { openStore } from "../../src/state/store.ts";
import { indicesOf } from "../support/sample.ts";
import { type Bench, createBench, type Subject, tryMutants } from "./bench.ts";
import { project } from "./samples.ts";

const approve = async () => true;

/** A project that was applied: bots, documents, members and all. */
async function createApplied(): Promise<Bench> {
  const bench = await createBench(project);
  const { directory, host } = bench;
  const { result } = await apply(host, { directory, approve });
  expect(result?.failed).toEqual([]);
  return bench;
}

async function tryAll(
  bench: Bench,
  subject: Omit<Subject, "form" | "text">,
  indices: readonly number[],
): Promise<void> {
  const text = readFileSync(join(bench.directory, subject.file), "utf8");
  await subject.run();
  expect(await tryMutants(bench, { ...subject, text, form: "json" }, indices)).toBe("");
}

test("mutants of a state file are read whole, or refused in words with a place", async () => {
  const bench = await createApplied();
  const run = () => plan(bench.host, { directory: bench.directory });
  await tryAll(bench, { group: "state", file: ".cozeform/default.state.json", run }, indicesOf(2500, 250));
});

test("mutants of a journal are read as far as they go, or refused in words with a place", async () => {
  const bench = await createApplied();
  const { directory, host } = bench;
  const place = { directory, environment: "default", endpoint: "https://api.coze.cn" };
  const killed = await openStore(place, "test");
  const [[address = "", entry] = []] = Object.entries(killed.state.resources);
  killed.put("about to create", {
    "Bot.new": {
      kind: "Bot",
      status: "unknown",
      spec: { name: "新" },
      dependencies: [],
      before: ["7"],
      begun: 5,
    },
  });
  killed.put("说明", {
    "Bot.new": {
      kind: "Bot",
      id: "75",
      status: "incomplete",
      spec: { name: "新" },
      dependencies: ["Workspace.desk"],
    },
  });
  killed.put("changed", { [address]: entry ?? null });
  killed.putFile("abc", { id: "9", uploaded: 5 });
  killed.put("gone", { "Bot.new": null });
  const run = () => listState(host, { directory });
  await tryAll(bench, { group: "journal", file: ".cozeform/default.journal", run }, indicesOf(3000, 300));
});

test("mutants of a saved plan are applied as they are, or refused in words with a place", async () => {
  const bench = await createApplied();
  const { directory, host, put } = bench;
  put("desk.yaml", `${project["desk.yaml"]}`.replace("客服空间", "售后空间"));
  put("dev.plan.json", `${JSON.stringify((await plan(host, { directory })).document, null, 2)}\n`);
  // Nothing is done in the end, so that each finds the same.
  const run = () =>
    apply(host, { directory, planFile: join(directory, "dev.plan.json"), approve: async () => false });
  await tryAll(bench, { group: "plan", file: "dev.plan.json", run }, indicesOf(2500, 250));
});
