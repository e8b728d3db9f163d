import type { TerraformStory } from "../../support/terraform.ts";

/** Resources that several stories begin with, as HCL. */
export const blocks = {
  desk: `\
resource "coze_workspace" "desk" {
  name        = "客服空间"
  description = "客服"
}
`,
  lead: `\
resource "coze_workspace_member" "lead" {
  workspace = coze_workspace.desk.id
  user_id   = "1000000000000101"
  role      = "admin"
}
`,
  policies: `\
resource "coze_dataset" "policies" {
  workspace = coze_workspace.desk.id
  name      = "店铺政策"
  format    = "text"
}
`,
  returns: `\
resource "coze_document" "returns" {
  dataset = coze_dataset.policies.id
  name    = "退换货"
  source  = { url = "https://shop.example.com/returns" }
}
`,
  hook: `\
resource "coze_callback_app" "hook" {
  name         = "发布通知"
  callback_url = "https://hooks.example.com/coze"
  events       = ["bot.published"]
}
`,
};

/** The provider's configuration with a setting for what exists already. */
export const existing = (word: "warn" | "error" | "adopt") =>
  `provider "coze" {\n  existing = "${word}"\n}\n`;

/** A configuration of blocks, with an empty line between two. */
export const configure = (...parts: readonly string[]) => ({ "main.tf": parts.join("\n") });

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

/** The block that a warning of Terraform's proposes, as it is printed, for the resource at an address. */
export function proposedImport(text: string, address: string): string {
  const [block = "", ...others] = text.match(/^ *import \{[^}]*\}$/gmu) ?? [];
  if (block === "" || others.length > 0) throw new Error(`${others.length} other blocks than one:\n${text}`);
  return block.replace(/(?<=to = coze_[a-z_]+\.)NAME$/mu, address.split(".").at(-1) ?? "");
}

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
