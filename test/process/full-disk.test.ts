import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import type { Entry } from "../../src/core/entry.ts";
import { readState } from "../../src/state/store.ts";

const entry: Entry = { kind: "Bot", id: "1", status: "ready", spec: { name: "a" }, dependencies: [] };

// Half of the second line still fits; the third one would fit whole. Then the process is killed.
const program = `
  import { openStore } from ${JSON.stringify(resolve(import.meta.dirname, "../../dist/state/store.js"))};
  const [place, entry] = JSON.parse(process.argv[1]);
  const store = openStore(place, "test");
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

test("a line that only half fits is taken back, no other follows it, and what was safe stays so", () => {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-full-"));
  const place = { directory, environment: "dev", endpoint: "https://api.coze.cn" };
  const script = 'ulimit -f 8 && exec "$0" --input-type=module --eval "$1" "$2"';
  const args = ["-c", script, process.execPath, program, JSON.stringify([place, entry])];
  const run = spawnSync("sh", args, { encoding: "utf8" });
  expect([run.signal, run.stderr]).toEqual(["SIGKILL", ""]);
  expect(run.stdout).toBe("a: ok\nb: EFBIG\nc: the journal can't be written any more\n");
  expect(readState(place).resources).toEqual({ "Bot.a": entry });
});
