import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { provider } from "@cdktf/provider-null";
import { expect, test } from "@jest/globals";
import { App, LocalBackend, TerraformStack, Testing } from "cdktf";
import { buildSync } from "esbuild";
import { ManifestRun, type ManifestRunConfig } from "../../src/cdktf/manifest-run.ts";
import { createEmulator } from "../../src/emulator/index.ts";
import { makeScratch } from "../support/scratch.ts";
import { closeAfterwards } from "../support/terraform-directory.ts";
import { startTerraform, terraformTest } from "../support/terraform-process.ts";

const cozeform = resolve(import.meta.dirname, "../../dist/cli/bin.js");

const manifests = (name: string) => `apiVersion: cozeform/v1
kind: Workspace
metadata: { name: desk }
spec: { name: 客服中心, description: 售后 }
---
apiVersion: cozeform/v1
kind: Bot
metadata: { name: support }
spec: { workspace: desk, name: ${name}, prompt: 你是客服助手。 }
---
apiVersion: cozeform/v1
kind: Dataset
metadata: { name: faq }
spec: { workspace: desk, name: 常见问题, format: text }
`;

function layOutProject(endpoint: string): string {
  const directory = join(makeScratch(), "a project's $HOME");
  mkdirSync(join(directory, "manifests"), { recursive: true });
  const project = `apiVersion: cozeform/v1
kind: Project
name: desk
manifests: ["manifests/*.yaml"]
default_environment: prod
environments:
  prod:
    protect: true
    endpoint: ${endpoint}
    auth: { token: { env: COZE_TOKEN } }
    requests_per_second: 100000
`;
  writeFileSync(join(directory, "cozeform.yaml"), project);
  writeFileSync(join(directory, "manifests/desk.yaml"), manifests("客服助手"));
  return directory;
}

/** The JSON of a stack that holds just a run; made in `outdir`, where CDKTF makes it. */
function synthesize(config: ManifestRunConfig, outdir: string) {
  const app = new App({ outdir, skipValidation: true });
  const stack = new TerraformStack(app, "stack");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new provider.NullProvider(stack, "null");
  new ManifestRun(stack, "desk", config);
  app.synth();
  const folder = join(outdir, "stacks/stack");
  return { folder, json: JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) };
}

/** What is synthesized of one of a run's two resources. */
function resourceOf(json: ReturnType<typeof synthesize>["json"], name: string) {
  const all = Object.entries<object>(json.resource.null_resource);
  const found = all.find(([key]) => key.startsWith(`desk_${name}_`))?.[1] ?? {};
  return { ...found, "//": undefined };
}

test("an apply is run again by what its files hold, and is told everything without a shell", () => {
  const root = makeScratch();
  const directory = join(root, "infra");
  cpSync(layOutProject("http://127.0.0.1:9"), directory, { recursive: true });
  mkdirSync(join(directory, ".cozeform"));
  writeFileSync(join(directory, ".cozeform/prod.state.json"), "{}");
  writeFileSync(join(directory, "prod.plan.json"), "{}");
  const variables = { greeting: '您好 "$HOME"' };
  const { json } = synthesize(
    { directory, environment: "prod", variables, plan: "prod.plan.json" },
    join(root, "cdktf.out"),
  );
  const digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/u);
  const flags = ["--auto-approve", "-e", "prod", "--confirm-environment", "prod", "--var"];
  expect(resourceOf(json, "apply")).toEqual({
    depends_on: [expect.stringMatching(/^null_resource\.desk_project_/u)],
    triggers: {
      "file:cozeform.yaml": hash,
      "file:manifests/desk.yaml": hash,
      "file:prod.plan.json": digest,
      environment: "prod",
      plan: digest,
      "var:greeting": '您好 "$HOME"',
    },
    provisioner: [
      {
        "local-exec": {
          command: ".",
          interpreter: [
            "npx",
            "--no",
            "cozeform",
            "apply",
            ...flags,
            'greeting=您好 "$HOME"',
            "--plan-sha256",
            digest,
            "prod.plan.json",
          ],
          working_dir: "../../../infra",
        },
      },
    ],
  });
  expect(resourceOf(json, "project")).toEqual({
    provisioner: [
      {
        "local-exec": {
          command: ".",
          interpreter: ["npx", "--no", "cozeform", "destroy", ...flags, 'greeting=您好 "$HOME"'],
          when: "destroy",
          working_dir: "../../../infra",
        },
      },
    ],
  });
});

test("what isn't there is refused when it is synthesized", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const directory = makeScratch();
  expect(() => new ManifestRun(stack, "a", { directory })).toThrow(
    `stack/a: there is no cozeform.yaml in ${directory}: name a project's directory`,
  );
  const project = layOutProject("http://127.0.0.1:9");
  expect(() => new ManifestRun(stack, "b", { directory: project, plan: "no.json" })).toThrow(
    `there is no ${project}/no.json: make it with cozeform plan --out`,
  );
});

/** Terraform that finds the stand-in of the null provider in a mirror, in the folder of a stack. */
function openTerraform(folder: string, env: { readonly [name: string]: string }) {
  const mirror = makeScratch();
  const place = join(mirror, "registry.terraform.io/hashicorp/null/3.2.4", `${platform}_${architecture}`);
  const executable = join(place, "terraform-provider-null_v3.2.4.cjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "null-provider.ts")],
    outfile: executable,
    bundle: true,
    platform: "node",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
  });
  chmodSync(executable, 0o755);
  const config = join(mirror, "cli.tfrc");
  writeFileSync(config, `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`);
  return (...args: string[]) => startTerraform(folder, args, { ...env, TF_CLI_CONFIG_FILE: config }).ended;
}

const platform = process.platform;
const architecture = process.arch === "x64" ? "amd64" : process.arch;

terraformTest(
  "real Terraform applies, applies again what changed, destroys nothing in between, retries and destroys",
  async () => {
    const emulator = createEmulator();
    const door = await emulator.listen();
    closeAfterwards(() => door.close());
    const directory = layOutProject(door.url);
    const outdir = makeScratch();
    const config = { directory, environment: "prod", command: [process.execPath, cozeform] } as const;
    const { folder } = synthesize(config, outdir);
    const terraform = openTerraform(folder, { COZE_TOKEN: emulator.token });
    const apply = () => terraform("apply", "-auto-approve");
    let seen = 0;
    const called = () => {
      const names = emulator.requests.slice(seen).map(({ operation }) => String(operation));
      seen = emulator.requests.length;
      return names;
    };
    const botName = () => [...emulator.world.bots.values()].map(({ draft }) => draft.name);

    expect(await terraform("init")).toMatchObject({ exitCode: 0 });
    expect((await apply()).stdout).toContain("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
    expect(botName()).toEqual(["客服助手"]);
    called();

    synthesize(config, outdir);
    expect((await terraform("plan", "-detailed-exitcode")).exitCode).toBe(0);
    expect(called()).toEqual([]);

    writeFileSync(join(directory, "manifests/desk.yaml"), manifests("新客服"));
    synthesize(config, outdir);
    expect((await apply()).stdout).toContain("Apply complete! Resources: 1 added, 0 changed, 1 destroyed.");
    expect(botName()).toEqual(["新客服"]);
    expect(called().filter((operation) => /create|delete|remove/u.test(operation))).toEqual([]);

    writeFileSync(join(directory, "manifests/desk.yaml"), manifests("名字太长".repeat(6)));
    synthesize(config, outdir);
    const failed = await apply();
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain("manifests/desk.yaml:9:");
    expect((await terraform("state", "list")).stdout).toContain("null_resource.desk_apply_");
    writeFileSync(join(directory, "manifests/desk.yaml"), manifests("好名字"));
    synthesize(config, outdir);
    expect((await apply()).stdout).toContain("1 added, 0 changed, 1 destroyed");
    expect(botName()).toEqual(["好名字"]);

    called();
    expect((await terraform("destroy", "-auto-approve")).stdout).toContain("Destroy complete! Resources: 2");
    expect(called()).toContain("delete_dataset");
  },
  180_000,
);

terraformTest(
  "a plan is applied if it is the one that was pinned",
  async () => {
    const emulator = createEmulator();
    const door = await emulator.listen();
    closeAfterwards(() => door.close());
    const directory = layOutProject(door.url);
    const env = { PATH: process.env.PATH ?? "", COZE_TOKEN: emulator.token };
    const plan = () =>
      new Promise<number | null>((done) => {
        import("node:child_process").then(({ spawn }) =>
          spawn(process.execPath, [cozeform, "plan", "-e", "prod", "--out", "prod.plan.json", "."], {
            cwd: directory,
            env,
          }).on("close", done),
        );
      });
    expect(await plan()).toBe(0);
    const config = {
      directory,
      environment: "prod",
      plan: "prod.plan.json",
      command: [process.execPath, cozeform],
    } as const;
    const { folder } = synthesize(config, makeScratch());
    const terraform = openTerraform(folder, { COZE_TOKEN: emulator.token });
    expect(await terraform("init")).toMatchObject({ exitCode: 0 });
    const file = join(directory, "prod.plan.json");
    const pinned = readFileSync(file, "utf8");
    writeFileSync(file, `${pinned} `);
    const refused = await terraform("apply", "-auto-approve");
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("this isn't the plan that was pinned");
    expect(emulator.world.bots.size).toBe(0);
    writeFileSync(file, pinned);
    expect((await terraform("apply", "-auto-approve")).exitCode).toBe(0);
    expect(emulator.world.bots.size).toBe(1);
  },
  120_000,
);
