import { objectSchema, type Schema } from "../http/rule-schema.ts";
import { callFields, faultFields } from "./fault-rules.ts";

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
