import { kinds } from "../kinds/index.ts";
import { schemaFiles } from "../manifest/schema/json-schema.ts";

/** The JSON Schema files of manifests and project file, by file name, generated from the kinds. */
export function writeSchemas(): { readonly [file: string]: string } {
  const files = Object.entries(schemaFiles(kinds));
  return Object.fromEntries(files.map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]));
}
