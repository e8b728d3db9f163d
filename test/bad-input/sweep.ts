import { expect, test } from "@jest/globals";
import { plan } from "../../src/commands/plan.ts";
import { indicesOf } from "../support/sample.ts";
import { createBench, tryMutants } from "./bench.ts";
import { type ManifestSample, manifestSamples } from "./samples.ts";

/** Declares a test of mutants for each sample, of 2,000 in a full run; they are spread over files that run side by side. */
export function sweepManifests(names: readonly ManifestSample[]): void {
  test.each(names)(
    "mutants of the manifests %s are valid, or refused in words with a place",
    async (name) => {
      const { file, files } = manifestSamples[name];
      const bench = await createBench(files);
      const run = () => plan(bench.host, { directory: bench.directory });
      expect((await run()).plan.steps.length).toBeGreaterThan(1);
      const subject = {
        group: `manifest ${name}`,
        file,
        text: String(files[file]),
        form: "yaml",
        run,
      } as const;
      expect(await tryMutants(bench, subject, indicesOf(2000, 150))).toBe("");
    },
  );
}
