import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { say } from "../messages/text.ts";
import type { Values } from "./value.ts";

/** Something wrong with a JSON Schema; `path` leads there, as far as that is known. */
interface Fault {
  readonly message: string;
  readonly path: readonly string[];
}

/** A JSON Schema that is none: everything that is wrong with it, at least one fault. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ message }) => message).join("; "));
    this.faults = faults;
  }
}

/**
 * The test for a JSON Schema (draft 2020-12): what a value lacks, none when it is valid. Throws {@link SchemaFault}.
 * Words that mean nothing are faults, since a misspelt one would let everything through.
 */
export function compileReplySchema(schema: Values): (value: unknown) => readonly string[] {
  const senseless: string[] = [];
  const logger = { log: () => {}, warn: (text: unknown) => senseless.push(String(text)), error: () => {} };
  const lax = { strictTypes: false, strictTuples: false, strictRequired: false } as const;
  const ajv = new Ajv2020({ allErrors: true, strictSchema: "log", logger, ...lax });
  formats.default(ajv);
  const faults = findFaults(ajv, schema);
  if (faults.length > 0) throw new SchemaFault(faults);
  try {
    const validate = ajv.compile(schema);
    if (senseless.length === 0) {
      return (value) => (validate(value) ? [] : (validate.errors ?? []).map(describeLack));
    }
  } catch (error) {
    senseless.push((error as Error).message);
  }
  const messages = new Set(senseless.map((text) => text.replace(/^strict mode: /u, "")));
  throw new SchemaFault([...messages].map((message) => ({ message, path: [] })));
}

/** What the schema of schemas has against one; of places within each other the innermost counts. */
function findFaults(ajv: Ajv2020, schema: Values): readonly Fault[] {
  // Its test would answer with a promise, and a promise looks like a yes.
  if (schema.$async === true) return [{ message: say("core/async-schema"), path: ["$async"] }];
  try {
    ajv.validateSchema(schema);
  } catch {
    return [{ message: say("core/schema-draft"), path: ["$schema"] }];
  }
  const faults = new Map<string, Fault>();
  for (const error of ajv.errors ?? []) {
    const { instancePath, message = say("core/schema-invalid") } = error;
    if (!faults.has(instancePath)) faults.set(instancePath, { message, path: pathOf(error) });
  }
  const places = [...faults.keys()];
  return places.flatMap((place) =>
    places.some((other) => other.startsWith(`${place}/`)) ? [] : (faults.get(place) ?? []),
  );
}

function describeLack(error: ErrorObject): string {
  const { params, message = say("core/schema-invalid") } = error;
  const place = pathOf(error).join(".");
  const wanted: unknown = params.allowedValues ?? params.allowedValue;
  const values = wanted === undefined ? params.additionalProperty : JSON.stringify(wanted);
  const problem =
    values === undefined
      ? message
      : say("core/problem-with-values", { problem: message, values: String(values) });
  return place === ""
    ? say("core/answer-breaks-schema", { problem })
    : say("core/place-breaks-schema", { place, problem });
}

const pathOf = ({ instancePath }: ErrorObject): readonly string[] =>
  instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
