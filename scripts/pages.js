// docs/ for Terraform's registry, from the provider's schema, the kinds and the examples: part of npm run generate
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const docs = join(root, "docs");

const { writePages, createProvider } = await load(
  'export { writePages } from "./src/terraform/pages.ts"; export { createProvider } from "./src/terraform/provider.ts";',
);
const { schema } = createProvider({ env: {}, fetch, clock: { now: Date.now }, random: Math.random });
const pages = writePages(schema, (path) => {
  const file = join(root, "examples", path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
});

// What is no more in the schema has no page either.
for (const folder of ["resources", "data-sources", "functions"]) {
  rmSync(join(docs, folder), { recursive: true, force: true });
}
for (const [path, text] of Object.entries(pages)) {
  const file = join(docs, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs sources of the provider, which the build leaves out of dist since they are in its script. */
async function load(contents) {
  const outfile = join(root, "dist/pages.js");
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
  });
  const loaded = await import(outfile);
  rmSync(outfile);
  return loaded;
}
