// Writes the table of the messages of Terraform's protocol, which the provider reads and writes them by. The library that
// knows the protocol's own description takes longer to load than a plan of few resources takes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ScalarType } from "@bufbuild/protobuf";

const folder = join(fileURLToPath(new URL("..", import.meta.url)), "src/terraform/protocol/rpc");

/** Of the protocol's enumerations, those whose words the provider writes. */
const usedEnums = new Set([
  "StringKind",
  "Diagnostic_Severity",
  "Schema_NestedBlock_NestingMode",
  "Schema_Object_NestingMode",
]);

/** The text of `message-table.ts`. */
export async function describeMessages() {
  const [tfplugin6, plugin] = await Promise.all(
    ["tfplugin6", "plugin"].map(
      async (name) => (await import(pathToFileURL(join(folder, `gen/${name}_pb.js`)).href))[`file_${name}`],
    ),
  );
  const files = [tfplugin6, plugin];
  const own = files.flatMap(({ messages }) => messages.flatMap(withNested));
  const used = own.flatMap(({ fields }) => fields.flatMap(({ message }) => message ?? []));
  const messages = [...new Set([...own, ...used])];
  const methods = files.flatMap(({ services }) =>
    services.flatMap((service) =>
      service.methods
        .filter(({ methodKind }) => methodKind === "unary")
        .map((method) => [`/${service.typeName}/${method.name}`, method]),
    ),
  );
  const enums = [...tfplugin6.enums, ...messages.flatMap(({ nestedEnums }) => nestedEnums)].filter((one) =>
    usedEnums.has(nameOf(one)),
  );
  return `// Generated from the protocol's files by "npm run generate:rpc".

/** By message: a field's number, its name, its type, and whether it is one of many or of a choice. */
export const messages = {
${messages.map((message) => `  ${nameOf(message)}: ${JSON.stringify(message.fields.map(describeField).sort(([one], [other]) => one - other))},`).join("\n")}
} as const;

/** By the path that gRPC calls it with: a method's name in code, and the messages that it takes and gives. */
export const methods = {
${methods.map(([path, { localName, input, output }]) => `  ${JSON.stringify(path)}: ${JSON.stringify([localName, nameOf(input), nameOf(output)])},`).join("\n")}
} as const;
${enums.map((one) => `\nexport const ${nameOf(one)} = ${JSON.stringify(Object.fromEntries(one.values.map(({ localName, number }) => [localName, number])))} as const;\n`).join("")}`;
}

const withNested = (message) => [
  ...(message.proto.options?.mapEntry ? [] : [message]),
  ...message.nestedMessages.flatMap(withNested),
];

const nameOf = ({ typeName }) => typeName.replace(/^[^.]+\./u, "").replaceAll(".", "_");

function describeField(field) {
  const { number, localName, fieldKind, oneof, proto } = field;
  const row = (type, ...rest) => [number, localName, type, ...rest];
  switch (fieldKind) {
    case "scalar":
      if (proto.proto3Optional) return row(scalarOf(field.scalar), "optional");
      return row(scalarOf(field.scalar), ...(oneof ? [`oneof:${oneof.localName}`] : []));
    case "enum":
      return row("enum", ...(oneof ? [`oneof:${oneof.localName}`] : []));
    case "message":
      return row(nameOf(field.message), ...(oneof ? [`oneof:${oneof.localName}`] : []));
    case "list":
      if (field.listKind === "message") return row(nameOf(field.message), "list");
      if (!["string", "bytes"].includes(scalarOf(field.scalar))) break;
      return row(scalarOf(field.scalar), "list");
    case "map":
      if (scalarOf(field.mapKey) !== "string" || field.mapKind === "enum") break;
      return row(field.mapKind === "message" ? nameOf(field.message) : scalarOf(field.scalar), "map");
  }
  throw new Error(`${field} is of a kind that the provider doesn't read`);
}

function scalarOf(scalar) {
  const name = ScalarType[scalar].toLowerCase();
  if (!["string", "bytes", "bool", "int64", "int32"].includes(name))
    throw new Error(`the provider doesn't read ${name}`);
  return name;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(folder, "message-table.ts"), await describeMessages());
