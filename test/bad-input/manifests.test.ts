import { expect, test } from "@jest/globals";
import { plan } from "../../src/commands/plan.ts";
import { createBench, tryMutants } from "./bench.ts";
import { manifestSamples } from "./samples.ts";

const perSample = Number(process.env.N ?? 1800);

test.each(Object.entries(manifestSamples))(
  `${perSample} mutants of the manifests %s are valid, or refused in words with a place`,
  async (name, sample) => {
    const bench = await createBench(sample.files);
    const run = () => plan(bench.host, { directory: bench.directory });
    expect((await run()).plan.steps.length).toBeGreaterThan(1);
    const text = String(sample.files[sample.file]);
    const t = performance.now();
    const c = process.cpuUsage();
    const tally = { valid: 0, invalid: 0 };
    const faults = await tryMutants(
      bench,
      { group: `manifest ${name}`, file: sample.file, text, form: "yaml", run },
      perSample,
      tally,
    );
    console.log(
      name,
      tally,
      (performance.now() - t) / perSample,
      process.cpuUsage(c).user / perSample / 1000,
      process.cpuUsage(c).system / perSample / 1000,
    );
    expect(faults).toEqual("");
  },
  120_000,
);
