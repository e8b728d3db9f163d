import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import type { Entry } from "../../src/kind/state-entry.ts";
import { readState } from "../../src/state/store.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { startCozeform } from "../support/process.ts";
import { manifest, manifests } from "../support/story.ts";

const entry: Entry = { kind: "Bot", id: "1", status: "ready", spec: { name: "a" }, dependencies: [] };

// Half of the second line still fits; the third one would fit whole. Then the process is killed.
const program = `
  import { openStore } from ${JSON.stringify(resolve(import.meta.dirname, "../../dist/state/store.js"))};
  const [place, entry] = JSON.parse(process.argv[1]);
  const store = await openStore(place, "test");
  const specs = { a: entry.spec, b: { prompt: "x".repeat(10_000) }, c: entry.spec };
  for (const [name, spec] of Object.entries(specs)) {
    try {
      store.put("made", { ["Bot." + name]: { ...entry, spec } });
      process.stdout.write(name + ": ok\\n");
    } catch (error) {
      process.stdout.write(name + ": " + (error.code ?? error.message) + "\\n");
    }
  }
  process.kill(process.pid, "SIGKILL");
`;

test("a line that only half fits is taken back, no other follows it, and what was safe stays so", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-full-"));
  const place = { directory, environment: "dev", endpoint: "https://api.coze.cn" };
  const script = 'ulimit -f 8 && exec "$0" --input-type=module --eval "$1" "$2"';
  const args = ["-c", script, process.execPath, program, JSON.stringify([place, entry])];
  const run = spawnSync("sh", args, { encoding: "utf8" });
  expect([run.signal, run.stderr]).toEqual(["SIGKILL", ""]);
  const said = "the state can't be written: the file would be larger than allowed";
  expect(run.stdout).toBe(`a: ok\nb: ${said}\nc: ${said}\n`);
  expect((await readState(place)).resources).toEqual({ "Bot.a": entry });
});

const settings =
  "apiVersion: cozeform/v1\nkind: Project\nname: full\nenvironments: {dev: {requests_per_second: 1000}}\n";
const names = Array.from({ length: 40 }, (_, index) => `d${index}`);

/** Forty datasets, and an emulator that they are made in. */
async function openProject() {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-full-"));
  const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
  const datasets = names.map((name) =>
    manifest("Dataset", name, { workspace: "desk", name, format: "text" }),
  );
  writeFileSync(join(directory, "cozeform.yaml"), settings);
  writeFileSync(join(directory, "desk.yaml"), manifests(workspace, ...datasets));
  const emulator = createStrictEmulator();
  const door = await emulator.listen();
  const cozeform = (args: readonly string[], blocks?: number) =>
    startCozeform(
      [...args, "--endpoint", door.url],
      { COZE_API_TOKEN: emulator.token },
      blocks === undefined ? {} : { before: `ulimit -f ${blocks}` },
    ).ended;
  return { directory, emulator, door, cozeform };
}

test("when the disk fills up in the middle of an apply it stops, says so once, and the next one goes on", async () => {
  const { directory, emulator, door, cozeform } = await openProject();
  try {
    const cut = await cozeform(["apply", directory, "--auto-approve"], 8);
    expect(cut.code).toBe(1);
    expect(cut.output.split("can't be written")).toHaveLength(2);
    expect(cut.output).toMatch(
      /dev\.journal: the state can't be written: the file would be larger than allowed\n {2}hint: /,
    );
    expect(cut.output).not.toContain("failed");
    const made = emulator.world.datasets.size;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(names.length);
    expect(readdirSync(join(directory, ".cozeform"))).not.toContain("dev.lock");

    expect(await cozeform(["apply", directory, "--auto-approve"])).toMatchObject({ code: 0 });
    expect([...emulator.world.datasets.values()].map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(await cozeform(["plan", directory, "--detailed-exitcode"])).toMatchObject({ code: 0 });
  } finally {
    await door.close();
  }
});
