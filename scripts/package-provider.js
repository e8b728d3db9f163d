// The provider as registries take it, and as a folder that Terraform takes in place of one: npm run package:provider
import { createHash } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ZipFile } from "yazl";
import { readProviderPackage } from "../dist/commands/provider-package.js";
import { providerPlatforms, providerSource, providerVersion } from "../dist/commands/provider-source.js";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: fileURLToPath(new URL("../dist/release", import.meta.url)) },
    host: { type: "string", default: providerSource.host },
  },
});
const out = resolve(values.out);
const { namespace, type } = providerSource;
const name = `terraform-provider-${type}_${providerVersion}`;

const zip = await zipFiles(await readProviderPackage());
// The script is the same everywhere.
const zips = providerPlatforms.map((platform) => [`${name}_${platform}.zip`, zip]);
const manifest = { version: 1, metadata: { protocol_versions: ["6.0"] } };
const released = [[`${name}_manifest.json`, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)], ...zips];
const sums = released.map(([file, content]) => `${sha256(content)}  ${file}\n`).sort(bySecondWord);

await mkdir(out, { recursive: true });
for (const [file, content] of released) await writeFile(join(out, file), content);
await writeFile(join(out, `${name}_SHA256SUMS`), sums.join(""));

const mirror = join(out, "mirror", values.host, namespace, type);
await mkdir(mirror, { recursive: true });
for (const [file] of zips) await copyFile(join(out, file), join(mirror, file));

console.log(`${[...released.map(([file]) => file), `${name}_SHA256SUMS`].map((file) => join(out, file)).join("\n")}
A registry also wants the sums signed: gpg --detach-sign ${name}_SHA256SUMS
Without a registry: terraform init -plugin-dir=${join(out, "mirror")}`);

/** A zip whose bytes depend on nothing but the files: not on the hour, not on where it is. */
function zipFiles(files) {
  const file = new ZipFile();
  // The format has no time zones; the earliest of its times is the same in all of them.
  const options = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, compressionLevel: 9 };
  for (const { name, mode, content } of files)
    file.addBuffer(content, name, { ...options, mode: 0o100000 | mode });
  file.end();
  return buffer(file.outputStream);
}

function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

function bySecondWord(one, other) {
  return one.slice(66) < other.slice(66) ? -1 : 1;
}
