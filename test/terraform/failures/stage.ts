import type { TerraformStory } from "../../support/terraform.ts";

/**
 * Errors and warnings as Terraform prints them, one line each; ids and logids are shown as `ID` and `LOGID`, so that
 * texts can be compared whole.
 */
export const complaintsIn = (text: string): readonly string[] =>
  text
    .split(/^(?=Error: |Warning: )/mu)
    .filter((part) => /^(Error|Warning): /u.test(part) && !part.startsWith(overridden))
    .map((part) => part.replaceAll(/\s+/gu, " ").trim())
    .map((part) => part.replaceAll(/\b\d{14}[0-9A-F]{12}\b/gu, "LOGID").replaceAll(/\b\d{19}\b/gu, "ID"));

const overridden = "Warning: Provider development overrides are in effect";

/** What the state holds, by address; with a mark where Terraform is going to replace it. */
export async function heldBy(story: TerraformStory): Promise<{ readonly [address: string]: string }> {
  const { values } = await story.state();
  const resources = values?.root_module.resources ?? [];
  return Object.fromEntries(
    resources.map(({ address, values: { id }, tainted }) => [
      address,
      `${id}${tainted === true ? " (tainted)" : ""}`,
    ]),
  );
}

/** What a run wrote at Coze: names of operations, in their order. */
export async function writesOf(
  story: TerraformStory,
  run: () => Promise<unknown>,
): Promise<readonly string[]> {
  const before = story.emulator.requests.length;
  await run();
  return story.emulator.requests
    .slice(before)
    .flatMap(({ writes, operation = "" }) => (writes ? [operation] : []));
}
