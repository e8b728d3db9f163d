import type { Field, Fields } from "../../core/field.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { kinds } from "../../kinds/index.ts";
import type { FunctionSchema, ProviderSchema, Schema } from "../schema/attribute.ts";
import { resourceType } from "../schema/names.ts";
import { jwtSettings, plainSettings, type Setting } from "../schema/settings.ts";
import { codeBlock, frontMatter, joinBlocks, section } from "./markdown.ts";
import { describeImport, writeNotes } from "./notes.ts";
import { describeSchema, formatType } from "./schema-section.ts";

/** The text of an example by its path below `examples`; undefined when there is none. */
export type Examples = (path: string) => string | undefined;

/** The provider's pages in the layout of Terraform's registry, by their paths below `docs`. */
export function writePages(schema: ProviderSchema, examples: Examples): { readonly [path: string]: string } {
  const pages = [
    ["index.md", indexPage(schema.provider, examples)],
    ...Object.entries(schema.resources).map(
      ([type, one]) => [`resources/${fileOf(type)}`, resourcePage(type, one, examples)] as const,
    ),
    ...Object.entries(schema.dataSources).map(
      ([type, one]) => [`data-sources/${fileOf(type)}`, dataSourcePage(type, one, examples)] as const,
    ),
    ...Object.entries(schema.functions).map(
      ([name, one]) => [`functions/${name}.md`, functionPage(name, one, examples)] as const,
    ),
  ];
  return Object.fromEntries(pages.map(([path, text]) => [path, `${text}\n`]));
}

const fileOf = (type: string): string => `${type.replace(/^coze_/u, "")}.md`;

function kindOf(type: string): KindSchema {
  const kind = kinds.find((one) => resourceType(one) === type);
  if (!kind) throw new Error(`there is no kind for ${type}`);
  return kind;
}

const usage = (text: string | undefined): string | undefined =>
  section("Example Usage", text && codeBlock("terraform", text));

function resourcePage(type: string, { description, attributes }: Schema, examples: Examples): string {
  const kind = kindOf(type);
  const folder = `resources/${type}`;
  const imports = examples(`${folder}/import.sh`);
  const notes = writeNotes(kind, kinds).map((note) => `- ${note}`);
  return joinBlocks([
    frontMatter(`${type} Resource - coze`, description),
    `# ${type} (Resource)`,
    description,
    usage(examples(`${folder}/resource.tf`)),
    section("Good to Know", notes.join("\n")),
    describeSchema(attributes, kind.fields),
    section("Import", joinBlocks([describeImport(kind), imports && codeBlock("shell", imports)])),
  ]);
}

function dataSourcePage(type: string, { description, attributes }: Schema, examples: Examples): string {
  return joinBlocks([
    frontMatter(`${type} Data Source - coze`, description),
    `# ${type} (Data Source)`,
    description,
    usage(examples(`data-sources/${type}/data-source.tf`)),
    describeSchema(attributes, {}),
  ]);
}

function functionPage(name: string, schema: FunctionSchema, examples: Examples): string {
  const { summary, description, parameters, variadic, returns } = schema;
  const signature = [
    ...parameters.map((one) => `${one.name} ${formatType(one.type).toLowerCase()}`),
    ...(variadic ? [`${variadic.name} ${formatType(variadic.type).toLowerCase()}...`] : []),
  ];
  const listed = [
    ...parameters.map((one) => `1. \`${one.name}\` (${formatType(one.type)}) ${one.description}`),
    ...(variadic
      ? [`1. \`${variadic.name}\` (Variadic, ${formatType(variadic.type)}) ${variadic.description}`]
      : []),
  ];
  return joinBlocks([
    frontMatter(`${name} function - coze`, summary),
    `# function: ${name}`,
    summary,
    description,
    usage(examples(`functions/${name}/function.tf`)),
    section(
      "Signature",
      codeBlock("text", `${name}(${signature.join(", ")}) ${formatType(returns).toLowerCase()}`),
    ),
    section("Arguments", listed.join("\n")),
  ]);
}

const conventions = [
  "An attribute that isn't configured isn't managed: it keeps Coze's value, and a new object gets the default. An attribute that is removed from the configuration returns to its default.",
  "Spaces and datasets are listed once per run, and bots that didn't change aren't read. Members and documents are sent in batches.",
  "Coze's errors are reported with their code and logid, at the attribute that they are about.",
  "A creation that fails halfway is in the state, and the next apply continues it. If that apply ends before it reaches the object, for example because something that the bot now needs fails, the bot is no longer in the state: a warning gives the id to import. If the answer to a creation was lost, the object is searched for before the creation is repeated.",
  'In `terraform test`, give mocked resources an id of digits: `mock_resource "coze_workspace" { defaults = { id = "7512000000000000001" } }`.',
  "Tokens and keys are in no state, plan or log. Sensitive attributes are in the state; write-only attributes are stored nowhere.",
  'A plan reports objects that exist already, with their id for an `import` block: Coze allows two bots of one name. After a hard kill these can be objects that an earlier run made and the state lacks: with `existing = "error"` a rerun makes nothing twice and says what to import, with `"adopt"` it takes them into the state.',
  'Terraform silently drops a misspelt attribute inside an object: `model = { id = "…", temprature = 0.3 }` plans no `temperature`. It reports only a resource\'s own attributes, and required ones that are missing.',
];

function indexPage({ description, attributes }: Schema, examples: Examples): string {
  const settings = {
    ...withoutDefaults(plainSettings),
    jwt: {
      type: "object",
      presence: "optional",
      description: attributes.jwt?.description ?? "",
      fields: withoutDefaults(jwtSettings),
    },
  } as const;
  return joinBlocks([
    frontMatter("coze Provider", description),
    "# coze Provider",
    description,
    "The provider is one script that runs in Node.js 20.19 or later, on Linux and macOS; `node` must be on the PATH where Terraform (1.8 or later) or OpenTofu runs.",
    usage(examples("provider/provider.tf")),
    section(
      "Authentication",
      "A token in `COZE_API_TOKEN` is enough for the block above. Alternatively, `jwt` names an OAuth app that signs its own tokens, which expire after minutes.",
    ),
    section("Good to Know", conventions.map((line) => `- ${line}`).join("\n")),
    describeSchema(attributes, settings),
  ]);
}

/** Settings' descriptions in the schema hold their defaults already. */
function withoutDefaults(settings: { readonly [name: string]: Setting }): Fields {
  const entries = Object.entries(settings).map(
    ([name, { default: _, ...rest }]) => [name, rest as Field] as const,
  );
  return Object.fromEntries(entries);
}
