import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "@jest/globals";
import { App, LocalBackend, TerraformStack, TerraformVariable } from "cdktf";
import { CozeProvider } from "../../src/cdktf/index.ts";
import { CozeManifests, type CozeManifestsConfig } from "../../src/cdktf/manifests.ts";
import { installProvider } from "../../src/commands/terraform.ts";
import { makeScratch } from "../support/scratch.ts";
import { createStory, type Files } from "../support/story.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";
import { describeMeaning } from "../support/world.ts";
import { layManifests, manifest } from "./manifests-ground.ts";

const examples = resolve(import.meta.dirname, "../../examples");

/** Manifests, and the names of variables of theirs that the stack has Terraform ask for. */
interface Synthesis extends CozeManifestsConfig {
  readonly asked?: readonly string[];
}

/** What CDKTF writes for a stack with these manifests, by path in the directory that Terraform runs in. */
function synthesize({ asked = [], variables, ...config }: Synthesis): Files {
  const outdir = makeScratch();
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "stack");
  // Unless told otherwise, the state lies in the directory of the process.
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new CozeProvider(stack, "coze", { allowOwnershipTransfer: true, requestsPerSecond: 1000 });
  const tokens = asked.map(
    (name) => [name, new TerraformVariable(stack, name, { type: "string" }).stringValue] as const,
  );
  new CozeManifests(stack, "desk", {
    ...config,
    variables: { ...variables, ...Object.fromEntries(tokens) },
  });
  app.synth();
  const folder = join(outdir, "stacks/stack");
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const files = entries.map(({ parentPath, name }) => join(parentPath, name));
  // The stack names its provider itself.
  return {
    "terraform.tf": "",
    ...Object.fromEntries(files.map((file) => [file.slice(folder.length + 1), readFileSync(file)])),
  };
}

/** A directory that holds what was synthesized, where Terraform has the provider from a mirror and is set to go. */
async function openSynthesized(config: Synthesis, env: { readonly [name: string]: string } = {}) {
  const story = await createTerraformStory({ served: "executable", files: synthesize(config), env });
  await installProvider({ env: { HOME: story.directory } });
  story.env.TF_CLI_CONFIG_FILE = join(story.directory, "cli.tfrc");
  expect(await story.run("init")).toMatchObject({ exitCode: 0, stderr: "" });
  return story;
}

const cases = [
  ["quickstart", "dev"],
  ["quickstart", "prod"],
  ["team", "dev"],
  ["team", "prod"],
] as const;

for (const [name, environment] of cases) {
  terraformTest(
    `${name} in ${environment}, synthesized and applied by Terraform: the world that cozeform makes of it`,
    async () => {
      const directory = join(examples, name);
      const ours = createStory({ from: directory });
      const { result } = await ours.apply({ environment });
      expect(result?.failed).toEqual([]);
      const theirs = await openSynthesized({ directory, environment });
      await theirs.apply();
      expect(describeMeaning(theirs.emulator.world)).toEqual(describeMeaning(ours.emulator.world));
      await theirs.expectNoChanges();
      if (name === "team" && environment === "prod") {
        const { stderr } = await theirs.fail("destroy", "-auto-approve");
        expect(stderr).toMatch(/coze_dataset\.desk_policies has\s+lifecycle\.prevent_destroy set/u);
        return;
      }
      await theirs.destroy();
      const { datasets, documents, callbackApps } = theirs.emulator.world;
      expect([datasets.size, documents.size, callbackApps.size]).toEqual([0, 0, 0]);
    },
  );
}

/** Marks of every language that the value passes through on its way: JSON, Terraform's templates and strings. */
const secret = `"q" \\b ${"${x}"} %{if} $ <&> 密`;
const text = '${name} %{for} $${a} $$${b} %%{c} $ % \\ "引号" ${\n';

const odd = {
  "cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nmanifests: [bots.yaml]\n",
  "prompt.md": text,
  "bots.yaml": [
    manifest(
      "Bot",
      "{ name: support, depends_on: [Bot.first] }",
      [
        "workspace: { lookup: { name: 个人空间 } }",
        "name: 售后",
        "prompt: { file: prompt.md }",
        "onboarding: { prologue: 'a${var.sign}${var.plain}' }",
        "workflows: [{ lookup: { name: 查询订单 } }]",
        "model: { id: '1706077826', temperature: '${var.warmth}' }",
        "publish: { connectors: [{ id: '999', config: { whole: '${env.COZE_KEY}', part: 'Bearer ${env.COZE_KEY}' } }] }",
      ].join("\n"),
    ),
    manifest("Bot", "{ name: first }", "workspace: { lookup: { name: 个人空间 } }\nname: 第一"),
  ].join("---\n"),
};

/** What only whoever runs Terraform tells it. */
const later = { plain: "{x} $${y}", warmth: "0.5" };
const env = { COZE_KEY: secret };

for (const secretsVersion of [undefined, "1"]) {
  terraformTest(
    `texts and secrets of any kind arrive as cozeform sends them, secrets ${secretsVersion ? "in no state" : "as sensitive values"}`,
    async () => {
      const known = { sign: "$" };
      const ours = createStory({ files: odd, env });
      const theirs = await openSynthesized(
        {
          directory: layManifests(odd),
          variables: known,
          asked: Object.keys(later),
          ...(secretsVersion ? { secretsVersion } : {}),
        },
        Object.fromEntries(
          Object.entries({ ...later, ...env }).map(([name, value]) => [`TF_VAR_${name}`, value]),
        ),
      );
      for (const { world } of [ours.emulator, theirs.emulator]) {
        const { id } = world.addWorkflow({ space_id: world.personalWorkspace().id, name: "查询订单" });
        world.publishWorkflow(id);
      }
      const applied = await ours.apply({ variables: { ...known, ...later } });
      expect(applied.result?.failed).toEqual([]);
      await theirs.apply();
      expect(describeMeaning(theirs.emulator.world)).toEqual(describeMeaning(ours.emulator.world));
      const sent = [ours, theirs].map(({ emulator }) =>
        emulator.requests
          .filter(({ operation }) => operation === "publish_bot")
          .map(({ body }) => (body as { readonly connectors: unknown }).connectors),
      );
      const spelled = { whole: JSON.stringify(secret), part: JSON.stringify(`Bearer ${secret}`) };
      expect(sent[0]).toEqual([{ "999": spelled }]);
      expect(sent[1]).toEqual(sent[0]);
      const state = readFileSync(join(theirs.directory, "terraform.tfstate"), "utf8");
      expect(state.includes("密")).toBe(secretsVersion === undefined);
      await theirs.expectNoChanges();
      await theirs.destroy();
      expect([...theirs.emulator.world.bots.values()].map(({ channels }) => channels)).toEqual([{}, {}]);
    },
  );
}
