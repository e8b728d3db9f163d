import {
  type EnumShape,
  type Field,
  type Fields,
  type FileShape,
  idText,
  type NumberShape,
  type ObjectShape,
  type RefShape,
  type Shape,
  type StringShape,
} from "../../core/field.ts";
import { say } from "../../messages/text.ts";

/** A JSON Schema (draft 2020-12), or a part of one. */
export type Schema = { readonly [keyword: string]: unknown };

/**
 * `editor`: what users type, interpolations included. `strict`: what must hold once everything is put in; it
 * also carries words for messages (`expected`, `example`, `patternHint`, `computed`) and no alternatives, so that each fault shows once.
 */
export type Form = "editor" | "strict";

export interface SchemaContext {
  readonly form: Form;
  /** Describes `{lookup: …}` for an object of a kind. */
  readonly lookup: (kind: string) => Schema;
  /** Whether objects of a kind can have manifests. */
  readonly manageable: (kind: string) => boolean;
  /** Nothing is interpolated here. */
  readonly literal?: true | undefined;
  /** Outputs of other projects may stand for texts and references. */
  readonly outputs?: true | undefined;
}

/** What only messages need; editors don't read it. */
export const onlyStrict = <T>({ form }: { readonly form: Form }, value: T): T | undefined =>
  form === "strict" ? value : undefined;

/** Where a text with `${…}` may stand for a value of another type. */
export const interpolation: Schema = {
  type: "string",
  pattern: "\\$\\{",
  description:
    "A text with `${var.…}` or `${each.…}`; with `${env.…}` only in sensitive fields, since that is a secret.",
};

/** An output of another project, where a text or a reference may be one. */
export const projectOutput: Schema = {
  type: "object",
  properties: {
    project: { type: "string", minLength: 1, description: "The directory of another project." },
    output: { type: "string", minLength: 1, description: "An output of it: a declared name, or an address." },
    environment: {
      type: "string",
      minLength: 1,
      description: "Its environment; that of the same name by default.",
    },
  },
  required: ["project", "output"],
  additionalProperties: false,
  description: "A value from the state of another project: `{project: ../platform, output: Dataset.faq}`.",
};

/** Describes an object by its fields; those that only Coze sets aren't allowed. */
export function objectSchema(shape: Omit<ObjectShape, "type">, context: SchemaContext): Schema {
  const fields = Object.entries(shape.fields);
  const written = fields.filter(([, field]) => field.presence !== "computed");
  const named = (presence: Field["presence"]) =>
    fields.filter(([, field]) => field.presence === presence).map(([name]) => name);
  const computed = named("computed");
  const required = named("required");
  return {
    type: "object",
    properties: Object.fromEntries(written.map(([name, field]) => [name, fieldSchema(field, context)])),
    required: required.length > 0 ? required : undefined,
    additionalProperties: false,
    oneOf: shape.exactlyOne && requireOne(shape.exactlyOne),
    computed: onlyStrict(context, computed),
    expected: expect({ type: "object", ...shape }, context),
  };
}

/** Describes what a field may hold. */
export function fieldSchema(field: Field, context: SchemaContext): Schema {
  return {
    ...describe([field.description, field.inManifests ?? []].flat().join(" ")),
    default: field.default,
    ...shapeSchema(field, context),
  };
}

/** A description for editors that know Markdown and for those that don't. */
export const describe = (markdown: string): Schema => ({
  description: markdown.replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1"),
  markdownDescription: markdown,
});

/** Describes what a value of a shape may be. */
export function shapeSchema(shape: Shape, context: SchemaContext): Schema {
  switch (shape.type) {
    case "string":
      return orOutput(stringSchema(shape, context), context);
    case "enum":
      return enumSchema(shape, context);
    case "integer":
    case "number":
      return orDuration(shape, orInterpolation(numberSchema(shape, context), context), context);
    case "boolean":
      return orInterpolation({ type: "boolean", expected: expect(shape, context) }, context);
    case "file":
      return { ...nonEmptyText(context, shape), example: onlyStrict(context, exampleFile(shape)) };
    case "ref":
      return orOutput(
        choice(referenceSchema(shape, context), nonEmptyText(context, shape), context),
        context,
      );
    case "list":
      return orInterpolation(listSchema(shape, context), context);
    case "map":
      return orInterpolation(
        {
          type: "object",
          propertyNames: shape.keys && patternSchema(shape.keys, context),
          additionalProperties: shape.values && shapeSchema(shape.values, context),
          expected: expect(shape, context),
        },
        context,
      );
    case "object":
      return orInterpolation(shorthandSchema(shape, context), context);
  }
}

const exampleFile = ({ extensions: [first = "txt"] }: FileShape): string =>
  `assets/x.${first.replace(/^\./u, "")}`;

function enumSchema(shape: EnumShape, context: SchemaContext): Schema {
  const words = { enum: shape.values, expected: expect(shape, context) };
  if (!shape.open) return orInterpolation(words, context);
  const other = nonEmptyText(context);
  return context.form === "editor" ? anyOf(words, other) : other;
}

function stringSchema(shape: StringShape, context: SchemaContext): Schema {
  const { minLength, maxLength, pattern, format } = shape;
  const expected = expect(shape, context);
  const plain = { type: "string", minLength, maxLength, ...patternSchema(shape, context), format, expected };
  const narrow = maxLength !== undefined || pattern !== undefined || format !== undefined;
  if (shape.lookup !== undefined) {
    const properties = { id: plain, lookup: describeLookup(shape.lookup, context) };
    const form = {
      type: "object",
      properties,
      additionalProperties: false,
      oneOf: requireOne(["id", "lookup"]),
    };
    return choice(form, narrow ? orInterpolation(plain, context) : plain, context);
  }
  if (!shape.text) return narrow ? orInterpolation(plain, context) : plain;
  const file = { ...describe(say("manifest-schema/describe-text-file")), ...nonEmptyText(context) };
  const template = { ...describe(say("manifest-schema/describe-text-template")), ...nonEmptyText(context) };
  const form = {
    type: "object",
    properties: { file, template },
    additionalProperties: false,
    oneOf: requireOne(["file", "template"]),
  };
  return choice(form, narrow ? orInterpolation(plain, context) : plain, context);
}

const nonEmptyText = (context: SchemaContext, shape: Shape = { type: "string" }): Schema => ({
  type: "string",
  minLength: 1,
  expected: expect(shape, context),
});

const requireOne = (names: readonly string[]): readonly Schema[] =>
  names.map((name) => ({ required: [name] }));

function patternSchema(
  { pattern, patternHint }: Pick<StringShape, "pattern" | "patternHint">,
  { form }: SchemaContext,
): Schema {
  const expected = patternHint?.();
  if (form === "strict") return { pattern, patternHint: expected };
  return { pattern, patternErrorMessage: expected && say("manifest-schema/pattern-in-editor", { expected }) };
}

const numberSchema = ({ type, minimum, maximum, ...rest }: NumberShape, context: SchemaContext): Schema => ({
  type,
  minimum,
  maximum,
  expected: expect({ type, ...rest }, context),
});

const duration: Schema = { type: "string", pattern: "^[0-9]+(\\.[0-9]+)?\\s*[smh]?$" };

const orDuration = (shape: NumberShape, schema: Schema, { form }: SchemaContext): Schema =>
  shape.duration && form === "editor" ? anyOf(schema, duration) : schema;

function listSchema(shape: Extract<Shape, { type: "list" }>, context: SchemaContext): Schema {
  const { minItems, maxItems, unordered: uniqueItems } = shape;
  const items = shapeSchema(shape.items, context);
  return { type: "array", items, minItems, maxItems, uniqueItems, expected: expect(shape, context) };
}

function shorthandSchema(shape: ObjectShape, context: SchemaContext): Schema {
  const whole = objectSchema(shape, context);
  const text = shape.textField === undefined ? undefined : shape.fields[shape.textField];
  if (text && context.form === "editor") return anyOf(shapeSchema(text, context), whole);
  if (!shape.shorthand) return whole;
  const words = { enum: Object.keys(shape.shorthand) };
  return context.form === "editor" ? anyOf(words, whole) : when({ type: "string" }, words, whole);
}

const describeLookup = (kind: string, context: SchemaContext): Schema => ({
  ...describe(say("manifest-schema/describe-lookup", { kind })),
  ...context.lookup(kind),
});

function referenceSchema({ kind, others = {} }: RefShape, context: SchemaContext): Schema {
  const id = {
    ...describe(say("manifest-schema/describe-id", { kind })),
    ...stringSchema({ type: "string", ...idText }, context),
  };
  const lookup = describeLookup(kind, context);
  const named = Object.entries(others).map(([word, { kind: other }]) => [
    word,
    { ...describe(say("manifest-schema/describe-other", { other, kind })), ...nonEmptyText(context) },
  ]);
  return {
    type: "object",
    properties: { id, lookup, ...Object.fromEntries(named) },
    additionalProperties: false,
    oneOf: requireOne(["id", "lookup", ...Object.keys(others)]),
  };
}

/** An object form beside another one; told apart by type in `strict`, so that only the form in use is judged. */
function choice(object: Schema, other: Schema, { form }: SchemaContext): Schema {
  return form === "editor" ? anyOf(other, object) : when({ type: "object" }, object, other);
}

/** One schema for what fits a condition, and another for the rest. */
export const when = (condition: Schema, schema: Schema, rest?: Schema): Schema => ({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: schema,
  else: rest,
});

const orInterpolation = (schema: Schema, { form, literal }: SchemaContext): Schema =>
  form === "editor" && !literal ? anyOf(schema, { $ref: "#/$defs/interpolation" }) : schema;

const orOutput = (schema: Schema, { form, outputs }: SchemaContext): Schema =>
  form === "editor" && outputs ? anyOf(schema, { $ref: "#/$defs/output" }) : schema;

const anyOf = (...schemas: readonly Schema[]): Schema => ({
  anyOf: schemas.flatMap((schema) => (Array.isArray(schema.anyOf) ? schema.anyOf : [schema])),
});

const expect = (shape: Shape, context: SchemaContext): string | undefined =>
  onlyStrict(context, describeShape(shape, context.manageable));

function describeShape(shape: Shape, manageable: SchemaContext["manageable"]): string {
  switch (shape.type) {
    case "string":
      if (shape.lookup !== undefined) return say("manifest-schema/id-or-lookup");
      return say(shape.text ? "manifest-schema/string-or-file" : "manifest-schema/string");
    case "enum":
      return shape.values.length === 1
        ? JSON.stringify(shape.values[0])
        : say("core/one-of", { words: shape.values.join(", ") });
    case "number":
      return say(shape.duration ? "manifest-schema/duration" : "manifest-schema/number");
    case "ref":
      return describeReference(shape, manageable);
    case "boolean":
    case "file":
    case "integer":
    case "list":
    case "map":
      return say(`manifest-schema/value-${shape.type}`);
    case "object":
      if (shape.exactlyOne) return say("manifest-schema/map-of-one", { names: shape.exactlyOne.join(", ") });
      if (shape.textField !== undefined) return say("manifest-schema/string-or-map");
      return shape.shorthand
        ? say("manifest-schema/map-or-word", { words: Object.keys(shape.shorthand).join(", ") })
        : say("manifest-schema/value-map");
  }
}

function describeReference({ kind, others = {} }: RefShape, manageable: SchemaContext["manageable"]): string {
  const named = manageable(kind) ? [say("manifest-schema/manifest-name", { kind })] : [];
  const words = Object.keys(others).map((word) => `{${word}: …}`);
  return say("manifest-schema/reference", { forms: [...named, ...words, '{id: "…"}'].join(", ") });
}

/** The fields of a kind by which one of its objects can be looked up, each as a text; its holder by name or id. */
export function lookupSchema(
  names: readonly string[] | undefined,
  fields: Fields,
  context: SchemaContext,
  required: readonly string[] = [],
): Schema {
  const text = nonEmptyText(context);
  const common = { type: "object", minProperties: 1, expected: expect({ type: "map" }, context) };
  if (!names) return { ...common, additionalProperties: text };
  const property = (name: string): Schema => {
    const field = fields[name];
    if (field?.type !== "ref") return { ...describe(field?.description ?? ""), ...text };
    const expected = describeReference(field, context.manageable);
    const lookup = context.lookup(field.kind);
    const properties = { id: stringSchema({ type: "string", ...idText }, context), lookup };
    const id = { type: "object", properties, minProperties: 1, additionalProperties: false };
    const byName = context.form === "strict" ? { ...text, expected } : text;
    return { ...describe(field.description), ...choice(id, byName, context) };
  };
  return {
    ...common,
    properties: Object.fromEntries(names.map((name) => [name, property(name)])),
    required: required.length > 0 ? required : undefined,
    additionalProperties: false,
  };
}
