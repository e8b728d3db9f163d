// Times the Terraform provider with the real terraform: from start to handshake, and a plan of many bots that finds
// nothing to do beside the same count of Terraform's own terraform_data, in one run.
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { createEmulator } from "../dist/index.js";

const run = promisify(execFile);
const provider = resolve(import.meta.dirname, "../dist/terraform/terraform-provider-coze.cjs");
const handshake = {
  TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
  PLUGIN_PROTOCOL_VERSIONS: "6",
};

const rounds = 5;

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds from the start of a script to its first line. */
async function timeFirstLine(script) {
  const begun = performance.now();
  const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH, ...handshake } });
  await new Promise((done) => child.stdout.once("data", done));
  const took = performance.now() - begun;
  child.kill("SIGKILL");
  return took;
}

async function measureStart(scratch) {
  const empty = join(scratch, "empty.cjs");
  writeFileSync(empty, 'process.stdout.write("x\\n");');
  const [scripts, times] = [
    [empty, provider],
    [[], []],
  ];
  for (let round = 0; round < 15; round += 1) {
    for (const [index, script] of scripts.entries()) times[index].push(await timeFirstLine(script));
  }
  const [none, ours] = times.map(median);
  console.log(
    `start to handshake: ${ours.toFixed(0)} ms, of an empty script ${none.toFixed(0)} ms (medians of 15)`,
  );
}

function writeConfiguration(directory, text) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "main.tf"), text);
}

const promptOf = (characters) => "你是助手。".repeat(characters / 5);

const bots = (count, characters) => `terraform {
  required_providers { coze = { source = "cozeform/coze" } }
}
provider "coze" { requests_per_second = 100000 }
resource "coze_workspace" "w" {
  name        = "空间"
  description = "测试"
}
resource "coze_bot" "b" {
  count     = ${count}
  workspace = coze_workspace.w.id
  name      = "助手\${count.index}"
  prompt    = "${promptOf(characters)}"
}
`;

const data = (count, characters) => `resource "terraform_data" "d" {
  count = ${count}
  input = { name = "助手\${count.index}", prompt = "${promptOf(characters)}" }
}
`;

/** Plans of bots and of data in turn: what else the machine does hits both. */
async function measurePlans(scratch, count, characters) {
  const emulator = createEmulator({ keepRequests: 1_000_000 });
  const door = await emulator.listen();
  const terraform = terraformBeside(scratch, { COZE_API_BASE: door.url, COZE_API_TOKEN: emulator.token });
  const [ours, theirs] = [join(scratch, `bots-${characters}`), join(scratch, `data-${characters}`)];
  writeConfiguration(ours, bots(count, characters));
  writeConfiguration(theirs, data(count, characters));
  await terraform(ours, "apply", "-auto-approve", "-parallelism=100");
  await terraform(theirs, "apply", "-auto-approve");
  const plan = async (directory) => {
    const begun = performance.now();
    await terraform(directory, "plan", "-detailed-exitcode");
    return (performance.now() - begun) / 1000;
  };
  const times = { ours: [], theirs: [], ratios: [] };
  const before = emulator.requests.length;
  for (let round = 0; round < rounds; round += 1) {
    const [mine, other] = [await plan(ours), await plan(theirs)];
    times.ours.push(mine);
    times.theirs.push(other);
    times.ratios.push(mine / other);
  }
  const calls = (emulator.requests.length - before) / rounds;
  console.log(
    `plan of ${count} bots with prompts of ${characters} characters, nothing to do: ` +
      `${median(times.ours).toFixed(2)} s, ${calls} calls; of as much terraform_data: ` +
      `${median(times.theirs).toFixed(2)} s; ratio ${median(times.ratios).toFixed(2)} (medians of ${rounds})`,
  );
  await door.close();
}

/** Terraform that takes the built provider from a folder below `scratch`. */
function terraformBeside(scratch, env) {
  const override = join(scratch, "provider");
  mkdirSync(override, { recursive: true });
  rmSync(join(override, "terraform-provider-coze.cjs"), { force: true });
  symlinkSync(provider, join(override, "terraform-provider-coze.cjs"));
  const cli = join(scratch, "terraform.rc");
  writeFileSync(cli, `provider_installation {\n  dev_overrides { "cozeform/coze" = "${override}" }\n}\n`);
  const all = {
    PATH: process.env.PATH,
    HOME: scratch,
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: cli,
    ...env,
  };
  return (directory, ...args) =>
    run("terraform", [`-chdir=${directory}`, ...args], { env: all, maxBuffer: 1 << 28 });
}

/** Prints all measurements; says so where there is no terraform. */
export async function measureTerraform(count = 1000) {
  const scratch = mkdtempSync(join(tmpdir(), "cozeform-terraform-"));
  try {
    await measureStart(scratch);
    await run("terraform", ["version"]).then(
      async () => {
        for (const characters of [500, 2000]) await measurePlans(scratch, count, characters);
      },
      () => console.log("terraform isn't on the PATH: its plans aren't timed"),
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) await measureTerraform(Number(process.argv[2] ?? 1000));
