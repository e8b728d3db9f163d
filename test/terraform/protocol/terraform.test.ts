import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "@jest/globals";
import { makeScratch } from "../../support/scratch.ts";
import { layOut } from "../../support/terraform-directory.ts";
import { terraformTest } from "../../support/terraform-process.ts";
import { bundleToy } from "./host.ts";

const main = `
provider "toy" {
  token = "hush-hush"
}

resource "toy_thing" "a" {
  name = "a"
}

output "size" {
  value = length(provider::toy::echo(file("large.txt")))
}
`;

/** A directory where terraform starts the toy as a program of its own; `log`: what it wrote down meanwhile. */
function createStory(env: { readonly [name: string]: string } = {}) {
  const home = makeScratch();
  const overrides = `dev_overrides {\n    "cozeform/toy" = ${JSON.stringify(dirname(bundleToy(home)))}\n  }`;
  writeFileSync(join(home, "cli.tfrc"), `provider_installation {\n  ${overrides}\n  direct {}\n}\n`);
  const sockets = makeScratch();
  const story = layOut({
    provider: "toy",
    files: { "main.tf": main, "large.txt": "6 megabyte".repeat(600_000) },
    env: {
      TF_CLI_CONFIG_FILE: join(home, "cli.tfrc"),
      TF_LOG: "trace",
      TF_LOG_PATH: join(home, "trace.log"),
      TMPDIR: sockets,
      ...env,
    },
    requests: () => [],
  });
  const log = () => readFileSync(join(home, "trace.log"), "utf8");
  return { ...story, log, sockets: () => readdirSync(sockets).filter((name) => name.startsWith("plugin")) };
}

terraformTest("Terraform starts the program, is served over TLS and ends it in good order", async () => {
  const { run, log, sockets } = createStory();
  const { exitCode, stdout, stderr } = await run("apply", "-auto-approve");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(
    /Apply complete! Resources: 1 added, 0 changed, 0 destroyed.\s+Outputs:\s+size = 6000000\n$/u,
  );
  expect(sockets()).toEqual([]);
  const text = log();
  expect(text).toMatch(/\[DEBUG\] provider\.terraform-provider-toy\.cjs: listening: .*tls=true/u);
  expect(text).toMatch(/\[DEBUG\] provider\.terraform-provider-toy\.cjs: a library that talks\n/u);
  expect(text).not.toMatch(/hush-hush|failed to exit gracefully|plugin process exited: .*error/u);
});

terraformTest("Terraform is served without TLS where its user wants none", async () => {
  const { run, log } = createStory({ TF_DISABLE_PLUGIN_TLS: "1" });
  expect((await run("apply", "-auto-approve")).exitCode).toBe(0);
  expect(log()).toMatch(/: listening: .*tls=false/u);
});
