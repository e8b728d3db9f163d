// docs/ for Terraform's registry, from the provider's schema, the kinds and the examples: part of npm run generate
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSource } from "./load-source.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const docs = join(root, "docs");

const { writePages, providerSchema } = await loadSource(
  root,
  'export { writePages } from "./src/terraform/docs/pages.ts"; export { providerSchema } from "./src/terraform/schema/provider-schema.ts";',
);
const pages = writePages(providerSchema, (path) => {
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
