import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { plan } from "../../src/commands/plan.ts";
import { createBench, readFiles, tryMutants } from "./bench.ts";
import { projectSample } from "./samples.ts";

test("3000 mutants of a project file are valid, or refused in words with a place", async () => {
  const { file, files } = projectSample;
  const bench = await createBench(files);
  const run = () => plan(bench.host, { directory: bench.directory });
  expect((await run()).plan.steps).toHaveLength(1);
  const subject = { group: "project", file, text: String(files[file]), form: "yaml", run } as const;
  expect(await tryMutants(bench, subject, 3000)).toBe("");
});

const examples = resolve(import.meta.dirname, "../../examples");

test.each([
  ["quickstart", "cozeform.yaml", 30],
  ["quickstart", "manifests/bots.yaml", 60],
  ["quickstart", "manifests/knowledge.yaml", 50],
  ["team", "manifests/members.yaml", 30],
  ["team", "environments/prod/prod.yaml", 30],
])(
  "mutants of the example %s, %s, are valid, or refused in words with a place (%d)",
  async (example, file, count) => {
    const files = readFiles(resolve(examples, example));
    const bench = await createBench(files);
    const environment = file.startsWith("environments/prod") ? { environment: "prod" } : {};
    const run = () => plan(bench.host, { directory: bench.directory, refresh: "none", ...environment });
    expect((await run()).plan.steps.length).toBeGreaterThan(10);
    const subject = { group: example, file, text: String(files[file]), form: "yaml", run } as const;
    expect(await tryMutants(bench, subject, count)).toBe("");
  },
);
