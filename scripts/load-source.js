// Runs sources that the build leaves out of dist: they serve only to write what is generated, or are in a bundle.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

export async function loadSource(root, contents) {
  const outfile = join(root, `dist/source-${process.pid}.js`);
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
  });
  try {
    return await import(outfile);
  } finally {
    rmSync(outfile);
  }
}
