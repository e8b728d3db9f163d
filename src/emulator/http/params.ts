import { refuseParameter } from "./envelope.ts";

/** The type and limits of a parameter. Unknown parameters are ignored, violations are refused with 4000. */
export type Rule = (
  | { readonly type: "text"; readonly min: number; readonly max: number }
  | { readonly type: "id" }
  | { readonly type: "choice"; readonly values: readonly (string | number)[] }
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  | { readonly type: "number"; readonly min?: number | undefined; readonly max?: number | undefined }
  | { readonly type: "flag" }
  | { readonly type: "map" }
  | { readonly type: "anything" }
  | { readonly type: "list"; readonly of: Rule; readonly min: number; readonly max: number }
  | { readonly type: "object"; readonly fields: Rules }
) & { readonly required?: true | undefined };

/** Parameters by name. */
export interface Rules {
  readonly [name: string]: Rule;
}

/** The type of the values that satisfy a rule. */
export type Value<R> = R extends { type: "text" | "id" }
  ? string
  : R extends { type: "choice"; values: readonly (infer V)[] }
    ? V
    : R extends { type: "integer" | "number" }
      ? number
      : R extends { type: "flag" }
        ? boolean
        : R extends { type: "map" }
          ? Record<string, unknown>
          : R extends { type: "anything" }
            ? unknown
            : R extends { type: "list"; of: infer I }
              ? Value<I>[]
              : R extends { type: "object"; fields: infer F }
                ? Values<F>
                : never;

/** The type of the objects that satisfy rules; only required fields are always present. */
export type Values<F> = {
  -readonly [K in keyof F as F[K] extends { required: true } ? K : never]: Value<F[K]>;
} & {
  -readonly [K in keyof F as F[K] extends { required: true } ? never : K]?: Value<F[K]>;
};

/** A string with a length in characters (not UTF-16 units: names are Chinese, emoji occur). */
export function text(min = 0, max = Number.POSITIVE_INFINITY) {
  return { type: "text", min, max } as const;
}

/** A decimal id, always a string on the wire: 19 digits do not fit a double. */
export const id = { type: "id" } as const;

/** One of the values listed. */
export function choice<const V extends readonly (string | number)[]>(...values: V) {
  return { type: "choice", values } as const;
}

/** An integer within limits. */
export function integer(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY) {
  return { type: "integer", min, max } as const;
}

/** Any number. */
export const number = { type: "number" } as const;

/** A number within limits. */
export function numberWithin(min: number, max: number) {
  return { type: "number", min, max } as const;
}

/** A boolean. */
export const flag = { type: "flag" } as const;

/** A JSON object whose keys are not checked. */
export const map = { type: "map" } as const;

/** Any value. */
export const anything = { type: "anything" } as const;

/** A list with a number of items within limits. */
export function list<const R extends Rule>(of: R, min = 0, max = Number.POSITIVE_INFINITY) {
  return { type: "list", of, min, max } as const;
}

/** An object with checked fields. */
export function object<const F extends Rules>(fields: F) {
  return { type: "object", fields } as const;
}

/** The same rule, but the parameter must be there. */
export function required<const R extends Rule>(rule: R) {
  return { ...rule, required: true } as const;
}

/** Checks an object against rules and returns its known fields. `null` counts as absent. Throws a Refusal. */
export function readFields<const R extends Rules>(source: unknown, rules: R, path = ""): Values<R> {
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    refuseParameter(path || "body", "must be an object");
  }
  const given = new Map(Object.entries(source));
  const read: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const value = given.get(name);
    const field = path ? `${path}.${name}` : name;
    if (value !== undefined && value !== null) {
      read[name] = readValue(value, rule, field);
    } else if (rule.required) {
      refuseParameter(field, "is required");
    }
  }
  return read as Values<R>;
}

/** Refuses fields that no rule names, also within lists and objects. Throws a Refusal. */
export function refuseUnknown(source: unknown, rules: Rules, path = ""): void {
  if (typeof source !== "object" || source === null) return;
  for (const [name, value] of Object.entries(source)) {
    const field = path ? `${path}.${name}` : name;
    const rule = rules[name];
    if (!rule) refuseParameter(field, "is unknown");
    refuseUnknownWithin(value, rule, field);
  }
}

function refuseUnknownWithin(value: unknown, rule: Rule, field: string): void {
  if (rule.type === "object") refuseUnknown(value, rule.fields, field);
  if (rule.type !== "list" || !Array.isArray(value)) return;
  for (const [index, item] of value.entries()) refuseUnknownWithin(item, rule.of, `${field}[${index}]`);
}

/** Checks query parameters, which are text; an empty one counts as absent. Throws a Refusal. */
export function readQuery<const R extends Rules>(query: URLSearchParams, rules: R): Values<R> {
  const given: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const written = query.get(name);
    if (written) given[name] = parseQueryText(written, rule);
  }
  return readFields(given, rules);
}

function parseQueryText(written: string, rule: Rule): unknown {
  switch (rule.type) {
    case "integer":
    case "number":
      return /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : written;
    case "choice":
      return rule.values.find((value) => String(value) === written) ?? written;
    case "flag":
      return written === "true" || (written === "false" ? false : written);
    case "list":
      return written.split(",").map((item) => parseQueryText(item, rule.of));
    default:
      return written;
  }
}

function readValue(value: unknown, rule: Rule, field: string): unknown {
  switch (rule.type) {
    case "text":
      return checkText(value, rule, field);
    case "id":
      return typeof value === "string" && /^\d+$/.test(value)
        ? value
        : refuseParameter(field, "must be an id: a string of digits");
    case "choice":
      return rule.values.some((allowed) => allowed === value)
        ? value
        : refuseParameter(field, `must be one of ${rule.values.join(", ")}`);
    case "integer":
      return checkInteger(value, rule, field);
    case "number":
      return typeof value === "number" ? value : refuseParameter(field, "must be a number");
    case "flag":
      return typeof value === "boolean" ? value : refuseParameter(field, "must be a boolean");
    case "map":
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? value
        : refuseParameter(field, "must be an object");
    case "anything":
      return value;
    case "list":
      return checkList(value, rule, field);
    case "object":
      return readFields(value, rule.fields, field);
  }
}

function checkText(value: unknown, rule: { min: number; max: number }, field: string): string {
  if (typeof value !== "string") refuseParameter(field, "must be a string");
  const length = [...value].length;
  if (length < rule.min) refuseParameter(field, `must have at least ${rule.min} characters`);
  if (length > rule.max) refuseParameter(field, `must have at most ${rule.max} characters, got ${length}`);
  return value;
}

function checkInteger(value: unknown, rule: { min: number; max: number }, field: string): number {
  if (typeof value !== "number" || !Number.isInteger(value)) refuseParameter(field, "must be an integer");
  if (value < rule.min || value > rule.max) {
    refuseParameter(field, `must be between ${rule.min} and ${rule.max}, got ${value}`);
  }
  return value;
}

function checkList(value: unknown, rule: { of: Rule; min: number; max: number }, field: string): unknown[] {
  if (!Array.isArray(value)) refuseParameter(field, "must be a list");
  if (value.length < rule.min || value.length > rule.max) {
    refuseParameter(field, `must have ${rule.min} to ${rule.max} items, got ${value.length}`);
  }
  return value.map((item, index) => readValue(item, rule.of, `${field}[${index}]`));
}

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema of an object with rules for its keys; `expected` describes valid values for messages. */
export function objectSchema(fields: Rules, more: Schema = {}): Schema {
  const entries = Object.entries(fields);
  return {
    type: "object",
    properties: {
      ...more,
      ...Object.fromEntries(entries.map(([name, rule]) => [name, valueSchema(rule)])),
    },
    required: entries.filter(([, rule]) => rule.required).map(([name]) => name),
    additionalProperties: false,
    expected: "a map",
  };
}

function valueSchema(rule: Rule): Schema {
  switch (rule.type) {
    case "text":
      return { type: "string", ...(rule.min > 0 && { minLength: rule.min }), expected: "a text" };
    case "choice":
      return { enum: rule.values, expected: `one of ${rule.values.join(", ")}` };
    case "flag":
      return { type: "boolean", expected: "true or false" };
    case "integer":
    case "number":
      return {
        type: rule.type,
        ...(Number.isFinite(rule.min) && { minimum: rule.min }),
        ...(Number.isFinite(rule.max) && { maximum: rule.max }),
        expected: rule.type === "integer" ? "a whole number" : "a number",
      };
    case "list":
      return { type: "array", items: valueSchema(rule.of), minItems: rule.min, expected: "a list" };
    case "object":
      return objectSchema(rule.fields);
    case "map":
      return { type: "object", expected: "a map" };
    case "anything":
      return {};
    default:
      throw new Error(`no file has a field of type ${rule.type}`);
  }
}
