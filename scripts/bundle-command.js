// Makes the command: files of which a run loads only those that it needs, and the licences of what went into them.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";
import { loadingChecks, writeChecks } from "./checks.js";
import { linkChunks } from "./chunk-links.js";
import { licencesOf } from "./licences.js";

const options = {
  entryPoints: ["src/cli/bin.ts"],
  outdir: "dist/cli",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  write: false,
};

/** Writes the command to `dist/cli`. */
export async function bundleCommand(root) {
  const { metafile, outputFiles } = await buildCommand(root);
  refuseNameless(metafile);
  const folder = join(root, "dist/cli");
  await mkdir(folder, { recursive: true });
  for (const [name, text] of linkChunks(
    new Map(outputFiles.map(({ path, text }) => [basename(path), text])),
  )) {
    // The compiler keeps no mode, and `npm link` makes a link to the command.
    const mode = name === "bin.js" ? 0o755 : 0o644;
    await writeFile(join(folder, name), await toCommonJs(text), { mode });
  }
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  await writeMessages(folder);
  const inputs = { ...metafile.inputs, ...(await writeChecks(root, folder)) };
  await writeFile(join(folder, "LICENSES.txt"), licencesOf(root, { inputs }));
}

/** Throws for a CommonJS package that is imported when it is needed: its names would be missing. */
function refuseNameless({ outputs }) {
  for (const { entryPoint = "", exports } of Object.values(outputs)) {
    if (!entryPoint.startsWith("node_modules/") || exports.some((name) => name !== "default")) continue;
    throw new Error(
      `${entryPoint} has no names in a bundle: import them statically in a module that is loaded later`,
    );
  }
}

/** What esbuild makes of the command: ES modules, and which sources are in each of them. */
export async function buildCommand(root) {
  const given = { ...options, absWorkingDir: root };
  const plugins = [
    programsLater,
    widthsLater(root),
    plainYaml(root),
    plainCrawler,
    messagesAsJson,
    readyChecks(root),
  ];
  const { metafile } = await build({ ...given, plugins });
  return build({ ...given, plugins: [...plugins, inTiers(root, metafile)] });
}

/**
 * A file of the bundle as CommonJS: what Node does to load its first ES module takes longer than all the rest of
 * `--version`. esbuild splits only ES modules, so each is translated.
 */
async function toCommonJs(text) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "ownUrl" },
    // Names stay, so that the trace of a bug can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
  });
  const [, line = "", rest] = /^(#!.*\n)?([\s\S]*)$/u.exec(code) ?? [];
  const own = code.includes("ownUrl")
    ? 'const ownUrl=require("node:url").pathToFileURL(__filename).href;'
    : "";
  // As ES modules they were strict.
  return `${line}"use strict";${own}${rest}`;
}

/**
 * What is loaded together, in one file each: the start, what runs an action, and what reads a project. esbuild shares
 * modules by who else needs them, which makes a file of every few, and each takes most of a millisecond to load.
 */
const tiers = [
  { module: "src/cli/main.ts", servesAll: true },
  { module: "src/cli/run-action.ts", servesAll: true },
  // The least that a command with a project needs.
  { module: "src/cli/actions/validate.ts", serves: "src/commands/project.ts" },
];

/** Lets everything that is loaded later need all of the tiers that it needs a part of. */
function inTiers(root, { outputs }) {
  const later = new Map();
  for (const [file, { entryPoint = "" }] of Object.entries(outputs)) {
    if (!entryPoint.startsWith("src/") || /\/(?:bin|process)\.ts$/u.test(entryPoint)) continue;
    const sources = sourcesOf(outputs, file);
    const own = tiers.filter(
      ({ module, serves, servesAll }) => module !== entryPoint && (servesAll || sources.has(serves)),
    );
    const lines = own.map(({ module }) => `import ${JSON.stringify(join(root, module))};\n`);
    later.set(join(root, entryPoint), `\n${lines.join("")}`);
  }
  return {
    name: "in-tiers",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const needs = later.get(path);
        return needs && { loader: "ts", contents: (await readFile(path, "utf8")) + needs };
      });
    },
  };
}

/** The sources that are loaded with a file of the bundle. */
export function sourcesOf(outputs, file) {
  const seen = new Set();
  const sources = new Set();
  const visit = (name) => {
    if (seen.has(name) || !outputs[name]) return;
    seen.add(name);
    for (const source of Object.keys(outputs[name].inputs)) sources.add(source);
    for (const { kind, path } of outputs[name].imports) if (kind === "import-statement") visit(path);
  };
  visit(file);
  return sources;
}

/** string-width reads the data of all scripts when it is loaded, and most texts are measured without it. */
const widthsLater = (root) => ({
  name: "widths-later",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ importer }) =>
      importer.includes("/src/") ? { path: "string-width", namespace: "widths-later" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "widths-later" }, () => ({
      contents: `export default (...given) => require("string-width").default(...given);`,
      resolveDir: root,
    }));
  },
});

/**
 * The modules of yaml that are made for browsers: those for Node look up a variable of the environment for each token, and
 * as CommonJS they come whole.
 */
const plainYaml = (root) => ({
  name: "plain-yaml",
  setup({ onResolve, onLoad }) {
    const folder = join(root, "node_modules/yaml/browser/dist");
    onResolve({ filter: /^yaml$/ }, ({ importer }) =>
      /\/manifest\/yaml\/plain-[a-z]+\.ts$/.test(importer)
        ? { path: "tokens", namespace: "plain-yaml" }
        : { path: join(folder, "index.js") },
    );
    // Through the index, all modules would be loaded with these.
    onLoad({ filter: /.*/, namespace: "plain-yaml" }, () => ({
      contents: `export { LineCounter } from "./parse/line-counter.js";
export { Parser } from "./parse/parser.js";
export * as CST from "./parse/cst-scalar.js";`,
      resolveDir: folder,
    }));
  },
});

/** fdir looks for picomatch among the installed packages, for patterns of its own. It gets none. */
const plainCrawler = {
  name: "plain-crawler",
  setup({ onLoad }) {
    onLoad({ filter: /\/fdir\/dist\/index\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace(
        /try \{\s*__require\.resolve\("picomatch"\);[\s\S]*?\} catch \{\}\n/u,
        "",
      );
      if (contents === text)
        throw new Error("fdir no longer looks for picomatch as scripts/bundle-command.js knows it");
      return { contents, loader: "js" };
    });
  },
};

/** The messages as JSON in a file of their own, which is read in a fraction of the time of a script. */
const messagesAsJson = {
  name: "messages-as-json",
  setup({ onLoad }) {
    onLoad({ filter: /\/messages\/en\/index\.ts$/ }, () => ({
      contents: `import { readFileSync } from "node:fs";
import { join } from "node:path";
export const english = JSON.parse(readFileSync(join(__dirname, "messages.json"), "latin1"));`,
    }));
  },
};

/** Writes the messages in ASCII. */
async function writeMessages(folder) {
  const { english } = await import("../dist/messages/en/index.js");
  const spell = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const text = JSON.stringify(english).replaceAll(/[\u0080-\uffff]/g, spell);
  await writeFile(join(folder, "messages.json"), text);
}

/** The checks of cozeform's own schemas as code, and not their compiler. */
const readyChecks = (root) => ({
  name: "ready-checks",
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/core\/compile-schema\.ts$/ }, async () => ({
      contents: await loadingChecks(),
      resolveDir: root,
    }));
    onResolve({ filter: /^\.\/ready-checks\// }, ({ path }) => ({ path, external: true }));
  },
});

/** commander starts subcommands that are programs, of which there are none here, and locks ask a program on macOS. */
const programsLater = {
  name: "programs-later",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /\/commander\/|\/process-mark\.ts$/.test(importer)
        ? { path: "programs", namespace: "programs-later" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "programs-later" }, () => ({
      contents: `exports.spawnSync = (...given) => require("node:child_process").spawnSync(...given);`,
    }));
  },
};
