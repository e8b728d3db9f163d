// Writes the checks of cozeform's own schemas as code, for the command's bundle: there they take no time to compile, and
// the compiler isn't loaded.
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { _, stringify } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";

/** The file of a check, from the folder of the bundle. */
const fileOf = (id) => `./ready-checks/${id.replace(".schema.json", "")}.js`;

/** Those of which most values are valid in most runs: a check that only says so is a third of the code, and comes first. */
const mostlyValid = ["manifest.schema.json", "project.schema.json"];
const validityFileOf = (id) => fileOf(`${id}.valid`.replace(".schema.json.valid", "-valid"));

/**
 * A module like src/core/compile-schema.ts that knows the checks of the schemas in `dist`, and no other. It loads each
 * from a file of its own: all of them are a megabyte, and most runs need two.
 */
export async function loadingChecks() {
  const { ownSchemas } = await import("../dist/core/compile-schema.js");
  const list = (ids, file) => ids.map((id) => `  "${id}": () => require("${file(id)}"),`).join("\n");
  return `import { findDuplicates } from "./src/core/unique-items.ts";
const checks = {
${list(Object.keys(ownSchemas), fileOf)}
};
const validities = {
${list(mostlyValid, validityFileOf)}
};
export function compileSchema(id, schema) {
  const isValid = validities[id]?.().isValid;
  let validate;
  return (value) => {
    if (isValid?.(value)) return [];
    validate ??= checks[id]()(schema(), findDuplicates);
    return validate(value) ? [] : validate.errors ?? [];
  };
}
`;
}

/** Writes the files of the checks below a folder, and returns what esbuild put into them. */
export async function writeChecks(root, folder) {
  const { createCompiler, ownSchemas } = await import("../dist/core/compile-schema.js");
  const schemas = await listSchemas();
  const checks = [
    ...schemas.map((schema) => [fileOf(schema.$id), writeCheck(schema, createCompiler)]),
    ...schemas
      .filter(({ $id }) => mostlyValid.includes($id))
      .flatMap((schema) => writeValidities(schema, createCompiler)),
  ];
  const missing = Object.keys(ownSchemas).filter((id) => !schemas.some(({ $id }) => $id === id));
  if (missing.length > 0) throw new Error(`scripts/checks.js lacks ${missing.join(", ")}`);
  await mkdir(join(folder, "ready-checks"), { recursive: true });
  const written = checks.map(async ([file, contents]) => {
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
      external: ["./manifest-valid.*"],
      plugins: [inQuickerWays(root)],
    });
    await writeFile(join(folder, file), outputFiles[0].text);
    return metafile.inputs;
  });
  return Object.assign({}, ...(await Promise.all(written)));
}

/** What Ajv does character by character, or with an expression that takes milliseconds to compile, done faster. */
const quicker = {
  "ajv/dist/runtime/ucs2length": `export { countCharacters as default } from "./dist/core/characters.js";`,
  // Nearly all addresses are of plain characters or contain an interpolation, and then they aren't addresses.
  "ajv-formats/dist/formats": `import { fullFormats as full } from "./node_modules/ajv-formats/dist/formats.js";
const plain = /^https?:\\/\\/[a-z\\d.-]+(?::\\d+)?(?:\\/[\\w.~-]*)*$/i;
export const fullFormats = { uri: (text) => plain.test(text) || (!text.includes("{") && full.uri(text)) };`,
};

const inQuickerWays = (root) => ({
  name: "in-quicker-ways",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^ajv/ }, ({ path, importer }) =>
      importer === "" || !importer.includes("node_modules")
        ? quicker[path] && { path, namespace: "quicker" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "quicker" }, ({ path }) => ({
      contents: quicker[path],
      resolveDir: root,
    }));
  },
});

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
  const ajv = createCompiler(schema, { code: { source: true } });
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

/**
 * The modules that only say whether a value is valid, by file. A manifest's specification has one for each kind, which is
 * loaded with the first manifest of that kind.
 */
function writeValidities({ allOf, ...schema }, createCompiler) {
  const file = validityFileOf(schema.$id);
  // Within another function, V8 would read the code twice before it runs.
  if (!allOf)
    return [[file, writeValidity(schema, createCompiler, (check) => `export { ${check} as isValid };`)]];
  const kinds = allOf.map((branch) => branch.if.properties.kind.const);
  const partOf = (kind) => file.replace(/\.js$/, `.${kind}.js`);
  const load = kinds.map((kind) => `  ${kind}: () => require("./${basename(partOf(kind))}"),`).join("\n");
  const whole = (check) => `const parts = {
${load}
};
const loaded = {};
export const isValid = (value) => ${check}(value) && (loaded[value.kind] ??= parts[value.kind]()).isValid(value.spec);`;
  const part = (check) => `export { ${check} as isValid };`;
  return [
    [file, writeValidity(schema, createCompiler, whole)],
    ...kinds.map((kind) => {
      const { $id, $defs } = schema;
      return [partOf(kind), writeValidity({ $id, $defs, $ref: `#/$defs/${kind}` }, createCompiler, part)];
    }),
  ];
}

/** How long the JSON of an optional field's schema is, from which on it has a function of its own. */
const rareFrom = 400;

/** A schema in which V8 compiles the checks of large optional fields only when they are given. */
function setApartRare(schema) {
  const $defs = {};
  const visit = (part, path) => {
    if (Array.isArray(part)) return part.map((inner, at) => visit(inner, `${path}-${at}`));
    if (typeof part !== "object" || part === null) return part;
    const { required = [] } = part;
    const entries = Object.entries(part).map(([key, inner]) => {
      if (key !== "properties" || !isMap(inner)) return [key, visit(inner, `${path}-${key}`)];
      const fields = Object.entries(inner).map(([name, field]) => {
        const own = visit(field, `${path}-${name}`);
        if (required.includes(name) || JSON.stringify(own).length < rareFrom) return [name, own];
        $defs[`${path}-${name}`] = own;
        return [name, { $ref: `#/$defs/${path}-${name}` }];
      });
      return [key, Object.fromEntries(fields)];
    });
    return Object.fromEntries(entries);
  };
  const rest = visit(schema, "rare");
  return { ...rest, $defs: { ...rest.$defs, ...$defs } };
}

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** A module that makes a check that only says whether a value is valid. `ending` exports the function of a name. */
function writeValidity(whole, createCompiler, ending) {
  const schema = setApartRare(whole);
  const ajv = createCompiler(schema, { code: { source: true, lines: true }, onlyWhether: true });
  const validate = ajv.compile(schema);
  for (const { prefix, value } of valuesOf(validate.source)) {
    // The code looks in it for the names of fields.
    if (prefix === "schema") value.code = stringify(bonesOf(value.ref));
    if (prefix === "keyword") value.code = _`findDuplicates`;
  }
  const code = standaloneCode(ajv, validate)
    .replaceAll(/^(validate\d+\.errors) = \[\{.*\}\];$/gmu, "$1 = [{}];")
    .replaceAll(/^const (err\d+) = \{.*\};$/gmu, "const $1 = {};");
  const unused = [...code.matchAll(/^const (schema\d+) = .*$/gmu)].filter(
    ([, name]) => !new RegExp(`\\b${name}\\b(?! =)`, "u").test(code),
  );
  return `import { findDuplicates } from "./dist/core/unique-items.js";
const self = undefined;
${unused.reduce((rest, [line]) => rest.replace(line, ""), code).replaceAll(/^(?:"use strict"|module\.exports).*$/gmu, "")}
${ending(validate.source.validateName)}`;
}

/** A schema without its words: the maps and lists in it. */
function bonesOf(part) {
  if (Array.isArray(part)) return part.map(bonesOf);
  if (typeof part !== "object" || part === null) return undefined;
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, bonesOf(inner)]));
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
