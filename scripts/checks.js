// Writes the checks of cozeform's own schemas as code, for the command's bundle: there they take no time to compile, and
// the compiler isn't loaded.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { _ } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";

/** The file of a check, from the folder of the bundle. */
const fileOf = (id) => `./ready-checks/${id.replace(".schema.json", "")}.js`;

/**
 * A module like src/core/compile-schema.ts that knows the checks of the schemas in `dist`, and no other. It loads each
 * from a file of its own: all of them are a megabyte, and most runs need two.
 */
export async function loadingChecks() {
  const { ownSchemas } = await import("../dist/core/compile-schema.js");
  const lines = Object.keys(ownSchemas).map((id) => `  "${id}": () => require("${fileOf(id)}"),`);
  return `import { findDuplicates } from "./src/core/unique-items.ts";
const checks = {
${lines.join("\n")}
};
export const compileSchema = (schema) => checks[schema.$id]()(schema, findDuplicates);
`;
}

/** Writes the files of the checks below a folder, and returns what esbuild put into them. */
export async function writeChecks(root, folder) {
  const { createCompiler, ownSchemas } = await import("../dist/core/compile-schema.js");
  const checks = (await listSchemas()).map((schema) => [schema.$id, writeCheck(schema, createCompiler)]);
  const missing = Object.keys(ownSchemas).filter((id) => !checks.some(([one]) => one === id));
  if (missing.length > 0) throw new Error(`scripts/checks.js lacks ${missing.join(", ")}`);
  await mkdir(join(folder, "ready-checks"), { recursive: true });
  const written = checks.map(async ([id, contents]) => {
    const { metafile, outputFiles } = await build({
      absWorkingDir: root,
      stdin: { contents, resolveDir: root },
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      minify: true,
      legalComments: "none",
      metafile: true,
      write: false,
    });
    await writeFile(join(folder, fileOf(id)), outputFiles[0].text);
    return metafile.inputs;
  });
  return Object.assign({}, ...(await Promise.all(written)));
}

async function listSchemas() {
  const { kinds } = await import("../dist/kinds/index.js");
  const { manifestSchema, projectSchema } = await import("../dist/manifest/schema/json-schema.js");
  const { appFileSchema } = await import("../dist/commands/app-file.js");
  const { editsSchema } = await import("../dist/commands/edit-file.js");
  const { faultsSchema } = await import("../dist/commands/fault-file.js");
  const { configSchema } = await import("../dist/commands/user-config.js");
  const { stateSchemas } = await import("../dist/state/schema.js");
  return [
    manifestSchema(kinds, { form: "strict" }),
    projectSchema("strict"),
    configSchema(),
    appFileSchema(),
    faultsSchema,
    editsSchema,
    ...Object.values(stateSchemas),
  ];
}

/** A module that makes a check of its schema. Errors refer to parts of that, so the code has none of its texts. */
function writeCheck(schema, createCompiler) {
  const ajv = createCompiler(schema, { source: true });
  const validate = ajv.compile(schema);
  const paths = pathsOf(schema);
  for (const { prefix, value } of valuesOf(validate.source)) {
    if (prefix === "schema") value.code = paths.get(value.ref);
    if (prefix === "keyword") value.code = _`findDuplicates`;
  }
  return `module.exports = (schema, findDuplicates) => {
  // This would be the compiler.
  const self = undefined;
  const module = {};
  ${standaloneCode(ajv, validate)}
  return module.exports;
};`;
}

/** What the code of a check and of those that it calls refers to. */
function valuesOf({ scopeValues }, found = new Set()) {
  for (const name of Object.values(scopeValues).flatMap((names) => [...names])) {
    if (found.has(name)) continue;
    found.add(name);
    const { ref } = name.value;
    const source = typeof ref === "function" ? ref.source : ref?.validate?.source;
    if (source) valuesOf(source, found);
  }
  return found;
}

/** The parts of a schema with the code that takes each from `schema`. */
function pathsOf(part, code = _`schema`, paths = new Map()) {
  if (typeof part !== "object" || part === null || paths.has(part)) return paths;
  paths.set(part, code);
  for (const [key, inner] of Object.entries(part)) pathsOf(inner, _`${code}[${key}]`, paths);
  return paths;
}
