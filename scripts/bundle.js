// Makes the Terraform provider: one script that needs nothing but Node, and the licences of what went into it. Makes the
// command executable.
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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
  metafile: true,
  logLevel: "warning",
});
chmodSync(outfile, 0o755);
// The compiler keeps no mode, and `npm link` makes a link to this file.
chmodSync(join(root, "dist/cli/bin.js"), 0o755);

// The constructs once more, on CDKTF's successor: it has the same classes, and the two don't mix in one program.
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

/** The files that went into it, by the folder of their package; without cozeform's own. */
const packages = new Map();
for (const file of Object.keys(metafile.inputs)) {
  const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
  if (folder) packages.set(folder, [...(packages.get(folder) ?? []), file]);
}
const licences = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(licenceOf);
writeFileSync(join(dirname(outfile), "LICENSES.txt"), licences.join(`\n${"-".repeat(80)}\n\n`));

function licenceOf([folder, files]) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const texts = readdirSync(join(root, folder))
    .filter((file) => /^(licen[cs]e|notice|copying)/iu.test(file))
    .sort()
    .map((file) => readFileSync(join(root, folder, file), "utf8").trim());
  const told = texts.length > 0 ? texts : noticesOf(files);
  if (told.length === 0) throw new Error(`${name} is bundled and says nowhere how it may be`);
  return `${[`${name} ${version} (${license})`, ...told].join("\n\n")}\n`;
}

/** Packages without a file for their licence have it at the top of their sources. */
function noticesOf(files) {
  const notices = files.flatMap((file) => {
    const [head] = /^(?:\/\/.*\n)+/.exec(readFileSync(join(root, file), "utf8")) ?? [];
    return head?.includes("Copyright") ? [head.replace(/^\/\/ ?/gmu, "").trim()] : [];
  });
  return [...new Set(notices)];
}
