import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Values } from "./value.ts";

/** A JSON Schema that is none; `path` leads to the fault in it. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[]) {
    super(message);
    this.path = path;
  }
}

/**
 * The test for a JSON Schema (draft 2020-12): what a value lacks, none when it is valid. Throws {@link SchemaFault}.
 * Words that mean nothing are faults, since a misspelt one would let everything through.
 */
export function compileReplySchema(schema: Values): (value: unknown) => readonly string[] {
  const lax = { strictTypes: false, strictTuples: false, strictRequired: false } as const;
  const ajv = new Ajv2020({ allErrors: true, logger: false, ...lax });
  formats.default(ajv);
  ajv.validateSchema(schema);
  const [fault] = ajv.errors ?? [];
  if (fault) throw new SchemaFault(fault.message ?? "is wrong", pathOf(fault));
  try {
    const validate = ajv.compile(schema);
    return (value) => (validate(value) ? [] : (validate.errors ?? []).map(describeLack));
  } catch (error) {
    throw new SchemaFault(String((error as Error).message).replace(/^strict mode: /u, ""), []);
  }
}

function describeLack(error: ErrorObject): string {
  const { keyword, params } = error;
  const place = pathOf(error).join(".") || "it";
  const wanted: unknown = params.allowedValues ?? params.allowedValue;
  const more = keyword === "enum" || keyword === "const" ? `: ${JSON.stringify(wanted)}` : "";
  const unknown = keyword === "additionalProperties" ? `: ${String(params.additionalProperty)}` : "";
  return `${place} ${error.message ?? "isn't as the schema says"}${more}${unknown}`;
}

const pathOf = ({ instancePath }: ErrorObject): readonly string[] =>
  instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
