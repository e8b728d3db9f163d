import { expect, test } from "@jest/globals";
import { plan } from "../../src/commands/plan.ts";
import { createBench, tryMutants } from "./bench.ts";
import { type ManifestSample, manifestSamples } from "./samples.ts";

/** Declares a test of 2,000 mutants for each sample; they are spread over files that run side by side. */
export function sweepManifests(names: readonly ManifestSample[]): void {
  test.each(names)(
    "2000 mutants of the manifests %s are valid, or refused in words with a place",
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
      expect(await tryMutants(bench, subject, 2000)).toBe("");
    },
  );
}
