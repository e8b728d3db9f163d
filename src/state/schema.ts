import type { DefinedError } from "ajv";
import { type Check, compileSchema, type OwnSchema } from "../core/compile-schema.ts";
import { idText } from "../core/field.ts";
import { formatPath, type Path } from "../core/spec-walk.ts";
import type { Entry, Hold, Release, SideProduct } from "../kind/state-entry.ts";
import { say } from "../messages/text.ts";
import { type Promotion, stateFormat } from "./model.ts";

type Schema = { readonly [keyword: string]: unknown };

const text = { type: "string", minLength: 1 };
const id = { type: "string", pattern: idText.pattern };
const texts = { type: "array", items: text };
const hash = { type: "string", pattern: "^[\\da-f]{64}$" };
const object = (properties: Schema, required: readonly string[]): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const named = ($id: OwnSchema["$id"], schema: Schema): OwnSchema => ({ $id, ...schema });

const brought: Schema = {
  type: "array",
  items: object(
    { type: text, id, name: { type: "string" }, shared: { const: true } } satisfies {
      readonly [Part in keyof SideProduct]-?: Schema;
    },
    ["type", "id", "name"],
  ),
};

const entryProperties: { readonly [Part in keyof Entry]-?: Schema } = {
  kind: text,
  id,
  parent: id,
  status: { enum: ["ready", "incomplete", "pending", "tainted", "unknown"] },
  spec: { type: "object" },
  read: { type: "object", additionalProperties: object({ of: {}, is: {} }, ["of", "is"]) },
  done: texts,
  dependencies: texts,
  preventDestroy: { const: true },
  task: id,
  before: { type: "array", items: id },
  begun: { type: "number" },
  refusal: { type: "string" },
  brought,
  previous: { type: "array", items: object({ id, parent: id }, ["id"]) },
  kept: {
    type: "array",
    items: object({ id, parent: id, spec: { type: "object" }, brought }, ["id", "spec"]),
  },
  version: text,
  history: {
    type: "array",
    items: object(
      {
        at: { type: "number" },
        id,
        number: { type: "integer", minimum: 1 },
        promotion: { type: "integer", minimum: 1 },
        applied: { const: true },
        base: { const: true },
        from: text,
        version: text,
        revision: text,
        content: hash,
        spec: { type: "object" },
        managed: texts,
        undone: { const: true },
      } satisfies { readonly [Part in keyof Release]-?: Schema },
      ["at", "id"],
    ),
  },
  hold: object(
    { release: { type: "integer", minimum: 1 }, at: { type: "number" }, digest: hash } satisfies {
      readonly [Part in keyof Hold]-?: Schema;
    },
    ["release", "at", "digest"],
  ),
  restoring: { type: "number" },
  note: { type: "string" },
};

const entry: Schema = {
  ...object(entryProperties, ["kind", "status", "spec", "dependencies"]),
  // Only an object that may not exist yet has no id.
  anyOf: [
    { required: ["id"] },
    { properties: { status: { const: "unknown" } } },
    { properties: { status: { const: "pending" } }, required: ["task"] },
  ],
};

const files: Schema = {
  type: "object",
  additionalProperties: object({ id, uploaded: { type: "number" } }, ["id", "uploaded"]),
};

const promotion = object(
  {
    number: { type: "integer", minimum: 1 },
    from: text,
    begun: { type: "number" },
    open: { const: true },
    switching: { const: true },
    returning: texts,
  } satisfies { readonly [Part in keyof Promotion]-?: Schema },
  ["number", "from", "begun"],
);

const serial = { type: "integer", minimum: 0 };

const changes: Schema = { type: "object", additionalProperties: { anyOf: [entry, { type: "null" }] } };

/** The schemas of a state file, and of the first line of a journal and the others. */
export const stateSchemas = {
  state: named(
    "state",
    object(
      {
        format: { enum: [1, stateFormat] },
        lineage: text,
        serial,
        environment: text,
        endpoint: text,
        resources: { type: "object", additionalProperties: entry },
        files,
        promotion,
        unsaved: object(
          {
            run: text,
            before: changes,
            attempted: changes,
            promotions: { type: "array", items: { anyOf: [promotion, { type: "null" }] } },
          },
          ["before"],
        ),
      },
      ["format", "lineage", "serial", "environment", "endpoint", "resources", "files"],
    ),
  ),
  header: named(
    "journal-header",
    object({ format: { enum: [1, stateFormat] }, lineage: text, serial, endpoint: text, run: text }, [
      "lineage",
      "serial",
      "endpoint",
    ]),
  ),
  record: named(
    "journal-record",
    object(
      {
        note: { type: "string" },
        entries: { type: "object", additionalProperties: { ...entry, nullable: true } },
        files,
        promotion,
      },
      ["note"],
    ),
  ),
};

/** A part of a file that doesn't have the expected shape. */
export interface ShapeFault {
  readonly path: Path;
  /** The problem, with the path. */
  readonly message: string;
}

const checks = new Map<string, Check>();

/** The first fault in the shape of a state file, or of one line of a journal. */
export function findShapeFault(name: keyof typeof stateSchemas, value: unknown): ShapeFault | undefined {
  const schema = stateSchemas[name];
  const check = checks.get(name) ?? compileSchema(schema.$id, () => schema);
  checks.set(name, check);
  const [error] = check(value);
  if (!error) return undefined;
  const at = readPointer(value, error.instancePath);
  return { path: at, message: describeError(formatPath(at) || say("state/top-level"), error) };
}

function describeError(path: string, error: DefinedError): string {
  switch (error.keyword) {
    case "enum":
      return say("state/shape-not-in-list", { path, values: error.params.allowedValues.join(", ") });
    case "const":
      return say("state/shape-not-value", { path, value: JSON.stringify(error.params.allowedValue) });
    case "required":
      return say("state/shape-missing", { path, name: error.params.missingProperty });
    case "additionalProperties":
      return say("state/shape-unknown-key", { path, key: JSON.stringify(error.params.additionalProperty) });
    case "type":
      return say("state/shape-not-type", { path, type: [error.params.type].flat().join(" | ") });
    case "minLength":
      return say("state/shape-empty", { path });
    case "pattern":
      return say(error.params.pattern === hash.pattern ? "state/shape-not-hash" : "state/shape-not-id", {
        path,
      });
    default:
      return say("state/shape-unexpected", { path });
  }
}

/** A JSON pointer as a path into the value that it is about. */
function readPointer(root: unknown, pointer: string): Path {
  let value = root;
  return pointer
    .split("/")
    .slice(1)
    .map((step) => {
      const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
      const key = Array.isArray(value) ? Number(name) : name;
      value = (value as { readonly [key: string | number]: unknown })[key];
      return key;
    });
}
