import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import { describeRerun, indicesOf } from "../support/sample.ts";
import { createBench } from "./bench.ts";
import { mutate, randomOf } from "./mutate.ts";
import { project } from "./samples.ts";

const file = ".cozeform/default.cache.json";

test("mutants of a cache give the plan that no cache gives, whether they are told as damaged or not", async () => {
  const bench = await createBench(project);
  const { directory, host, put, emulator } = bench;
  const { result } = await apply(host, { directory, approve: async () => true });
  expect(result?.failed).toEqual([]);
  await host.clock.sleep(60_000);
  await plan(host, { directory });
  const text = readFileSync(join(directory, file), "utf8");
  expect(Object.keys(JSON.parse(text)).length).toBeGreaterThan(0);
  // A cache that is believed too much would hide this.
  const [bot] = emulator.world.bots.values();
  emulator.world.editBot(bot?.id ?? "", { prompt_info: { prompt: "changed by hand" } });
  const changesOf = async () => {
    const { document, plan: made } = await plan(host, { directory });
    return { changes: document.resource_changes, told: made.diagnostics.map(({ code }) => code) };
  };
  const { changes: expected } = await changesOf();
  expect(JSON.stringify(expected)).toContain("changed by hand");

  const counts = { told: 0, silent: 0 };
  const indices = indicesOf(300, 60);
  for (const index of indices) {
    const { mutant, done } = mutate(text, "json", randomOf("cache", index));
    put(file, mutant);
    const { changes, told } = await changesOf();
    const name = `${done.join(", ")}; alone: ${describeRerun(`CASE=${index}`)}`;
    expect([name, changes]).toEqual([name, expected]);
    expect(told.filter((code) => code !== "damaged-cache")).toEqual([]);
    counts[told.length > 0 ? "told" : "silent"] += 1;
    put(file, "gone");
  }
  if (indices.length > 1) expect(Math.min(counts.told, counts.silent)).toBeGreaterThan(indices.length / 15);
});
