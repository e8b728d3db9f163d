import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { installProvider } from "../../src/commands/terraform-install.ts";
import { version } from "../../src/core/version.ts";
import { createConsole } from "../cli/console.ts";
import { makeScratch } from "../support/scratch.ts";
import { startTerraform, terraformTest } from "../support/terraform-process.ts";

const linux = { system: "linux", architecture: "x64" };
const script = `terraform-provider-coze_v${version}.cjs`;

/** A folder that looks like cozeform's own, with a script of this text. */
function layOutPackage(text: string) {
  const root = makeScratch();
  const files = {
    LICENSE: "Apache",
    "dist/terraform/LICENSES.txt": "MIT",
    "dist/terraform/terraform-provider-coze.cjs": text,
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  return pathToFileURL(`${root}/`);
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe("the provider in the user's plugin folder", () => {
  test("lies where Terraform looks for the address, executable, with its licences", async () => {
    const home = makeScratch();
    const installed = await installProvider({
      env: { HOME: home },
      machine: linux,
      root: layOutPackage("v1"),
    });
    const plugins = join(home, ".terraform.d/plugins");
    const directory = join(plugins, "registry.terraform.io/cozeform/coze", version, "linux_amd64");
    expect(installed).toEqual({
      source: "cozeform/coze",
      version,
      host: "registry.terraform.io",
      plugins,
      directory,
      found: true,
      outcome: "installed",
    });
    expect(readdirSync(directory).sort()).toEqual(["LICENSE", "LICENSES.txt", script]);
    expect(readFileSync(join(directory, script), "utf8")).toBe("v1");
    expect([modeOf(join(directory, script)), modeOf(join(directory, "LICENSE"))]).toEqual([0o755, 0o644]);
  });

  test("is left alone the second time, and replaced by another build without a trace of the first", async () => {
    const env = { HOME: makeScratch() };
    const install = (root: URL) => installProvider({ env, machine: linux, root });
    const [first, second] = [layOutPackage("v1"), layOutPackage("v2")];
    const { directory } = await install(first);
    const { mtimeMs, ino } = statSync(join(directory, script));
    expect((await install(first)).outcome).toBe("unchanged");
    expect(statSync(join(directory, script))).toMatchObject({ mtimeMs, ino });
    expect((await install(second)).outcome).toBe("replaced");
    expect(readFileSync(join(directory, script), "utf8")).toBe("v2");
    // A process that runs the old one keeps it: the file is another one.
    expect(statSync(join(directory, script)).ino).not.toBe(ino);
    expect(readdirSync(directory)).toHaveLength(3);
  });

  test("gets its mode back, without which Terraform can't start it", async () => {
    const env = { HOME: makeScratch() };
    const root = layOutPackage("v1");
    const { directory } = await installProvider({ env, machine: linux, root });
    chmodSync(join(directory, script), 0o644);
    expect((await installProvider({ env, machine: linux, root })).outcome).toBe("unchanged");
    expect(modeOf(join(directory, script))).toBe(0o755);
  });

  test.each([
    [{ system: "linux", architecture: "arm64" }, "linux_arm64"],
    [{ system: "darwin", architecture: "arm64" }, "darwin_arm64"],
    [{ system: "darwin", architecture: "x64" }, "darwin_amd64"],
  ])("on %j goes into %s", async (machine, folder) => {
    const env = { HOME: makeScratch() };
    const { directory } = await installProvider({ env, machine, root: layOutPackage("v1") });
    expect(directory.endsWith(`/${version}/${folder}`)).toBe(true);
  });

  test.each([
    ["registry.opentofu.org", "cozeform/coze"],
    ["registry.terraform.io", "cozeform/coze"],
    ["terraform.example.com", "terraform.example.com/cozeform/coze"],
  ])("of %s is named %s", async (host, source) => {
    const env = { HOME: makeScratch() };
    const installed = await installProvider({ env, host, machine: linux, root: layOutPackage("v1") });
    expect(installed).toMatchObject({ source, host });
    expect(installed.directory).toContain(`/plugins/${host}/cozeform/coze/`);
  });
});

describe("what keeps it from being installed is said", () => {
  const refusals = [
    [{ system: "win32", architecture: "x64" }, "the provider doesn't run on Windows"],
    [{ system: "freebsd", architecture: "x64" }, "the provider doesn't run on freebsd on x64"],
    [{ system: "linux", architecture: "ia32" }, "the provider doesn't run on linux on ia32"],
  ] as const;

  test.each(refusals)("on %j", async (machine, message) => {
    const home = makeScratch();
    const install = installProvider({ env: { HOME: home }, machine, root: layOutPackage("v1") });
    await expect(install).rejects.toMatchObject({ name: "NotInstalled", message });
    expect(readdirSync(home)).toEqual([]);
  });

  test("when it wasn't built", async () => {
    const home = makeScratch();
    const root = makeScratch();
    const install = installProvider({ env: { HOME: home }, machine: linux, root: pathToFileURL(`${root}/`) });
    await expect(install).rejects.toMatchObject({
      name: "NotInstalled",
      message: expect.stringContaining(`the provider isn't built: there is no ${root}/`),
      hint: "run npm run build in cozeform's folder",
    });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe("cozeform terraform install", () => {
  const directoryIn = (plugins: string, host = "registry.terraform.io") =>
    join(plugins, host, "cozeform/coze", version, `linux_${process.arch === "x64" ? "amd64" : process.arch}`);

  const block = (source: string) => `
Your configuration needs:

terraform {
  required_providers {
    coze = {
      source  = "${source}"
      version = "${version}"
    }
  }
}

`;

  test("prints what the configuration needs, and what comes next", async () => {
    const { sh, directory } = createConsole();
    const env = { HOME: directory };
    const place = directoryIn(join(directory, ".terraform.d/plugins"));
    expect(await sh("terraform install", { env })).toEqual({
      code: 0,
      out: `Installed cozeform/coze ${version} in ${place}\n${block("cozeform/coze")}Next: terraform init\n`,
      err: "",
    });
    const again = await sh("terraform install", { env });
    expect(again.out.split("\n")[0]).toBe(`cozeform/coze ${version} is there already, in ${place}`);
    writeFileSync(join(place, "LICENSES.txt"), "those of another build");
    const { out } = await sh("terraform install", { env });
    expect(out.split("\n")[0]).toBe(`Replaced another build of cozeform/coze ${version} in ${place}`);
    expect(out).toMatch(/\nWhere it was initialised with the other build: take coze out of .*\n$/);
  });

  test("into a folder of one's own, which Terraform has to be told of unless it looks there", async () => {
    const { sh, directory } = createConsole();
    const env = { HOME: join(directory, "home") };
    const own = await sh("terraform install --dir plug", { env });
    expect(own.out).toMatch(/^Installed /);
    expect(own.out.endsWith(`\nNext: terraform init -plugin-dir=${directory}/plug\n`)).toBe(true);
    expect(readdirSync(directoryIn(join(directory, "plug")))).toContain(script);
    const beside = await sh("terraform install --dir terraform.d/plugins", { env });
    expect(beside.out.endsWith("\nNext: terraform init\n")).toBe(true);
  });

  test("for OpenTofu", async () => {
    const { sh, directory } = createConsole();
    const { out } = await sh("terraform install --host Registry.OpenTofu.org", { env: { HOME: directory } });
    const place = directoryIn(join(directory, ".terraform.d/plugins"), "registry.opentofu.org");
    expect(out).toBe(
      `Installed cozeform/coze ${version} in ${place}\n${block("cozeform/coze")}Next: tofu init\n`,
    );
  });

  test("says when Terraform's own configuration leads elsewhere", async () => {
    const { sh, directory, write } = createConsole({
      ".terraformrc": 'provider_installation {\n  network_mirror { url = "https://mirror.example/" }\n}\n',
    });
    const plugins = join(directory, ".terraform.d/plugins");
    const tell = async (env: { readonly [name: string]: string }) =>
      (await sh("terraform install", { env })).out.split("Next: terraform init\n")[1];
    expect(await tell({ HOME: directory })).toBe(
      `${directory}/.terraformrc says in provider_installation where providers come from. Put there:\n  filesystem_mirror { path = "${plugins}" }\n`,
    );
    write({ "own.tfrc": `provider_installation {\n  filesystem_mirror { path = "${plugins}" }\n}\n` });
    expect(await tell({ HOME: directory, TF_CLI_CONFIG_FILE: join(directory, "own.tfrc") })).toBe("");
  });

  test.each([
    [
      "--host here",
      3,
      "error: option '--host <host>' argument 'here' is invalid\n  hint: write a host name, such as registry.opentofu.org\n",
    ],
    [
      "--dir file/plugins",
      1,
      /^error: the provider can't be put into .*: a part of the path isn't a directory\n {2}hint: make that folder writable, or name another one with --dir\n$/,
    ],
  ])("%s is refused", async (options, code, message) => {
    const { sh, directory } = createConsole({ file: "" });
    const ran = await sh(`terraform install ${options}`, { env: { HOME: directory } });
    expect({ code: ran.code, out: ran.out }).toEqual({ code, out: "" });
    expect(ran.err).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  terraformTest("is all that terraform init needs", async () => {
    const { sh, directory } = createConsole();
    const { out } = await sh("terraform install", { env: { HOME: directory } });
    const [configuration = ""] = /^terraform \{.*?^\}\n/msu.exec(out) ?? [];
    writeFileSync(join(directory, "versions.tf"), configuration);
    writeFileSync(join(directory, "empty.tfrc"), "");
    const env = { TF_CLI_CONFIG_FILE: join(directory, "empty.tfrc") };
    const init = await startTerraform(directory, ["init"], env).ended;
    expect(init).toMatchObject({ exitCode: 0, stderr: "" });
    expect(init.stdout).toContain(`- Installed cozeform/coze v${version} (unauthenticated)\n`);
  });
});
