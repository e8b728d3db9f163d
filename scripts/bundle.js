// Makes the command and the Terraform provider: scripts that need nothing but Node, and the licences of what went into
// them. Makes the constructs for CDKTF's successor.
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleCommand } from "./bundle-command.js";
import { licencesOf } from "./licences.js";

const root = fileURLToPath(new URL("..", import.meta.url));
await Promise.all([bundleProvider(), bundleCommand(root)]);
copyConstructs();

async function bundleProvider() {
  const outfile = join(root, "dist/terraform/terraform-provider-coze.cjs");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/terraform/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    // An executable's name says nothing of its format, and then it is CommonJS.
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    minify: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  chmodSync(outfile, 0o755);
  writeFileSync(join(dirname(outfile), "LICENSES.txt"), licencesOf(root, metafile));
}

/** The constructs once more, on CDKTF's successor: it has the same classes, and the two don't mix in one program. */
function copyConstructs() {
  const successor = join(root, "dist/cdktn");
  cpSync(join(root, "dist/cdktf"), successor, { recursive: true });
  for (const file of readdirSync(successor, { recursive: true, encoding: "utf8" })) {
    if (!/\.(?:js|d\.ts)$/u.test(file)) continue;
    const text = readFileSync(join(successor, file), "utf8");
    writeFileSync(
      join(successor, file),
      text.replaceAll(/(?<=\b(?:from|import) |\bimport\()"cdktf"/gu, '"cdktn"'),
    );
  }
}
