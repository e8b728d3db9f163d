import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { provider as nullProvider } from "@cdktf/provider-null";
import { expect, test } from "@jest/globals";
import { App, Fn, LocalBackend, TerraformProvider, TerraformStack, Testing, Token } from "cdktf";
import * as cdktn from "cdktn";
import { buildSync } from "esbuild";
import { InvalidManifests, ManifestRun, type ManifestRunConfig } from "../../src/cdktf/manifest-run.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { startCozeform } from "../support/process.ts";
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
spec: { workspace: desk, name: ${name}, prompt: { file: "prompts/$\${x}.md" }, onboarding: { prologue: "\${var.greeting}" } }
---
apiVersion: cozeform/v1
kind: Dataset
metadata: { name: faq }
spec: { workspace: desk, name: 常见问题, format: text }
`;

/** Named with what Terraform would take for its own. */
const prompt = "prompts/${x}.md";

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
  mkdirSync(join(directory, "prompts"));
  writeFileSync(join(directory, prompt), "你是客服助手。");
  return directory;
}

/** What a run is written with: a library, and the construct that is made for it. */
interface Kit {
  readonly App: typeof App;
  readonly TerraformStack: typeof TerraformStack;
  readonly LocalBackend: typeof LocalBackend;
  readonly TerraformProvider: typeof TerraformProvider;
  readonly ManifestRun: typeof ManifestRun;
}

const kit: Kit = { App, TerraformStack, LocalBackend, TerraformProvider, ManifestRun };

/** The JSON of a stack that holds just a run; made in `outdir`, where CDKTF makes it. */
function synthesize(config: ManifestRunConfig, outdir: string, use: Kit = kit, onNull = false) {
  const app = new use.App({ outdir });
  const stack = new use.TerraformStack(app, "stack");
  // Where it is by default for who begins in the project: what changes there must not run anything.
  new use.LocalBackend(stack, { path: join(resolve(config.directory), "terraform.stack.tfstate") });
  const provider = onNull ? nullProviderOf(use, stack) : undefined;
  new use.ManifestRun(stack, "desk", provider ? { ...config, provider } : config);
  app.synth();
  const folder = join(outdir, "stacks/stack");
  return { folder, json: JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) };
}

/** `@cdktf/provider-null`'s; it exists for one of the libraries only, so for the other as it declares it. */
function nullProviderOf(use: Kit, stack: TerraformStack): TerraformProvider {
  if (use === kit) return new nullProvider.NullProvider(stack, "null");
  class NullProvider extends use.TerraformProvider {}
  return new NullProvider(stack, "null", {
    terraformResourceType: "null",
    terraformProviderSource: "null",
    terraformGeneratorMetadata: { providerName: "null" },
  });
}

/** What is synthesized of one of a run's two resources. */
function resourceOf(json: ReturnType<typeof synthesize>["json"], name: string) {
  const all = Object.entries<object>(json.resource.terraform_data);
  const found = all.find(([key]) => key.startsWith(`desk_${name}_`))?.[1] ?? {};
  return { ...found, "//": undefined };
}

const digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const hash = expect.stringMatching(/^[0-9a-f]{64}$/u);

test("an apply is run again by what its project consists of, and is told everything without a shell", () => {
  const root = makeScratch();
  const directory = join(root, "infra");
  cpSync(layOutProject("http://127.0.0.1:9"), directory, { recursive: true });
  mkdirSync(join(directory, ".cozeform"));
  for (const file of [".cozeform/prod.state.json", "terraform.stack.tfstate", "main.ts", "prod.plan.json"])
    writeFileSync(join(directory, file), "{}");
  const variables = { greeting: '您好 "$HOME" ${HOME} %{if} $${x}', rounds: 3 };
  const { json } = synthesize(
    {
      ...{ directory, environment: "prod", variables, plan: "prod.plan.json" },
      ...{ allowOwnershipTransfer: true, confirmRemovals: 12 },
    },
    join(root, "cdktf.out"),
  );
  // As Terraform's templates spell it.
  const greeting = '您好 "$HOME" $${HOME} %%{if} ${"$$"}{x}';
  const flags = ["--auto-approve", "-e", "prod", "--confirm-environment", "prod"].concat([
    ...["--var", `greeting=${greeting}`],
    ...["--var", "rounds=3"],
  ]);
  const answers = ["--allow-ownership-transfer", "--confirm-removals", "12"];
  expect(resourceOf(json, "apply")).toEqual({
    depends_on: [expect.stringMatching(/^terraform_data\.desk_project_/u)],
    triggers_replace: {
      "file:cozeform.yaml": hash,
      "file:manifests/desk.yaml": hash,
      "file:prompts/$${x}.md": hash,
      environment: "prod",
      plan: digest,
      "var:greeting": greeting,
      "var:rounds": "3",
    },
    provisioner: [
      {
        "local-exec": {
          command: ".",
          interpreter: [
            ...["npx", "--no", "cozeform", "apply"],
            ...flags,
            ...["--plan-sha256", digest, "prod.plan.json"],
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
          interpreter: ["npx", "--no", "cozeform", "destroy", ...flags, ...answers],
          when: "destroy",
          working_dir: "../../../infra",
        },
      },
    ],
  });
});

test("what only Terraform will know goes to an apply, where nothing is to be destroyed", () => {
  const directory = layOutProject("http://127.0.0.1:9");
  const greeting = `$\{x} ${Token.asString(Fn.upper("hi"))}`;
  const { json } = synthesize(
    { directory, environment: "prod", variables: { greeting }, destroy: false },
    makeScratch(),
  );
  expect(resourceOf(json, "project")).toEqual({});
  expect(resourceOf(json, "apply")).toMatchObject({
    triggers_replace: { "var:greeting": '${"$"}{x} ${upper("hi")}' },
    provisioner: [
      { "local-exec": { interpreter: expect.arrayContaining(['greeting=${"$"}{x} ${upper("hi")}']) } },
    ],
  });
});

test("what can't be run is refused when it is synthesized", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const directory = layOutProject("http://127.0.0.1:9");
  let made = 0;
  const make = (config: Partial<ManifestRunConfig>) => () =>
    new ManifestRun(stack, `r${++made}`, {
      directory,
      environment: "prod",
      variables: { greeting: "" },
      ...config,
    });
  expect(make({ directory: "/nowhere" })).toThrow(
    /^the manifests in \/nowhere can't be used\n\n.*no \/nowhere/u,
  );
  expect(make({ environment: "pord" })).toThrow(/did you mean "prod"\?/u);
  expect(make({ variables: {} })).toThrow(InvalidManifests);
  expect(make({ environment: undefined })).toThrow(
    'stack/r4: prod is protected: confirm it with environment: "prod"',
  );
  expect(make({ plan: "no.json" })).toThrow(
    `stack/r5: there is no file ${directory}/no.json: create it with cozeform plan --out`,
  );
  expect(make({ variables: { greeting: `pat_${"a1B2".repeat(16)}` } })).toThrow(
    /^stack\/r6: the variable greeting holds .*, which Terraform would store: use an environment variable/u,
  );
  expect(make({ variables: { greeting: Token.asString(Fn.upper("hi")) } })).toThrow(
    "stack/r7: the variable greeting isn't known when Terraform destroys: set a value, or destroy: false",
  );
  expect(make({ plan: "prompts" })).toThrow(`stack/r8: there is no file ${directory}/prompts: create it`);
  expect(make({ command: "cozeform" as never })).toThrow(
    'stack/r9: command is a list of a program and its first arguments, such as ["npx", "cozeform"]',
  );
  expect(make({ destory: false } as never)).toThrow(
    "stack/r10 has no property destory: did you mean destroy?",
  );
  expect(make({ variables: { greeting: "", "a=b": "" } })).toThrow(
    `stack/r11: "a=b" isn't a variable's name: use letters, digits and _`,
  );
  expect(make({ variables: { greeting: "", "--auto": "" } })).toThrow(`"--auto" isn't a variable's name`);
  expect(make({ variables: { greeting: "", 称呼: "您" } })).not.toThrow();
  writeFileSync(join(directory, "manifests/desk.yaml"), manifests("名字太长".repeat(6)));
  expect(make({})).toThrow(/\n.*manifests\/desk.yaml:9:32/u);
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

/** A project, the emulator that it is applied to, and Terraform in the folder of a stack that runs it. */
async function openGround(use = kit, onNull = false) {
  const emulator = createStrictEmulator();
  const door = await emulator.listen();
  closeAfterwards(() => door.close());
  const directory = layOutProject(door.url);
  const outdir = makeScratch();
  const synth = (config: Partial<ManifestRunConfig> = {}) =>
    synthesize(
      {
        directory,
        environment: "prod",
        variables: { greeting },
        command: [process.execPath, cozeform],
        ...config,
      },
      outdir,
      use,
      onNull,
    );
  const terraform = openTerraform(synth().folder, { COZE_TOKEN: emulator.token });
  let seen = 0;
  return {
    emulator,
    directory,
    synth,
    terraform,
    apply: () => terraform("apply", "-auto-approve"),
    write: (file: string, text: string) => writeFileSync(join(directory, file), text),
    bots: () => [...emulator.world.bots.values()].map(({ draft }) => draft.name),
    /** The writing calls since it was asked last. */
    writes() {
      const all = emulator.requests.slice(seen);
      seen = emulator.requests.length;
      return all.filter(({ writes }) => writes).map(({ operation }) => operation);
    },
  };
}

const greeting = '您好 "$(id)" ${HOME}';
const replaced = "Apply complete! Resources: 1 added, 0 changed, 1 destroyed.";

terraformTest(
  "real Terraform applies, applies again what changed or failed, and destroys nothing until it destroys all",
  async () => {
    const { emulator, synth, terraform, apply, write, bots, writes } = await openGround();
    expect(await terraform("init")).toMatchObject({ exitCode: 0 });
    expect((await apply()).stdout).toContain("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
    expect(bots()).toEqual(["客服助手"]);
    const [made] = [...emulator.world.bots.values()];
    expect(made?.draft.onboarding_info?.prologue).toBe(greeting);
    expect(made?.draft.prompt_info?.prompt).toBe("你是客服助手。");
    writes();

    synth();
    expect((await terraform("plan", "-detailed-exitcode")).exitCode).toBe(0);
    expect(writes()).toEqual([]);

    write("manifests/desk.yaml", manifests("新客服"));
    write(prompt, "你是新客服。");
    synth();
    expect((await apply()).stdout).toContain(replaced);
    expect(writes()).toEqual(["update_bot"]);
    expect(bots()).toEqual(["新客服"]);

    write("manifests/desk.yaml", manifests("好客服"));
    synth();
    emulator.faults.set([{ operation: "update_bot", fault: "refuse", code: 4101 }]);
    const failed = await apply();
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain("4101");
    writes();
    emulator.faults.clear();
    expect((await terraform("plan")).stdout).toMatch(/desk_apply_\w+ is tainted, so must be replaced/u);
    expect((await apply()).stdout).toContain(replaced);
    expect(writes()).toEqual(["update_bot"]);
    expect(bots()).toEqual(["好客服"]);

    expect((await terraform("destroy", "-auto-approve")).stdout).toContain("Destroy complete! Resources: 2");
    expect(writes()).toEqual(["delete_dataset"]);
  },
);

/** The construct for CDKTF's successor, as it is shipped. */
async function successor(): Promise<Kit> {
  const built = pathToFileURL(resolve(import.meta.dirname, "../../dist/cdktn/manifest-run.js")).href;
  const { ManifestRun } = await import(built);
  return { ...cdktn, ManifestRun } as unknown as Kit;
}

for (const [library, open, onNull] of [
  ["cdktf", async () => kit, true],
  ["cdktn", successor, false],
  ["cdktn", successor, true],
] as const) {
  const type = onNull ? "null_resource" : "terraform_data";
  terraformTest(`with ${library}, a run of ${type} is applied and destroyed`, async () => {
    const { synth, terraform, apply, write, bots, writes } = await openGround(await open(), onNull);
    expect(Object.keys(synth().json.resource)).toEqual([type]);
    expect(await terraform("init")).toMatchObject({ exitCode: 0 });
    expect((await apply()).stdout).toContain("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
    write("manifests/desk.yaml", manifests("新客服"));
    synth();
    expect((await apply()).stdout).toContain(replaced);
    expect(bots()).toEqual(["新客服"]);
    expect((await terraform("plan", "-detailed-exitcode")).exitCode).toBe(0);
    writes();
    expect((await terraform("destroy", "-auto-approve")).stdout).toContain("Destroy complete! Resources: 2");
    expect(writes()).toEqual(["delete_dataset"]);
  });
}

terraformTest("a plan is applied if it is the one that was pinned", async () => {
  const { directory, synth, terraform, apply, write, bots, writes, emulator } = await openGround();
  const file = join(directory, "prod.plan.json");
  const args = ["plan", directory, "-e", "prod", "--var", `greeting=${greeting}`, "--out", file];
  expect(await startCozeform(args, { COZE_TOKEN: emulator.token }).ended).toMatchObject({ code: 0 });
  synth({ plan: "prod.plan.json" });
  expect(await terraform("init")).toMatchObject({ exitCode: 0 });
  const pinned = readFileSync(file, "utf8");
  write("prod.plan.json", `${pinned} `);
  const refused = await apply();
  expect(refused.exitCode).toBe(1);
  expect(refused.stdout).toMatch(/prod.plan.json:1:1\s+this isn't the pinned plan/u);
  expect(writes()).toEqual([]);
  write("prod.plan.json", pinned);
  expect((await apply()).exitCode).toBe(0);
  expect(bots()).toEqual(["客服助手"]);
});
