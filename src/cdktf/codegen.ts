import type { Attribute, Attributes, ProviderSchema, Schema, Type } from "../terraform/schema/attribute.ts";
import { camelCase, pascalCase } from "./runtime/config.ts";
import { isConfigurable, nestedOf } from "./runtime/synthesize.ts";

/** Declares the class of one type. */
interface Declared {
  /** Terraform's name of the type. */
  readonly type: string;
  readonly className: string;
  readonly schema: Schema;
  readonly role: Role;
}

/** How the classes of a role begin: their base, what gives them their members, and CDKTF's arguments for each. */
interface Role {
  readonly base: string;
  readonly expose: string;
  readonly meta?: string;
  /** Whether reading a property gives a token of Terraform's. */
  readonly hasTokens: boolean;
}

const roles = {
  resource: {
    base: "CozeResource",
    expose: "exposeResource",
    meta: "TerraformMetaArguments",
    hasTokens: true,
  },
  dataSource: {
    base: "CozeDataSource",
    expose: "exposeDataSource",
    meta: "TerraformMetaArguments",
    hasTokens: true,
  },
  provider: { base: "CozeProviderBase", expose: "exposeProvider", hasTokens: false },
} as const satisfies { readonly [role: string]: Role };

/**
 * The classes of a provider's schema as TypeScript, by file: what configurations take and constructs tell, with the
 * names that `cdktf get` would give. What they do is in the runtime.
 */
export function generateConstructs(schema: ProviderSchema): { readonly [file: string]: string } {
  const all: readonly Declared[] = [
    { type: "coze", className: "CozeProvider", schema: schema.provider, role: roles.provider },
    ...Object.entries(schema.resources).map(([type, one]) => ({
      type,
      className: pascalCase(type.replace(/^coze_/u, "")),
      schema: one,
      role: roles.resource,
    })),
    ...Object.entries(schema.dataSources).map(([type, one]) => ({
      type,
      className: pascalCase(`data_${type}`),
      schema: one,
      role: roles.dataSource,
    })),
  ];
  const index = all.map(({ className }) => `export * from "./${fileOf(className)}.ts";\n`).sort();
  return {
    "index.ts": `${notice}${index.join("")}`,
    ...Object.fromEntries(all.map((one) => [`${fileOf(one.className)}.ts`, declareFile(one)])),
  };
}

const notice = "// Made from the kinds by npm run generate: change those, and run it again.\n";

const fileOf = (className: string): string => className.replace(/(?<=[a-z0-9])[A-Z]/gu, "-$&").toLowerCase();

function declareFile(declared: Declared): string {
  const text = [
    declareConfig(declared),
    ...declareObjects(declared.className, declared.schema.attributes, declared.role.hasTokens),
    declareClass(declared),
  ].join("\n\n");
  return `${notice}${importsOf(declared, text)}\n\n${text}\n`;
}

function importsOf({ role }: Declared, text: string): string {
  const used = (names: readonly string[]) =>
    names.filter((name) => new RegExp(`\\b${name}\\b`, "u").test(text));
  const types = used(["ComplexList", "ComplexObject", "IResolvable", "TerraformMetaArguments"]);
  const runtime = [role.base, role.expose, ...used(["Reference"]).map((name) => `type ${name}`)].sort();
  return [
    ...(types.length > 0 ? [`import type { ${types.join(", ")} } from "cdktf";`] : []),
    'import type { Construct } from "constructs";',
    `import { ${runtime.join(", ")} } from "../runtime/constructs.ts";`,
  ].join("\n");
}

function declareConfig({ className, schema, role }: Declared): string {
  const own = declareInputs(className, schema.attributes);
  const alias = role.meta
    ? []
    : [documented("Name of this one, where there are several.", "readonly alias?: string | undefined;")];
  return declareInterface(`${className}Config`, role.meta, `Configuration of {@link ${className}}.`, [
    ...own,
    ...alias,
  ]);
}

function declareInterface(
  name: string,
  base: string | undefined,
  about: string | undefined,
  members: readonly string[],
): string {
  const head = `export interface ${name}${base ? ` extends ${base}` : ""} {`;
  const body = members.map((member) => indent(member)).join("\n");
  const text = `${head}\n${body}\n}`;
  return about ? documented(about, text) : text;
}

const declareInputs = (owner: string, attributes: Attributes): readonly string[] =>
  Object.entries(attributes)
    .filter(([, attribute]) => isConfigurable(attribute))
    .map(([name, attribute]) => {
      const type = inputType(owner, name, attribute);
      const typed = attribute.required ? `: ${type}` : `?: ${type} | undefined`;
      return documented(attribute.description, `readonly ${camelCase(name)}${typed};`);
    });

/** The interfaces of the objects in an object: what is given for them, and what stands for them. */
function declareObjects(owner: string, attributes: Attributes, hasTokens: boolean): readonly string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const nested = nestedOf(attribute);
    if (!nested) return [];
    const own = `${owner}${pascalCase(name)}`;
    const inputs = isConfigurable(attribute)
      ? [declareInterface(own, undefined, attribute.description, declareInputs(own, nested.attributes))]
      : [];
    const reference = `${own}OutputReference`;
    const outputs = hasTokens
      ? [
          declareInterface(
            reference,
            "ComplexObject",
            undefined,
            declareMembers(own, nested.attributes, true),
          ),
        ]
      : [];
    const list =
      hasTokens && nested.nesting !== "single"
        ? [declareInterface(`${own}List`, "ComplexList", undefined, [`get(index: number): ${reference};`])]
        : [];
    return [...inputs, ...outputs, ...list, ...declareObjects(own, nested.attributes, hasTokens)];
  });
}

/** What can be done with each attribute of an object. */
const declareMembers = (owner: string, attributes: Attributes, hasTokens: boolean): readonly string[] =>
  Object.entries(attributes).flatMap(([name, attribute]) => declareMember(owner, name, attribute, hasTokens));

function declareMember(
  owner: string,
  name: string,
  attribute: Attribute,
  hasTokens: boolean,
): readonly string[] {
  const property = camelCase(name);
  const input = inputType(owner, name, attribute);
  const output = hasTokens ? outputType(owner, name, attribute) : `${input} | undefined`;
  const reading = documented(attribute.description, `get ${property}(): ${output};`);
  if (!isConfigurable(attribute)) return [reading];
  const isPut = hasTokens && nestedOf(attribute) !== undefined;
  return [
    reading,
    isPut
      ? `put${pascalCase(name)}(value: ${input}): void;`
      : `set ${property}(value: ${input}${hasTokens ? "" : " | undefined"});`,
    ...(attribute.optional ? [`reset${pascalCase(name)}(): void;`] : []),
    `readonly ${property}Input: ${input} | undefined;`,
  ];
}

function declareClass({ type, className, schema, role }: Declared): string {
  const isProvider = role === roles.provider;
  const needed = Object.values(schema.attributes).some(({ required }) => required);
  const members = declareMembers(className, schema.attributes, role.hasTokens);
  const construct = isProvider ? ["super(scope, id, config);"] : [`super(scope, id, "${type}", config);`];
  const lines = [
    `export interface ${className} {`,
    ...members.map(indent),
    "}",
    "",
    `/** ${inComment(schema.description)} */`,
    `export class ${className} extends ${role.base} {`,
    `  static ${isProvider ? "override " : ""}readonly tfResourceType = "${type}";`,
    ...(isProvider ? [] : [`  declare readonly terraformResourceType: "${type}";`]),
    "",
    `  constructor(scope: Construct, id: string, config: ${className}Config${needed ? "" : " = {}"}) {`,
    ...construct.map((line) => `    ${line}`),
    "  }",
    "}",
    "",
    `${role.expose}(${className});`,
  ];
  return lines.join("\n");
}

function inputType(owner: string, name: string, attribute: Attribute): string {
  const nested = nestedOf(attribute);
  if (nested) {
    const own = `${owner}${pascalCase(name)}`;
    return nested.nesting === "single" ? own : `readonly ${own}[] | IResolvable`;
  }
  const type = attribute.type as Type;
  if (type === "bool") return "boolean | IResolvable";
  if (typeof type === "string") return inputOf(type, attribute);
  const item = inputOf(elementOf(type), attribute);
  return `readonly ${item.includes(" | ") ? `(${item})` : item}[]`;
}

/** What is given for one value of a type without parts. */
function inputOf(type: Extract<Type, string>, { refersTo, json, words }: Attribute): string {
  if (refersTo) return `Reference<${oneOf(refersTo)}>`;
  if (json) return "string | { readonly [key: string]: unknown }";
  // Tokens are texts of any kind, so that the words can only be proposed.
  if (words) return `${oneOf(words)} | (string & {})`;
  return nameOf(type);
}

const oneOf = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(" | ");

const nameOf = (type: Extract<Type, string>): string => (type === "bool" ? "boolean" : type);

function elementOf(type: Exclude<Type, string>): Extract<Type, string> {
  const inner = "list" in type ? type.list : "set" in type ? type.set : undefined;
  if (typeof inner !== "string") throw new Error("constructs have no type for collections of collections");
  return inner;
}

function outputType(owner: string, name: string, attribute: Attribute): string {
  const nested = nestedOf(attribute);
  if (nested) return `${owner}${pascalCase(name)}${nested.nesting === "single" ? "OutputReference" : "List"}`;
  const type = attribute.type as Type;
  if (typeof type !== "string") return `${nameOf(elementOf(type))}[]`;
  return type === "bool" ? "IResolvable" : type;
}

const indent = (text: string): string => text.replace(/^(?=.)/gmu, "  ");

const inComment = (text: string): string => text.replaceAll("*/", "*\\/");

const documented = (about: string, text: string): string => `/** ${inComment(about)} */\n${text}`;
