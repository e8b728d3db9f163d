import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { installProvider } from "../../src/commands/terraform.ts";
import { version } from "../../src/core/version.ts";
import { makeScratch } from "../support/scratch.ts";

const linux = { system: "linux", architecture: "x64" };
const script = `terraform-provider-coze_v${version}.cjs`;

/** A build of the provider, told from others by a text. */
const scriptOf = (text: string): string => `#!/usr/bin/env node\n// cozeform/coze ${text}\n`;

/** A folder that looks like cozeform's own, with a script of this text. */
function layOutPackage(text: string) {
  const root = makeScratch();
  const files = {
    LICENSE: "Apache",
    "dist/terraform/LICENSES.txt": "MIT",
    "dist/terraform/terraform-provider-coze.cjs": scriptOf(text),
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
    expect(readFileSync(join(directory, script), "utf8")).toBe(scriptOf("v1"));
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
    expect(readFileSync(join(directory, script), "utf8")).toBe(scriptOf("v2"));
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
