import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { version } from "../../src/core/version.ts";
import { createConsole } from "../cli/console.ts";
import { startTerraform, terraformTest } from "../support/terraform-process.ts";

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

describe("cozeform terraform install", () => {
  test("prints what the configuration needs, and what comes next", async () => {
    const { sh, directory } = createConsole();
    const env = { HOME: directory };
    const place = directoryIn(join(directory, ".terraform.d/plugins"));
    expect(await sh("terraform install", { env })).toEqual({
      code: 0,
      out: `Installed cozeform/coze ${version} in\n  ${place}\n${block("cozeform/coze")}Next: terraform init\n`,
      err: "",
    });
    const again = await sh("terraform install", { env });
    expect(again.out).toBe(
      `cozeform/coze ${version} is already installed in\n  ${place}\n${block("cozeform/coze")}Next: terraform init\n`,
    );
  });

  test("says how a lock file learns of another build, when there was another", async () => {
    const { sh, directory } = createConsole();
    const env = { HOME: directory };
    const place = directoryIn(join(directory, ".terraform.d/plugins"));
    await sh("terraform install", { env });
    writeFileSync(join(place, "LICENSES.txt"), "those of another build");
    expect((await sh("terraform install", { env })).out).toBe(
      `Replaced another build of cozeform/coze ${version} in
  ${place}
${block("cozeform/coze")}First run this in each folder that was initialized with the other build; until then
the checksum in .terraform.lock.hcl refuses this one:

terraform providers lock \\
  -fs-mirror=${directory}/.terraform.d/plugins \\
  cozeform/coze

Next: terraform init
`,
    );
  });

  test("into a folder of one's own, which Terraform has to be told of unless it looks there", async () => {
    const { sh, directory } = createConsole();
    const env = { HOME: join(directory, "home") };
    const own = await sh("terraform install --dir plug", { env });
    expect(own.out).toMatch(/^Installed /);
    expect(own.out.endsWith(`\nNext: terraform init \\\n  -plugin-dir=${directory}/plug\n`)).toBe(true);
    expect(readdirSync(directoryIn(join(directory, "plug")))).toContain(
      `terraform-provider-coze_v${version}.cjs`,
    );
    const quoted = await sh("terraform install --dir it's", { env });
    expect(quoted.out.endsWith(`\\\n  -plugin-dir='${directory}/it'\\''s'\n`)).toBe(true);
    const beside = await sh("terraform install --dir terraform.d/plugins", { env });
    expect(beside.out.endsWith("\nNext: terraform init\n")).toBe(true);
  });

  test("for OpenTofu", async () => {
    const { sh, directory } = createConsole();
    const { out } = await sh("terraform install --host Registry.OpenTofu.org", { env: { HOME: directory } });
    const place = directoryIn(join(directory, ".terraform.d/plugins"), "registry.opentofu.org");
    expect(out).toBe(
      `Installed cozeform/coze ${version} in\n  ${place}\n${block("cozeform/coze")}Next: tofu init\n`,
    );
  });

  /** What is printed between the block for the configuration and what comes next. */
  const adviceOf = (out: string): string =>
    out.slice(out.indexOf("\n}\n\n") + 4, out.indexOf("Next: terraform init\n"));

  const mirrorAdvice = (file: string, plugins: string): string =>
    `First edit the file that sets where providers are installed from:
  ${file}

Add this to its provider_installation:

  filesystem_mirror {
    path    = "${plugins}"
    include = ["cozeform/coze"]
  }

`;

  const exclusion = (others: string): string =>
    `And add this to its ${others}, so that other providers still come from there:

    exclude = ["cozeform/coze"]

`;

  const here = 'filesystem_mirror { path = "PLUGINS" }';
  const mirrors: readonly (readonly [string, "led away" | "found", readonly string[]])[] = [
    ["direct {}", "led away", ["direct"]],
    ['network_mirror { url = "https://mirror.example/" }\ndirect {}', "led away", ["network_mirror, direct"]],
    ['direct { include = ["example.com/*/*", "hashicorp/*"] exclude = ["example.com/a/*"] }', "led away", []],
    ['direct { include = ["*/*"] exclude = ["CozeForm/*"] }', "led away", []],
    ['direct { include = ["registry.terraform.io/cozeform/*"] }', "led away", ["direct"]],
    ['filesystem_mirror { path = "/usr/share/plugins" }', "led away", []],
    [`# ${here}\ndirect {} // all`, "led away", ["direct"]],
    ['filesystem_mirror {\n path = "PLUGINS"\n include = ["example.com/*/*"]\n}', "led away", []],
    ['filesystem_mirror { path = "PLUGINS"\n exclude = ["cozeform/*"] }', "led away", []],
    [here, "found", []],
    [`direct {}\n${here}`, "found", []],
    ['filesystem_mirror { path = ".terraform.d/plugins/" include = ["*/*/*"] }', "found", []],
  ];

  test.each(mirrors)("where Terraform's own configuration says %j it is %s", async (ways, found, others) => {
    const { sh, directory, write } = createConsole();
    const plugins = join(directory, ".terraform.d/plugins");
    write({ ".terraformrc": `provider_installation {\n${ways.replace("PLUGINS", plugins)}\n}\n` });
    const { out } = await sh("terraform install", { env: { HOME: directory } });
    const advised = [mirrorAdvice(`${directory}/.terraformrc`, plugins), ...others.map(exclusion)].join("");
    expect(adviceOf(out)).toBe(found === "found" ? "" : advised);
  });

  test("looks at the configuration that Terraform reads", async () => {
    const elsewhere = "provider_installation {\n  direct {}\n}\n";
    const { sh, directory } = createConsole({
      "own/own.tfrc": elsewhere,
      "dir/.terraform.d/more.tfrc": elsewhere,
      "tofu/.tofurc": elsewhere,
      "other/.terraform.d/more.txt": elsewhere,
      "silent/.terraformrc": "disable_checkpoint = true\n# provider_installation {\n",
    });
    const ledBy = async (home: string, env: { readonly [name: string]: string } = {}, options = "") => {
      const HOME = join(directory, home);
      const { out } = await sh(`terraform install ${options}`, { env: { HOME, ...env } });
      return /installed from:\n {2}(.*)\n/.exec(out)?.[1]?.slice(directory.length + 1);
    };
    expect(await ledBy("own")).toBeUndefined();
    expect(await ledBy("own", { TF_CLI_CONFIG_FILE: join(directory, "own/own.tfrc") })).toBe("own/own.tfrc");
    expect(await ledBy("dir")).toBe("dir/.terraform.d/more.tfrc");
    expect(await ledBy("dir", { TF_CLI_CONFIG_FILE: join(directory, "none") })).toBeUndefined();
    expect(await ledBy("tofu")).toBeUndefined();
    expect(await ledBy("tofu", {}, "--host registry.opentofu.org")).toBe("tofu/.tofurc");
    expect(await ledBy("other")).toBeUndefined();
    expect(await ledBy("silent")).toBeUndefined();
    // `init -plugin-dir` overrules the overruling.
    expect(await ledBy("dir", {}, "--dir plug")).toBeUndefined();
  });

  test.each([
    [
      "terraform.d/plugins",
      3,
      "error: too many arguments for 'install': expected 0, got 1\n  hint: set the folder with --dir, such as --dir terraform.d/plugins\n",
    ],
    [
      "--host here",
      3,
      "error: option '--host <host>' argument 'here' is invalid\n  hint: write a host name, such as registry.opentofu.org\n",
    ],
    [
      "--dir file/plugins",
      1,
      /^error: the provider can't be installed in .*: a part of the path isn't a directory\n {2}hint: make that folder writable, or pass another one as --dir\n$/,
    ],
  ])("%s is refused", async (options, code, message) => {
    const { sh, directory } = createConsole({ file: "" });
    const ran = await sh(`terraform install ${options}`, { env: { HOME: directory } });
    expect({ code: ran.code, out: ran.out }).toEqual({ code, out: "" });
    expect(ran.err).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  /** A folder with the block that an installation prints, and terraform in it with a configuration of its own. */
  async function openProject(ways = "") {
    const { sh, directory, write } = createConsole();
    write({ ".terraformrc": ways === "" ? "" : `provider_installation {\n${ways}\n}\n` });
    const install = async () => (await sh("terraform install", { env: { HOME: directory } })).out;
    const out = await install();
    const [configuration = ""] = /^terraform \{.*?^\}\n/msu.exec(out) ?? [];
    write({ "versions.tf": configuration });
    const env = { TF_CLI_CONFIG_FILE: join(directory, ".terraformrc"), COZE_API_TOKEN: "pat_unused" };
    const run = (...args: string[]) => startTerraform(directory, args, env).ended;
    return { directory, write, install, run, out };
  }

  terraformTest("is all that terraform init needs", async () => {
    const { run } = await openProject();
    const init = await run("init");
    expect(init).toMatchObject({ exitCode: 0, stderr: "" });
    expect(init.stdout).toContain(`- Installed cozeform/coze v${version} (unauthenticated)\n`);
  });

  terraformTest("as another build is taken by terraform after the command that it prints", async () => {
    const { directory, install, run } = await openProject();
    const place = directoryIn(join(directory, ".terraform.d/plugins"));
    writeFileSync(join(place, "LICENSES.txt"), "those of another build");
    expect(await run("init")).toMatchObject({ exitCode: 0 });
    const command = /^terraform ((?:.*\\\n)+.*)$/mu.exec(await install())?.[1] ?? "";
    for (const args of [["init"], ["init", "-upgrade"], ["plan"]]) {
      expect((await run(...args)).stderr.replaceAll(/\s+/gu, " ")).toMatch(/match any of the checksums/);
    }
    expect(await run(...command.split(/[\s\\]+/u))).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await run("plan")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await run("init")).toMatchObject({ exitCode: 0, stderr: "" });
  });

  terraformTest(
    "is found by terraform with what it prints, and others are looked for as before",
    async () => {
      // Nothing listens there: whoever is asked for a provider can't tell.
      const mirror = 'network_mirror { url = "https://127.0.0.1:9/" }';
      const { write, run, out } = await openProject(mirror);
      expect((await run("init")).stderr).toMatch(/provider\s+cozeform\/coze/u);
      const [block = "", exclude = ""] = [
        /^ {2}filesystem_mirror \{.*?^ {2}\}\n/msu.exec(out)?.[0],
        /^ +exclude = .*$/mu.exec(out)?.[0],
      ];
      const ways = `${block}\n${mirror.replace(" }", `\n${exclude}\n}`)}`;
      write({ ".terraformrc": `provider_installation {\n${ways}\n}\n` });
      expect(await run("init")).toMatchObject({ exitCode: 0, stderr: "" });
      write({
        "versions.tf":
          'terraform {\n  required_providers {\n    other = { source = "hashicorp/null" }\n    coze  = { source = "cozeform/coze" }\n  }\n}\n',
      });
      const { exitCode, stderr } = await run("init");
      expect({ exitCode, asked: /hashicorp\/null/.test(stderr), coze: /cozeform/.test(stderr) }).toEqual({
        exitCode: 1,
        asked: true,
        coze: false,
      });
    },
  );
});
