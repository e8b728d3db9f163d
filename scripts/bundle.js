// Makes the Terraform provider: one script that needs nothing but Node, and the licences of what went into it.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
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
  // Loaded for statistics alone, which are switched off.
  external: ["@grpc/proto-loader"],
  metafile: true,
  logLevel: "warning",
});
chmodSync(outfile, 0o755);

const packages = new Set(Object.keys(metafile.inputs).flatMap((input) => packageOf(input) ?? []));
writeFileSync(
  join(dirname(outfile), "LICENSES.txt"),
  [...packages]
    .sort()
    .map(licenceOf)
    .join(`\n${"-".repeat(80)}\n\n`),
);

/** The folder of the package that a file belongs to; undefined for cozeform's own. */
function packageOf(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice|copying)/iu.test(file));
  const texts = files.sort().map((file) => readFileSync(join(root, folder, file), "utf8").trim());
  return `${[`${name} ${version} (${license})`, ...texts].join("\n\n")}\n`;
}
