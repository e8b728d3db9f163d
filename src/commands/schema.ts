import { kinds } from "../kinds/index.ts";
import { schemaFiles } from "../manifest/schema/json-schema.ts";

/** Generates the JSON Schema files of manifests and of the project file from the kinds, by file name. */
export function writeSchemas(): { readonly [file: string]: string } {
  const files = Object.entries(schemaFiles(kinds));
  return Object.fromEntries(files.map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]));
}
