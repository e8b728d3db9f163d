// Makes the command: files of which a run loads only those that it needs, and the licences of what went into them.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { loadingChecks, writeChecks } from "./checks.js";
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
  const folder = join(root, "dist/cli");
  await mkdir(folder, { recursive: true });
  for (const { path, text } of outputFiles) {
    // The compiler keeps no mode, and `npm link` makes a link to the command.
    const mode = path.endsWith("/cli/bin.js") ? 0o755 : 0o644;
    await writeFile(path, await toCommonJs(text), { mode });
  }
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  const inputs = { ...metafile.inputs, ...(await writeChecks(root, folder)) };
  await writeFile(join(folder, "LICENSES.txt"), licencesOf(root, { inputs }));
}

/** What esbuild makes of the command: ES modules, and which sources are in each of them. */
export async function buildCommand(root) {
  const given = { ...options, absWorkingDir: root };
  const { metafile: parts } = await build({ ...given, plugins: [withoutPrograms, readyChecks(root)] });
  const plugins = [withoutPrograms, messagesAsJson(root), readyChecks(root), oneStart(root, parts)];
  return build({ ...given, plugins });
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
  return line + own + rest;
}

const start = "src/cli/main.ts";
const whole = "src/cli/process.ts";

/**
 * Keeps what every run needs in one file. esbuild shares modules by who else needs them, which makes two dozen files of
 * them, and each takes about a millisecond to load. So everything that is loaded later is to need all of the start.
 */
function oneStart(root, { outputs }) {
  const entries = Object.values(outputs).map(({ entryPoint = "" }) => entryPoint);
  const later = new Set(
    entries.filter((one) => one.startsWith("src/") && one !== whole && !options.entryPoints.includes(one)),
  );
  return {
    name: "one-start",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!later.has(path.slice(root.length).replaceAll("\\", "/"))) return undefined;
        const text = await readFile(path, "utf8");
        return { loader: "ts", contents: `${text}\nimport ${JSON.stringify(join(root, start))};\n` };
      });
    },
  };
}

/** The messages as one text in JSON, which is read in half the time of a script. */
const messagesAsJson = (root) => ({
  name: "messages-as-json",
  setup({ onLoad }) {
    onLoad({ filter: /\/messages\/en\/index\.ts$/ }, async () => {
      const { english } = await import(join(root, "dist/messages/en/index.js"));
      const text = JSON.stringify(JSON.stringify(english));
      return { contents: `export const english = JSON.parse(${text});` };
    });
  },
});

/** The checks of cozeform's own schemas as code, and not their compiler. */
const readyChecks = (root) => ({
  name: "ready-checks",
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/core\/compile-schema\.ts$/ }, async () => ({
      contents: await loadingChecks(root),
      resolveDir: root,
    }));
    onResolve({ filter: /^\.\/ready-checks\// }, ({ path }) => ({ path, external: true }));
  },
});

/** commander loads what starts other programs, for subcommands that are programs. There are none here. */
const withoutPrograms = {
  name: "without-programs",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes("/commander/") ? { path: "none", namespace: "without-programs" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "without-programs" }, () => ({ contents: "" }));
  },
};
