// src/cdktf/gen: the classes of the constructs, from the provider's schema: part of npm run generate
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSource } from "./load-source.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const gen = join(root, "src/cdktf/gen");

const { generateConstructs, providerSchema } = await loadSource(
  root,
  'export { generateConstructs } from "./src/cdktf/codegen.ts"; export { providerSchema } from "./src/terraform/schema/provider-schema.ts";',
);
rmSync(gen, { recursive: true, force: true });
mkdirSync(gen, { recursive: true });
for (const [file, text] of Object.entries(generateConstructs(providerSchema)))
  writeFileSync(join(gen, file), text);
