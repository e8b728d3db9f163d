import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { installProvider } from "../../src/commands/terraform.ts";
import { version } from "../../src/core/version.ts";
import { kinds } from "../../src/kinds/index.ts";
import { resourceType } from "../../src/terraform/schema/names.ts";
import { serveProxy } from "../support/http-proxy.ts";
import { respondJson, serveHttp } from "../support/http-server.ts";
import { makeScratch } from "../support/scratch.ts";
import { startTerraform, terraformTest } from "../support/terraform-process.ts";

const root = resolve(import.meta.dirname, "../..");
const name = `terraform-provider-coze_${version}`;
const platforms = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"];

/** Packages the built provider as `npm run package:provider` does; gives the folder. */
function packageProvider(env: { readonly [name: string]: string } = {}): string {
  if (!existsSync(join(root, "dist/commands"))) throw new Error("dist is missing: run npm run build first");
  const out = makeScratch();
  execFileSync(process.execPath, [join(root, "scripts/package-provider.js"), "--out", out], {
    env: { PATH: process.env.PATH, ...env },
  });
  return out;
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

test("a release is a zip per platform, a manifest, and the sums of them all", () => {
  const out = packageProvider();
  const zips = platforms.map((platform) => `${name}_${platform}.zip`);
  const released = [...zips, `${name}_manifest.json`];
  expect(readdirSync(out).sort()).toEqual(["mirror", `${name}_SHA256SUMS`, ...released].sort());
  expect(JSON.parse(readFileSync(join(out, `${name}_manifest.json`), "utf8"))).toEqual({
    version: 1,
    metadata: { protocol_versions: ["6.0"] },
  });
  expect(readFileSync(join(out, `${name}_SHA256SUMS`), "utf8")).toBe(
    released.map((file) => `${sha256(readFileSync(join(out, file)))}  ${file}\n`).join(""),
  );
  expect(readdirSync(join(out, "mirror/registry.terraform.io/cozeform/coze")).sort()).toEqual(zips);
});

test("the same files make the same bytes, whatever the time and wherever", () => {
  const [one, other] = ["Asia/Shanghai", "America/Los_Angeles"].map((TZ) => {
    const out = packageProvider({ TZ });
    return readFileSync(join(out, `${name}_SHA256SUMS`), "utf8");
  });
  expect(one).toBe(other);
});

/** A configuration that wants the provider of this version, and terraform in its folder. */
function openConfiguration() {
  const directory = makeScratch();
  const required = `coze = { source = "cozeform/coze", version = "${version}" }`;
  writeFileSync(join(directory, "main.tf"), `terraform {\n  required_providers {\n    ${required}\n  }\n}\n`);
  writeFileSync(join(directory, "cli.tfrc"), "");
  const env = { TF_CLI_CONFIG_FILE: join(directory, "cli.tfrc") };
  const run = async (...args: string[]) => {
    const ran = await startTerraform(directory, args, env).ended;
    if (ran.exitCode !== 0) throw new Error(`terraform ${args.join(" ")}\n${ran.stdout}\n${ran.stderr}`);
    return ran.stdout;
  };
  const hashes = () =>
    readFileSync(join(directory, ".terraform.lock.hcl"), "utf8").match(/"(h1|zh):[^"]+"/gu);
  return { directory, run, hashes };
}

terraformTest(
  "terraform init takes the mirror, and what it unpacks starts, tells its schema and heeds proxies",
  async () => {
    const out = packageProvider();
    const { directory, run } = openConfiguration();
    const said = await run("init", `-plugin-dir=${join(out, "mirror")}`);
    expect(said).toContain(`- Installed cozeform/coze v${version} (unauthenticated)`);
    const unpacked = join(directory, ".terraform/providers/registry.terraform.io/cozeform/coze", version);
    const [platform = ""] = readdirSync(unpacked);
    const script = join(unpacked, platform, `terraform-provider-coze_v${version}.cjs`);
    expect(statSync(script).mode & 0o777).toBe(0o755);
    const { provider_schemas: schemas } = JSON.parse(await run("providers", "schema", "-json"));
    const types = kinds.filter(({ removal }) => removal !== undefined).map(resourceType);
    const { resource_schemas: resources } = schemas["registry.terraform.io/cozeform/coze"];
    expect(Object.keys(resources)).toEqual(types.sort());

    // The script has its own copy of the library for proxies.
    const coze = await serveHttp((_request, response) =>
      respondJson(response, { code: 0, data: { workspaces: [{ id: "7", name: "desk" }], total_count: 1 } }),
    );
    const { host, seen } = await serveProxy(coze.url);
    const provider = `provider "coze" {\n  endpoint = "http://coze.example"\n  token = "pat_0"\n}\n`;
    writeFileSync(
      join(directory, "data.tf"),
      `${provider}data "coze_workspace" "desk" {\n  name = "desk"\n}\n`,
    );
    const { exitCode } = await startTerraform(directory, ["plan"], {
      TF_CLI_CONFIG_FILE: join(directory, "cli.tfrc"),
      HTTP_PROXY: `http://${host}`,
    }).ended;
    expect(exitCode).toBe(0);
    expect(seen).toEqual(["GET http://coze.example/v1/workspaces?page_num=1&page_size=50"]);
  },
);

terraformTest("one checksum holds on all platforms, and for what is installed without a mirror", async () => {
  const out = packageProvider();
  const { run, hashes } = openConfiguration();
  const wanted = platforms.map((platform) => `-platform=${platform}`);
  await run("providers", "lock", `-fs-mirror=${join(out, "mirror")}`, ...wanted);
  const locked = hashes();
  expect(locked).toEqual([expect.stringMatching(/^"h1:/)]);

  const other = openConfiguration();
  const { plugins } = await installProvider({ directory: join(other.directory, "plugins") });
  await other.run("init", `-plugin-dir=${plugins}`);
  expect(other.hashes()).toEqual(locked);
});
