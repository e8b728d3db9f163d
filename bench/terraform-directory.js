// Directories for the real terraform: configurations with states that a script wrote, as applying 10,000 resources
// takes terraform an hour.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { measure } from "./measured-process.js";
import { watchProvider } from "./provider-memory.js";

const provider = resolve(import.meta.dirname, "../dist/terraform/terraform-provider-coze.cjs");
const providerName = "terraform-provider-coze.cjs";
const dataProvider = 'provider["terraform.io/builtin/terraform"]';

/** Terraform that takes the built provider from a folder below `directory`; it returns the costs of a command. */
export function openTerraform(directory, env = {}) {
  const folder = join(directory, "provider");
  mkdirSync(folder, { recursive: true });
  symlinkSync(provider, join(folder, providerName));
  const settings = join(directory, "terraform.rc");
  writeFileSync(
    settings,
    `provider_installation {\n  dev_overrides { "cozeform/coze" = "${folder}" }\n  direct {}\n}\n`,
  );
  const all = { HOME: directory, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: settings, ...env };
  return async (where, ...args) => {
    const command = ["terraform", `-chdir=${where}`, ...args, "-no-color"];
    const { seen, ...cost } = await measure(command, {
      env: all,
      whileRunning: (child, ended) => watchProvider(child.pid, ended, providerName),
    });
    return { ...cost, memoryMb: seen };
  };
}

/** Whether there is a terraform on the PATH. */
export const hasTerraform = () =>
  measure(["terraform", "version"]).then(
    () => true,
    () => false,
  );

/** The type of a value in the words of Terraform's states. */
function typeOf(value) {
  if (Array.isArray(value)) return ["tuple", value.map(typeOf)];
  if (typeof value !== "object") return typeof value;
  return ["object", Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, typeOf(inner)]))];
}

const writeState = (directory, resources) =>
  writeFileSync(
    join(directory, "terraform.tfstate"),
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      serial: 1,
      lineage: "6c9bd4a3-5a24-4b9b-8d5c-1c1c1c1c1c1c",
      outputs: {},
      resources,
      check_results: null,
    }),
  );

function dataInstance(input, number, index) {
  const value = { value: input, type: typeOf(input) };
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return {
    ...index,
    schema_version: 0,
    attributes: { id, input: value, output: value, triggers_replace: null },
    sensitive_attributes: [],
  };
}

const dataResource = (name, instances) => ({
  mode: "managed",
  type: "terraform_data",
  name,
  provider: dataProvider,
  instances,
});

/**
 * Writes a block of terraform_data for each input, and their state. Blocks take terraform a third of the time that
 * `for_each` over the same inputs takes.
 */
export function writeDataBlocks(directory, inputs) {
  mkdirSync(directory, { recursive: true });
  const blocks = Object.fromEntries(inputs.map((input, number) => [`d${number}`, { input }]));
  const configuration = JSON.stringify({ resource: { terraform_data: blocks } });
  // Terraform reads these as templates.
  writeFileSync(
    join(directory, "main.tf.json"),
    configuration.replaceAll("${", () => "$${"),
  );
  writeState(
    directory,
    inputs.map((input, number) => dataResource(`d${number}`, [dataInstance(input, number, {})])),
  );
}

/** Writes `count` bots that differ in their names, with a prompt. */
export function writeBots(directory, count, prompt) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "main.tf"),
    `terraform {
  required_providers { coze = { source = "cozeform/coze" } }
}
provider "coze" { requests_per_second = 1000000 }
resource "coze_workspace" "w" {
  name        = "空间"
  description = "测试"
}
resource "coze_bot" "b" {
  count     = ${count}
  workspace = coze_workspace.w.id
  name      = "助手\${count.index}"
  prompt    = "${prompt}"
}
`,
  );
}

/** Makes a state with one applied bot one with many, which have these ids. Returns their attributes. */
export function repeatBot(directory, ids) {
  const file = join(directory, "terraform.tfstate");
  const state = JSON.parse(readFileSync(file, "utf8"));
  const bots = state.resources.find(({ type }) => type === "coze_bot");
  const [first] = bots.instances;
  bots.instances = ids.map((id, number) => ({
    ...first,
    index_key: number,
    attributes: { ...first.attributes, id, name: `助手${number}` },
  }));
  writeFileSync(file, JSON.stringify(state));
}

/** Writes as much terraform_data as {@link writeBots} writes bots, with the same attributes as `input`. */
export function writeDataLikeBots(directory, count, prompt, workspace) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "main.tf"),
    `resource "terraform_data" "d" {
  count = ${count}
  input = {
    workspace = "${workspace}"
    name      = "助手\${count.index}"
    prompt    = "${prompt}"
  }
}
`,
  );
  const instances = Array.from({ length: count }, (_, number) =>
    dataInstance({ workspace, name: `助手${number}`, prompt }, number, { index_key: number }),
  );
  writeState(directory, [dataResource("d", instances)]);
}
