import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { TerraformStack, Testing } from "cdktf";
import { Bot, CozeProvider, CozeSpace, Dataset } from "../../src/cdktf/index.ts";
import { installProvider } from "../../src/commands/terraform.ts";
import { installConstructs } from "../support/constructs.ts";
import { startCozeform } from "../support/process.ts";
import { makeScratch } from "../support/scratch.ts";
import { terraformTest } from "../support/terraform-process.ts";

const root = resolve(import.meta.dirname, "../..");

/** Tells the terraform that CDKTF's matchers start where the built provider is: in a mirror, and nowhere else. */
async function mirrorProvider(): Promise<void> {
  const home = makeScratch();
  const { plugins } = await installProvider({
    env: { HOME: home },
    machine: { system: process.platform, architecture: process.arch },
    root: pathToFileURL(`${root}/`),
  });
  const config = join(home, "cli.tfrc");
  writeFileSync(config, `provider_installation {\n  filesystem_mirror {\n    path = "${plugins}"\n  }\n}\n`);
  Object.assign(process.env, { TF_CLI_CONFIG_FILE: config, CHECKPOINT_DISABLE: "1" });
}

/** An emulator in a process of its own: the matchers let nothing else run in this one. */
async function startEmulator() {
  const { child } = startCozeform(["emulator", "--token", "pat_test"], {});
  const url = await new Promise<string>((done, fail) => {
    let said = "";
    child.stdout?.on("data", (chunk) => {
      said += String(chunk);
      const [found] = /http:\/\/127\.0\.0\.1:\d+/u.exec(said) ?? [];
      if (found) done(found);
    });
    child.on("close", () => fail(new Error(said)));
  });
  return { url, stop: () => child.kill() };
}

function synthesize(endpoint: string, name = "客服助手"): string {
  const stack = new TerraformStack(Testing.app(), "stack");
  new CozeProvider(stack, "coze", { endpoint, token: "pat_test" });
  const desk = new CozeSpace(stack, "desk", { name: "客服中心", description: "售后" });
  const faq = desk.add(Dataset, "faq", { name: "常见问题", format: "text" });
  desk.add(Bot, "support", {
    name,
    prompt: "你是客服助手，只回答售后问题。",
    knowledge: { datasets: [faq] },
    publish: { connectors: [{ id: "1024" }] },
  });
  return Testing.fullSynth(stack);
}

type Matchers = { toBeValidTerraform(): void; toPlanSuccessfully(): void };

terraformTest("a stack is valid Terraform and can be planned with the provider from a mirror", async () => {
  Testing.setupJest();
  await mirrorProvider();
  const emulator = await startEmulator();
  try {
    const stack = synthesize(emulator.url);
    const expectation = expect(stack) as unknown as Matchers & { readonly not: Matchers };
    expectation.toBeValidTerraform();
    expectation.toPlanSuccessfully();
  } finally {
    emulator.stop();
  }
  const wrong = synthesize("http://127.0.0.1:9", "长".repeat(21));
  (expect(wrong) as unknown as { readonly not: Matchers }).not.toPlanSuccessfully();
});

/** A project with the program below, and as `cdktf` either library. */
function layOutProject(library: "cdktf" | "cdktn"): string {
  const project = makeScratch();
  writeFileSync(join(project, "main.mjs"), program);
  installConstructs(project, library);
  return project;
}

const program = `
import { App, Fn, TerraformOutput, TerraformStack, Testing } from "cdktf";
import { Bot, CozeProvider, CozePromotion, CozeSpace, Dataset } from "cozeform/cdktf";
const stack = new TerraformStack(new App({ outdir: "out" }), "stack");
new CozeProvider(stack, "coze");
const [one, other] = ["one", "other"].map((id) => new CozeSpace(stack, id, { name: id, description: "x" }));
const faq = one.add(Dataset, "faq", { name: "常见问题", format: "text" });
const bot = one.add(Bot, "b", { name: "助手", prompt: "见 " + faq.id, knowledge: { datasets: [faq] }, model: { id: "1", parameters: { a: [1, null, 'q"', faq.id] } } });
bot.model.temperature = 0.5;
new CozePromotion(stack, "p", { from: one, to: other });
new TerraformOutput(stack, "o", { value: Fn.upper(bot.version) });
process.stdout.write(Testing.synth(stack));
`;

test("cdktf's successor, under its name, makes the same of the same program", () => {
  const [before, after] = (["cdktf", "cdktn"] as const).map((library) => {
    const output = execFileSync(process.execPath, ["main.mjs"], {
      cwd: layOutProject(library),
      env: { PATH: process.env.PATH },
    });
    const { "//": _, ...stack } = JSON.parse(String(output));
    return stack;
  });
  expect(Object.keys(before.resource)).toEqual([
    "coze_bot",
    "coze_dataset",
    "coze_workspace",
    "terraform_data",
  ]);
  expect(after).toEqual(before);
});
