import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { plan } from "../../src/commands/plan.ts";
import { indicesOf } from "../support/sample.ts";
import { createBench, readFiles, tryMutants } from "./bench.ts";
import { projectSample } from "./samples.ts";

test("mutants of a project file are valid, or refused in words with a place", async () => {
  const { file, files } = projectSample;
  const bench = await createBench(files);
  const run = () => plan(bench.host, { directory: bench.directory });
  expect((await run()).plan.steps).toHaveLength(1);
  const subject = { group: "project", file, text: String(files[file]), form: "yaml", run } as const;
  expect(await tryMutants(bench, subject, indicesOf(3000, 300))).toBe("");
});

const examples = resolve(import.meta.dirname, "../../examples");

test.each([
  ["quickstart", "cozeform.yaml", indicesOf(30, 5)],
  ["quickstart", "manifests/bots.yaml", indicesOf(60, 10)],
  ["quickstart", "manifests/knowledge.yaml", indicesOf(50, 10)],
  ["team", "manifests/members.yaml", indicesOf(30, 5)],
  ["team", "environments/prod/prod.yaml", indicesOf(30, 5)],
])(
  "mutants of the example %s, %s, are valid, or refused in words with a place",
  async (example, file, indices) => {
    const files = readFiles(resolve(examples, example));
    const bench = await createBench(files);
    const environment = file.startsWith("environments/prod") ? { environment: "prod" } : {};
    const run = () => plan(bench.host, { directory: bench.directory, refresh: "none", ...environment });
    expect((await run()).plan.steps.length).toBeGreaterThan(10);
    const subject = { group: example, file, text: String(files[file]), form: "yaml", run } as const;
    expect(await tryMutants(bench, subject, indices)).toBe("");
  },
);
