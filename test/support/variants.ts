import { expect } from "@jest/globals";
import fc from "fast-check";
import { type Variant, variantNames } from "../../src/emulator/world/variants.ts";
import { seed } from "./sample.ts";

/** Ways in which Coze may differ from its reference that every run should survive. Tests are strict anyway. */
const survivable: readonly Variant[] = variantNames.filter((name) => name !== "studio" && name !== "strict");

/** Any of the survivable variants together. */
export const someVariants: fc.Arbitrary<readonly Variant[]> = fc.subarray([...survivable]);

/** The variants of a test of this name: others for another `SEED`; `VARIANTS` names them instead, with commas. */
export function drawVariants(name: string): readonly Variant[] {
  const { VARIANTS: given } = process.env;
  if (given !== undefined) return survivable.filter((one) => given.split(",").includes(one));
  const salt = [...name].reduce((sum, letter) => Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0), seed);
  return fc.sample(someVariants, { seed: salt, numRuns: 1 })[0] ?? [];
}

/**
 * What is imported with a temperature that Coze doesn't keep is written once, as it should be; and where reads show no
 * version, an import can't know that of the publication.
 */
const lostOnImport: ReadonlySet<Variant> = new Set(["fixed-sampling", "blank-versions"]);

/** The variants of the present test. */
export function variantsOfTest(): readonly Variant[] {
  const { currentTestName: title = "" } = expect.getState();
  const drawn = drawVariants(title);
  return / is imported by /u.test(title) ? drawn.filter((one) => !lostOnImport.has(one)) : drawn;
}

/** Runs the present test; a failure names its variants. */
export async function namingVariants(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) error.message += `\nvariants: ${variantsOfTest().join(" ")}`;
    throw error;
  }
}
