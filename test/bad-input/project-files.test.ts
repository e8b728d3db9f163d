import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { plan } from "../../src/commands/plan.ts";
import { createBench, readFiles, tryMutants } from "./bench.ts";
import { projectSample } from "./samples.ts";

test("3000 mutants of a project file are valid, or refused in words with a place", async () => {
  const { file, files } = projectSample;
  const bench = await createBench(files);
  const run = () => plan(bench.host, { directory: bench.directory });
  expect((await run()).plan.steps.length).toBe(1);
  const subject = { group: "project", file, text: String(files[file]), form: "yaml", run } as const;
  const t = performance.now();
  const c = process.cpuUsage();
  const tally = { valid: 0, invalid: 0 };
  expect(await tryMutants(bench, subject, Number(process.env.N ?? 3000), tally)).toEqual("");
  console.log(tally, (performance.now() - t) / 3000, process.cpuUsage(c));
}, 120_000);

const examples = resolve(import.meta.dirname, "../../examples");

test.each([
  ["quickstart", "cozeform.yaml", 60],
  ["quickstart", "manifests/bots.yaml", 100],
  ["quickstart", "manifests/knowledge.yaml", 100],
  ["team", "cozeform.yaml", 40],
  ["team", "manifests/members.yaml", 50],
  ["team", "environments/prod/prod.yaml", 50],
])(
  "mutants of the example %s, %s, are valid, or refused in words with a place",
  async (example, file, count) => {
    const files = readFiles(resolve(examples, example));
    const bench = await createBench(files);
    const environment = file.startsWith("environments/prod") ? { environment: "prod" } : {};
    const run = () => plan(bench.host, { directory: bench.directory, ...environment, refresh: "none" });
    expect((await run()).plan.steps.length).toBeGreaterThan(10);
    const subject = { group: example, file, text: String(files[file]), form: "yaml", run } as const;
    const t = performance.now();
    const c = process.cpuUsage();
    expect(await tryMutants(bench, subject, count)).toEqual("");
    console.log((performance.now() - t) / count, process.cpuUsage(c));
  },
  120_000,
);
