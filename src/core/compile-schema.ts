import type { DefinedError, Options, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { findDuplicates } from "./unique-items.ts";

/** The schemas of what cozeform reads, by their `$id`, and whether a check finds all faults or stops at the first. */
export const ownSchemas = {
  "manifest.schema.json": "all",
  "project.schema.json": "all",
  "user-config": "all",
  "oauth-app": "all",
  "fault-file": "all",
  "edit-file": "all",
  state: "first",
  "journal-header": "first",
  "journal-record": "first",
} as const;

/** One of cozeform's own schemas: JSON Schema, draft 2020-12. */
export interface OwnSchema {
  readonly $id: keyof typeof ownSchemas;
  readonly [keyword: string]: unknown;
}

/** What is wrong with a value by a schema; nothing of a valid one. */
export type Check = (value: unknown) => readonly DefinedError[];

/**
 * Makes the check for one of cozeform's own schemas; `schema` makes it when it is needed, at most once. The command has
 * these checks ready: its bundle has another file instead of this one, which scripts/checks.js writes.
 */
export function compileSchema(_id: OwnSchema["$id"], schema: () => OwnSchema): Check {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compile(schema());
    return validate(value) ? [] : ((validate.errors ?? []) as DefinedError[]);
  };
}

const compile = (schema: OwnSchema): ValidateFunction => createCompiler(schema).compile(schema);

/** The compiler of one of cozeform's own schemas; `onlyWhether`: its checks don't say what is wrong. */
export function createCompiler(
  { $id }: OwnSchema,
  {
    code = {},
    onlyWhether = false,
  }: { readonly code?: Options["code"]; readonly onlyWhether?: boolean } = {},
): Ajv2020 {
  const allErrors = ownSchemas[$id] === "all" && !onlyWhether;
  const lax = { strictTypes: false, strictRequired: false };
  // Checking our own schemas against the schema of schemas takes a good part of the start; a test does that.
  const ajv = new Ajv2020({
    allErrors,
    verbose: !onlyWhether,
    messages: !onlyWhether,
    inlineRefs: false,
    validateSchema: false,
    meta: false,
    code,
    ...lax,
  });
  ajv.addVocabulary(["expected", "example", "patternHint", "computed", "lookupOnly", "markdownDescription"]);
  formats.default(ajv, ["uri"]);
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword({ keyword: "uniqueItems", type: "array", schemaType: "boolean", validate: findDuplicates });
  return ajv;
}
