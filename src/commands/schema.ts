import { kinds } from "../kinds/index.ts";
import { type DefaultedFields, schemaFiles } from "../manifest/schema/json-schema.ts";

/**
 * Generates the JSON Schema files of manifests and of the project file from the kinds, by file name. What the defaults of
 * a project give isn't required in its manifests: `defaulted` has these fields by kind.
 */
export function writeSchemas(defaulted: DefaultedFields = {}): { readonly [file: string]: string } {
  const files = Object.entries(schemaFiles(kinds, defaulted));
  return Object.fromEntries(files.map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]));
}
