import {
  type EnumShape,
  type Field,
  type Fields,
  type FileShape,
  idText,
  type MapShape,
  type NumberShape,
  type ObjectShape,
  type RefShape,
  type Shape,
  type StringShape,
} from "../../core/field.ts";

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
}

/** Where a text with `${…}` may stand for a value of another type. */
export const interpolation: Schema = {
  type: "string",
  pattern: "\\$\\{",
  description:
    "A text with `${var.…}` or `${each.…}`; with `${env.…}` only in sensitive fields, since that is a secret.",
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
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...(shape.exactlyOne && { oneOf: shape.exactlyOne.map((name) => ({ required: [name] })) }),
    ...(context.form === "strict" && computed.length > 0 && { computed }),
    ...expect({ type: "object", ...shape }, context),
  };
}

/** Describes what a field may hold. */
export function fieldSchema(field: Field, context: SchemaContext): Schema {
  return {
    ...describe([field.description, ...(field.inManifests ? [field.inManifests] : [])].join(" ")),
    ...withoutUndefined({ default: field.default }),
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
      return stringSchema(shape, context);
    case "enum":
      return enumSchema(shape, context);
    case "integer":
    case "number":
      return orDuration(shape, orInterpolation(numberSchema(shape, context), context), context);
    case "boolean":
      return orInterpolation({ type: "boolean", ...expect(shape, context) }, context);
    case "file":
      return { type: "string", minLength: 1, ...expect(shape, context), ...exampleFile(shape, context) };
    case "ref":
      return choice(
        referenceSchema(shape, context),
        { type: "string", minLength: 1, ...expect(shape, context) },
        context,
      );
    case "list":
      return orInterpolation(listSchema(shape, context), context);
    case "map":
      return orInterpolation(
        {
          type: "object",
          ...(shape.keys && { propertyNames: keySchema(shape.keys, context) }),
          ...(shape.values && { additionalProperties: shapeSchema(shape.values, context) }),
          ...expect(shape, context),
        },
        context,
      );
    case "object":
      return orInterpolation(shorthandSchema(shape, context), context);
  }
}

const exampleFile = ({ extensions: [first = "txt"] }: FileShape, { form }: SchemaContext): Schema =>
  form === "strict" ? { example: `assets/x.${first.replace(/^\./u, "")}` } : {};

function enumSchema(shape: EnumShape, context: SchemaContext): Schema {
  const words = { enum: shape.values, ...expect(shape, context) };
  if (!shape.open) return orInterpolation(words, context);
  const other = { type: "string", minLength: 1, ...expect({ type: "string" }, context) };
  return context.form === "editor" ? anyOf(words, other) : other;
}

function stringSchema(shape: StringShape, context: SchemaContext): Schema {
  const { minLength, maxLength, pattern, format } = shape;
  const plain: Schema = {
    type: "string",
    ...withoutUndefined({ minLength, maxLength, pattern }),
    ...(shape.patternHint !== undefined && wordPattern(shape.patternHint(), context)),
    ...withoutUndefined({ format }),
    ...expect(shape, context),
  };
  const narrow = maxLength !== undefined || pattern !== undefined || format !== undefined;
  if (!shape.text) return narrow ? orInterpolation(plain, context) : plain;
  const file = {
    ...describe("The path of a UTF-8 file, relative to the project."),
    type: "string",
    minLength: 1,
    ...expect({ type: "string" }, context),
  };
  const form = { type: "object", properties: { file }, required: ["file"], additionalProperties: false };
  return choice(form, narrow ? orInterpolation(plain, context) : plain, context);
}

const keySchema = (
  { pattern, patternHint }: NonNullable<MapShape["keys"]>,
  context: SchemaContext,
): Schema => ({
  pattern,
  ...wordPattern(patternHint(), context),
});

/** Those keywords that have a value. */
const withoutUndefined = (keywords: Schema): Schema =>
  Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));

const wordPattern = (hint: string, { form }: SchemaContext): Schema =>
  form === "strict" ? { patternHint: hint } : { patternErrorMessage: `Expected ${hint}.` };

const numberSchema = ({ type, minimum, maximum, ...rest }: NumberShape, context: SchemaContext): Schema => ({
  type,
  ...withoutUndefined({ minimum, maximum }),
  ...expect({ type, ...rest }, context),
});

const duration: Schema = { type: "string", pattern: "^[0-9]+(\\.[0-9]+)?\\s*[smh]?$" };

const orDuration = (shape: NumberShape, schema: Schema, { form }: SchemaContext): Schema =>
  shape.duration && form === "editor" ? anyOf(schema, duration) : schema;

function listSchema(shape: Extract<Shape, { type: "list" }>, context: SchemaContext): Schema {
  const { minItems, maxItems } = shape;
  return {
    type: "array",
    items: shapeSchema(shape.items, context),
    ...withoutUndefined({ minItems, maxItems, uniqueItems: shape.unordered }),
    ...expect(shape, context),
  };
}

function shorthandSchema(shape: ObjectShape, context: SchemaContext): Schema {
  const whole = objectSchema(shape, context);
  const text = shape.textField === undefined ? undefined : shape.fields[shape.textField];
  if (text && context.form === "editor") return anyOf(shapeSchema(text, context), whole);
  if (!shape.shorthand) return whole;
  const words = { enum: Object.keys(shape.shorthand) };
  return context.form === "editor" ? anyOf(words, whole) : when({ type: "string" }, words, whole);
}

function referenceSchema({ kind, others = {} }: RefShape, context: SchemaContext): Schema {
  const id = {
    ...describe(`The id of a ${kind} that cozeform doesn't manage.`),
    ...stringSchema({ type: "string", ...idText }, context),
  };
  const lookup = {
    ...describe(`A ${kind} that cozeform doesn't manage, by what it is called.`),
    ...context.lookup(kind),
  };
  const named = Object.entries(others).map(([word, { kind: other }]) => {
    const text = { type: "string", minLength: 1, ...expect({ type: "string" }, context) };
    return [word, { ...describe(`The ${other} that makes the ${kind}, by its name.`), ...text }];
  });
  return {
    type: "object",
    properties: { id, lookup, ...Object.fromEntries(named) },
    additionalProperties: false,
    oneOf: ["id", "lookup", ...Object.keys(others)].map((word) => ({ required: [word] })),
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
  ...withoutUndefined({ else: rest }),
});

const orInterpolation = (schema: Schema, { form, literal }: SchemaContext): Schema =>
  form === "editor" && !literal ? anyOf(schema, { $ref: "#/$defs/interpolation" }) : schema;

const anyOf = (...schemas: readonly Schema[]): Schema => ({
  anyOf: schemas.flatMap((schema) => (Array.isArray(schema.anyOf) ? schema.anyOf : [schema])),
});

const expect = (shape: Shape, { form, manageable }: SchemaContext): Schema =>
  form === "strict" ? { expected: describeShape(shape, manageable) } : {};

function describeShape(shape: Shape, manageable: SchemaContext["manageable"]): string {
  switch (shape.type) {
    case "string":
      return shape.text ? "a string or {file: path}" : "a string";
    case "enum":
      return shape.values.length === 1
        ? JSON.stringify(shape.values[0])
        : `one of ${shape.values.join(", ")}`;
    case "integer":
      return "an integer";
    case "number":
      return shape.duration ? "a number of seconds or a duration, such as 90s" : "a number";
    case "boolean":
      return "true or false";
    case "ref":
      return describeReference(shape, manageable);
    case "file":
      return "the path of a file";
    case "list":
      return "a list";
    case "map":
      return "a map";
    case "object":
      if (shape.exactlyOne) return `a map with ${shape.exactlyOne.join(" or ")}`;
      if (shape.textField !== undefined) return "a text or a map";
      return shape.shorthand ? `a map or one of ${Object.keys(shape.shorthand).join(", ")}` : "a map";
  }
}

function describeReference({ kind, others = {} }: RefShape, manageable: SchemaContext["manageable"]): string {
  const named = manageable(kind) ? [`the name of a ${kind} manifest`] : [];
  const words = Object.keys(others).map((word) => `{${word}: name}`);
  return `${[...named, ...words, '{id: "…"}'].join(", ")} or {lookup: {…}}`;
}

/** The fields of a kind by which one of its objects can be looked up, each as a text; its holder by name or id. */
export function lookupSchema(
  names: readonly string[] | undefined,
  fields: Fields,
  context: SchemaContext,
): Schema {
  const strict = context.form === "strict";
  const text = { type: "string", minLength: 1, ...expect({ type: "string" }, context) };
  const common = { type: "object", minProperties: 1, ...(strict && { expected: "a map" }) };
  if (!names) return { ...common, additionalProperties: text };
  const property = (name: string): Schema => {
    const field = fields[name];
    if (field?.type !== "ref") return { ...describe(field?.description ?? ""), ...text };
    const expected = `the name of a ${field.kind} manifest or {id: "…"}`;
    const properties = { id: stringSchema({ type: "string", ...idText }, context) };
    const id = { type: "object", properties, minProperties: 1, additionalProperties: false };
    const holder = choice(id, { ...text, ...(strict && { expected }) }, context);
    return { ...describe(field.description), ...holder };
  };
  return {
    ...common,
    properties: Object.fromEntries(names.map((name) => [name, property(name)])),
    additionalProperties: false,
  };
}
