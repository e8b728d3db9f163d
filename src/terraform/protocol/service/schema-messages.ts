import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Attribute,
  type Attributes,
  type FunctionSchema,
  type Nested,
  type Schema,
  type Type,
  typeToJson,
} from "../../schema/attribute.ts";
import type {
  Schema_AttributeSchema as AttributeMessage,
  Schema_NestedBlockSchema as BlockMessage,
  FunctionSchema as FunctionMessage,
  SchemaSchema as SchemaMessage,
} from "../rpc/gen/tfplugin6_pb.js";
import {
  Schema_NestedBlock_NestingMode,
  Schema_Object_NestingMode,
  StringKind,
} from "../rpc/message-table.ts";

const nestings = {
  single: Schema_Object_NestingMode.SINGLE,
  list: Schema_Object_NestingMode.LIST,
  set: Schema_Object_NestingMode.SET,
  map: Schema_Object_NestingMode.MAP,
} as const satisfies { readonly [nesting in Nested["nesting"]]: number };

const typeBytes = (type: Type): Uint8Array => new TextEncoder().encode(typeToJson(type));

const markdown = (description: string) => ({ description, descriptionKind: StringKind.MARKDOWN });

/** A schema as the protocol describes it. */
export const toSchemaMessage = (schema: Schema): MessageInitShape<typeof SchemaMessage> => ({
  version: BigInt(schema.version),
  block: {
    version: BigInt(schema.version),
    attributes: toAttributeMessages(schema.attributes),
    blockTypes: toBlockMessages(schema.attributes),
    ...markdown(schema.description),
  },
});

const toAttributeMessages = (attributes: Attributes): MessageInitShape<typeof AttributeMessage>[] =>
  Object.entries(attributes)
    .filter(([, { block }]) => !block)
    .map(([name, attribute]) => toAttributeMessage(name, attribute));

const toBlockMessages = (attributes: Attributes): MessageInitShape<typeof BlockMessage>[] =>
  Object.entries(attributes).flatMap(([typeName, { block, type, description }]) => {
    if (!block || typeof type === "string" || !("nested" in type)) return [];
    const nesting = Schema_NestedBlock_NestingMode.SINGLE;
    const inner = { attributes: toAttributeMessages(type.nested.attributes), ...markdown(description) };
    return [{ typeName, nesting, block: inner }];
  });

function toAttributeMessage(name: string, attribute: Attribute): MessageInitShape<typeof AttributeMessage> {
  const { type, description, required, optional, computed, sensitive, writeOnly } = attribute;
  const nested = typeof type === "object" && "nested" in type ? type.nested : undefined;
  return {
    name,
    ...(nested
      ? {
          nestedType: {
            nesting: nestings[nested.nesting],
            attributes: toAttributeMessages(nested.attributes),
          },
        }
      : { type: typeBytes(type as Type) }),
    ...markdown(description),
    required: required === true,
    optional: optional === true,
    computed: computed === true,
    sensitive: sensitive === true,
    writeOnly: writeOnly === true,
  };
}

/** A function as the protocol describes it. */
export function toFunctionMessage(schema: FunctionSchema): MessageInitShape<typeof FunctionMessage> {
  const toParameter = ({ name, type, description }: FunctionSchema["parameters"][number]) => ({
    name,
    type: typeBytes(type),
    ...markdown(description),
  });
  return {
    parameters: schema.parameters.map(toParameter),
    ...(schema.variadic ? { variadicParameter: toParameter(schema.variadic) } : {}),
    return: { type: typeBytes(schema.returns) },
    summary: schema.summary,
    ...markdown(schema.description),
  };
}
