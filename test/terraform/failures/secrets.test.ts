import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { expect } from "@jest/globals";
import { emulatedApp, privatePem } from "../../support/rsa-keys.ts";
import { createTerraformStory, type TerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, configure } from "./stage.ts";

/** Everything that Terraform left in the story's folder, by path: what is packed into a saved plan as well. */
function leftBehind({ directory }: TerraformStory): ReadonlyMap<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = files
    .filter((file) => !file.endsWith(".tf"))
    .flatMap((file) => {
      const content = readFileSync(file);
      const packed = unpack(content).map((text, index) => [`${file}!${index}`, text] as const);
      return [[file, content.toString("latin1")] as const, ...packed];
    });
  return new Map(texts);
}

/** The contents of a zip archive's files; none of what isn't one. */
function unpack(archive: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; ; ) {
    at = archive.indexOf("PK\u0003\u0004", at, "latin1");
    if (at < 0) return texts;
    const begin = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
    const isPacked = archive.readUInt16LE(at + 8) === 8;
    if (isPacked) texts.push(inflateRawSync(archive.subarray(begin)).toString("latin1"));
    at = begin;
  }
}

/** A text as it may stand in some file: as it is, in JSON, in Base64, as hexadecimal digits. */
function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Within a longer text, Base64 begins at any of three places, and its ends depend on the neighbours.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    ...shifted,
  ];
}

/** Where any of some secrets stands: names of texts. */
const whereIs = (secrets: readonly string[], texts: ReadonlyMap<string, string>): readonly string[] =>
  [...texts].flatMap(([name, text]) =>
    secrets.flatMap(spellingsOf).some((spelling) => text.includes(spelling)) ? [name] : [],
  );

const deviceKey = "device-key-7f3a9c51e2";
// Terraform's log shows the arguments that it is started with, not its variables.
const logged = { TF_LOG: "trace", TF_LOG_PATH: "trace.log", TF_VAR_device_key: deviceKey };

const bot = (provider: string, config: string) =>
  configure(
    `\
${provider}

variable "device_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "coze_workspace" "desk" {
  name        = "客服空间"
  description = "kefu-space"
}

resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  publish   = {
    connectors = [{ id = "1024" }, { id = "7512000000000090001", ${config} }]
  }
}
`,
    blocks.hook,
  );

const secretConfig = (version: string) =>
  `config_wo = jsonencode({ key = var.device_key }), config_wo_version = "${version}"`;

/** Plans, applies, changes, fails and destroys; gives all that was printed, by what was run. */
async function liveThrough(story: TerraformStory, provider = "") {
  const printed = new Map<string, string>();
  const run = async (name: string, ...args: string[]) => {
    const { stdout, stderr } = await story.run(...args);
    printed.set(name, `${stdout}\n${stderr}`);
  };
  const { faults } = story.emulator;
  await run("plan", "plan", "-out=saved.tfplan");
  await run("apply", "apply", "saved.tfplan");
  story.write(bot(provider, secretConfig("2")));
  faults.set([{ operation: "publish_bot", fault: "refuse", code: 4000, msg: "connectors: no such key" }]);
  await run("a failing apply", "apply", "-auto-approve");
  faults.clear();
  await run("another apply", "apply", "-auto-approve");
  await run("state show", "state", "show", "coze_callback_app.hook");
  await run("show", "show", "saved.tfplan");
  return printed;
}

/** None of these texts may stand anywhere, and the looking has to be able to find any. */
function expectSecrecy(
  story: TerraformStory,
  printed: ReadonlyMap<string, string>,
  secrets: readonly string[],
): void {
  expect(printed.get("another apply")).toContain("Resources: 0 added, 1 changed, 0 destroyed.");
  const left = leftBehind(story);
  const found = whereIs(["kefu-space"], left).map((name) => name.slice(story.directory.length + 1));
  expect(found).toEqual(
    expect.arrayContaining([expect.stringMatching(/^saved\.tfplan!\d$/u), "terraform.tfstate"]),
  );
  expect(left.get(join(story.directory, "trace.log"))).toContain("[TRACE]");
  expect(secrets.every((secret) => secret.length > 10)).toBe(true);
  expect([...whereIs(secrets, printed), ...whereIs(secrets, left)]).toEqual([]);
  // What Coze gives is kept as a sensitive value, and shown nowhere.
  const [given = ""] = [...story.emulator.world.callbackApps.values()].map(
    ({ verify_token }) => verify_token,
  );
  expect(whereIs([given], printed)).toEqual([]);
  const holders = whereIs([given], left).map((name) => name.slice(story.directory.length + 1));
  expect(holders).toContain("terraform.tfstate");
  expect(holders).not.toContain("trace.log");
  expect(printed.get("state show")).toMatch(/verify_token += \(sensitive value\)/u);
}

terraformTest(
  "a token from the environment and a channel's secret are in no log, state, plan or output",
  async () => {
    const files = bot("", secretConfig("1"));
    const story = await createTerraformStory({ served: "executable", files, env: logged });
    const printed = await liveThrough(story);
    expectSecrecy(story, printed, [story.emulator.token, deviceKey]);
    const [given] = [...story.emulator.world.bots.values()];
    expect(given?.channels).toHaveProperty("7512000000000090001");
    const sent = story.emulator.requests.filter(({ operation }) => operation === "publish_bot");
    expect(sent.map(({ body }) => JSON.stringify(body).includes(deviceKey))).toEqual([true, true, true]);
  },
);

const ephemeral = (name: string) => `variable "${name}" {
  type      = string
  sensitive = true
  ephemeral = true
}
`;

terraformTest("neither is a token that an ephemeral variable gives", async () => {
  const token = "pat_ephemeral_5b81c7d20e94";
  const provider = `${ephemeral("token")}\nprovider "coze" {\n  token = var.token\n}\n`;
  const files = bot(provider, secretConfig("1"));
  const story = await createTerraformStory({
    served: "executable",
    files,
    env: { ...logged, COZE_API_TOKEN: "", TF_VAR_token: token },
    emulator: { token },
  });
  expectSecrecy(story, await liveThrough(story, provider), [token, deviceKey]);
});

terraformTest("neither are an app's private key and the tokens that it gets", async () => {
  const provider = `${ephemeral("private_key")}
provider "coze" {
  jwt = {
    app_id      = "${emulatedApp.app_id}"
    key_id      = "${emulatedApp.key_id}"
    private_key = var.private_key
  }
}
`;
  const story = await createTerraformStory({
    served: "executable",
    files: bot(provider, secretConfig("1")),
    env: { ...logged, COZE_API_TOKEN: "", TF_VAR_private_key: privatePem },
    emulator: { apps: [emulatedApp] },
  });
  const printed = await liveThrough(story, provider);
  const issued = story.emulator.tokens.list().map(({ token }) => token);
  expect(issued.length).toBeGreaterThan(1);
  const lines = privatePem.split("\n").filter((line) => line.length > 10 && !line.startsWith("-----"));
  expectSecrecy(story, printed, [...issued, ...lines, deviceKey]);
});
