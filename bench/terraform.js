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

const bots = (count) => `terraform {
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
  prompt    = "${"你是助手。".repeat(100)}"
}
`;

const data = (count) => `resource "terraform_data" "d" {
  count = ${count}
  input = { name = "助手\${count.index}", prompt = "${"你是助手。".repeat(100)}" }
}
`;

async function measurePlan(scratch, count) {
  const emulator = createEmulator({ keepRequests: 1_000_000 });
  const door = await emulator.listen();
  const override = join(scratch, "provider");
  mkdirSync(override, { recursive: true });
  symlinkSync(provider, join(override, "terraform-provider-coze.cjs"));
  const cli = join(scratch, "terraform.rc");
  writeFileSync(cli, `provider_installation {\n  dev_overrides { "cozeform/coze" = "${override}" }\n}\n`);
  const env = {
    PATH: process.env.PATH,
    HOME: scratch,
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: cli,
    COZE_API_BASE: door.url,
    COZE_API_TOKEN: emulator.token,
  };
  const terraform = (directory, ...args) =>
    run("terraform", [`-chdir=${directory}`, ...args], { env, maxBuffer: 1 << 28 });
  const [ours, theirs] = [join(scratch, "bots"), join(scratch, "data")];
  writeConfiguration(ours, bots(count));
  writeConfiguration(theirs, data(count));
  await terraform(ours, "apply", "-auto-approve", "-parallelism=100");
  await terraform(theirs, "apply", "-auto-approve");
  const plan = async (directory) => {
    const begun = performance.now();
    await terraform(directory, "plan", "-detailed-exitcode");
    return (performance.now() - begun) / 1000;
  };
  const times = { ours: [], theirs: [] };
  let calls = 0;
  for (let round = 0; round < 3; round += 1) {
    const before = emulator.requests.length;
    times.ours.push(await plan(ours));
    calls = emulator.requests.length - before;
    times.theirs.push(await plan(theirs));
  }
  const [mine, other] = [median(times.ours), median(times.theirs)];
  const ratio = (mine / other).toFixed(2);
  console.log(
    `plan of ${count} bots, nothing to do: ${mine.toFixed(2)} s, ${calls} calls; of ${count} terraform_data: ${other.toFixed(2)} s; ratio ${ratio}`,
  );
  await door.close();
}

/** Prints both measurements; says so where there is no terraform. */
export async function measureTerraform(count = 1000) {
  const scratch = mkdtempSync(join(tmpdir(), "cozeform-terraform-"));
  try {
    await measureStart(scratch);
    await run("terraform", ["version"]).then(
      () => measurePlan(scratch, count),
      () => console.log("terraform isn't on the PATH: its plans aren't timed"),
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) await measureTerraform(Number(process.argv[2] ?? 1000));
