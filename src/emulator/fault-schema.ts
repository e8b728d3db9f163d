import { callFields, faultFields } from "./fault-rules.ts";
import type { Rule, Rules } from "./params.ts";

type Schema = Readonly<Record<string, unknown>>;

const operationName = { type: "string", expected: "the name of an operation" };

const operationSchema: Schema = {
  if: { type: "array" },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { items: operationName, minItems: 1 },
  else: operationName,
};

/**
 * JSON Schema of a file of faults: a map with the list `faults`. Names of operations aren't checked. `expected`
 * says in words what a value must be.
 */
export const faultFileSchema: Schema = {
  type: "object",
  properties: { faults: { type: "array", items: ruleSchema(), expected: "a list of rules" } },
  required: ["faults"],
  additionalProperties: false,
  expected: "a map with the list faults",
};

function ruleSchema(): Schema {
  const names = Object.keys(faultFields);
  const choice = {
    operation: operationSchema,
    calls: { ...objectSchema(callFields), minProperties: 1 },
  };
  return {
    type: "object",
    properties: {
      operation: { expected: operationName.expected },
      fault: { enum: names, expected: `one of ${names.join(", ")}` },
    },
    required: ["operation", "fault"],
    allOf: Object.entries(faultFields).map(([name, fields]) => ({
      if: { type: "object", properties: { fault: { const: name } }, required: ["fault"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: objectSchema(fields, { fault: {}, ...choice }),
    })),
    expected: "a rule",
  };
}

function objectSchema(fields: Rules, more: Schema = {}): Schema {
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
      return { type: "string", expected: "a text" };
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
    default:
      throw new Error(`a rule of faults has no ${rule.type}`);
  }
}
