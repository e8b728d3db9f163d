import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openLog } from "../../src/terraform/provider/call-log.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";
import { blocks, configure } from "./failures/stage.ts";

const deviceKey = "device-key-7f3a9c51e2";

const bot = `\
variable "device_key" {
  type      = string
  ephemeral = true
}

resource "coze_bot" "support" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  publish = {
    connectors = [
      { id = "1024" },
      { id = "7512000000000090001", config_wo = jsonencode({ device_id = var.device_key }), config_wo_version = "1" },
    ]
  }
}
`;

/** An apply with a log: a first call that is one of too many, and a publication that Coze refuses with all that it was told. */
async function applyLogged(level: string) {
  const story = await createTerraformStory({
    served: "executable",
    files: configure(blocks.desk, bot),
    env: { TF_LOG_PROVIDER: level, TF_LOG_PATH: "terraform.log", TF_VAR_device_key: deviceKey },
  });
  const { faults, token } = story.emulator;
  faults.set([
    { operation: "create_workspace", fault: "storm", retry_after: 1, calls: { times: 1 } },
    { operation: "publish_bot", fault: "refuse", code: 4000, msg: `no device ${deviceKey} for ${token}` },
  ]);
  const { exitCode, stdout, stderr } = await story.run("apply", "-auto-approve");
  expect(exitCode).toBe(1);
  const log = readFileSync(join(story.directory, "terraform.log"), "utf8");
  for (const text of [log, stdout, stderr]) {
    expect(text).not.toContain(deviceKey);
    expect(text).not.toContain(token);
  }
  return log.split("\n").filter((line) => line.includes("operation="));
}

/** The level of a line, and what it says; Terraform writes the facts in any order. */
const read = (line: string): { readonly [name: string]: string } => ({
  level: /\[(\w+)\]/u.exec(line)?.[1] ?? "",
  message: /coze: ([^:]+):/u.exec(line)?.[1] ?? "",
  ...Object.fromEntries([...line.matchAll(/(\w+)=([^\s"]+)/gu)].map(([, name, value]) => [name, value])),
});

terraformTest("TF_LOG shows each call of Coze's, what it waited for, and no secret", async () => {
  const lines = await applyLogged("debug");
  const about = (operation: string) => lines.filter((line) => line.includes(`operation=${operation} `));
  const call = { message: "Coze answered", method: "POST", path: "/v1/workspaces" };
  const facts = { ...call, logid: expect.any(String), duration_ms: expect.any(String) };
  expect(about("create_workspace").map(read)).toMatchObject([
    { level: "WARN", ...facts, attempt: "1", status: "429", code: "4013" },
    { level: "WARN", message: "waiting before the next attempt", attempt: "2", asked_by_coze: "true" },
    ...about("create_workspace")
      .slice(2, -1)
      .map(() => ({ message: "waited for the rate limit" })),
    { level: "INFO", ...facts, attempt: "2", status: "200", code: "0" },
  ]);
  expect(Number(read(about("create_workspace")[1] ?? "").wait_ms)).toBeGreaterThanOrEqual(1000);
  expect(read(about("list_workspace")[0] ?? "")).toMatchObject({ level: "DEBUG", message: "Coze answered" });
  expect(about("publish_bot").at(-1)).toMatch(/\[WARN\].*no device \[secret\] for \[secret\]/u);
});

terraformTest("TF_LOG=INFO shows what was written and what went wrong, and no reads", async () => {
  const lines = await applyLogged("info");
  expect(lines.filter((line) => line.includes("[DEBUG]"))).toEqual([]);
  const operations = lines.map((line) => /operation=(\w+)/u.exec(line)?.[1]);
  expect([...new Set(operations)].sort()).toEqual(["create_bot", "create_workspace", "publish_bot"]);
});

test.each([
  [{}, []],
  [{ TF_LOG: "off" }, []],
  [{ TF_LOG: "ERROR", TF_LOG_CORE: "trace" }, []],
  [{ TF_LOG: "debug", TF_LOG_PROVIDER: "off" }, []],
  [{ TF_LOG: "INFO" }, ["info"]],
  [{ TF_LOG: "warn", TF_LOG_PROVIDER: "Debug" }, ["info", "debug"]],
  [{ TF_LOG: "JSON" }, ["info", "debug", "trace"]],
  [{ TF_LOG: "1" }, ["info", "debug", "trace"]],
])("with %j these levels are written: %j", (env, written) => {
  const lines: string[] = [];
  const log = openLog(
    env,
    (line) => lines.push(line),
    () => 0,
  );
  for (const level of ["info", "debug", "trace"] as const)
    log?.(level, "called", { operation: "create_bot" });
  expect(lines.map((line) => JSON.parse(line)["@level"])).toEqual(written);
});
