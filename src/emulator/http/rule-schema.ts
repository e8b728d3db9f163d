import type { Rule, Rules } from "./params.ts";

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema of a map whose keys have rules; `expected` says in words what a value must be. */
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
