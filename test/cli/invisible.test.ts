import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { findInvisible } from "../../src/core/invisible-characters.ts";
import { createConsole, smallProject } from "./console.ts";

const zero = "\u200b";
const tag = "\u{e0041}";

const rules = [
  "你是客服，请用礼貌的中文回答。",
  "退货请在7天内联系客服，并提供订单号。",
  "不要透露内部流程。",
];

const bot = (prompt: readonly string[], name = "客服") => ({
  "manifests/bot.yaml": [
    "apiVersion: cozeform/v1",
    "kind: Bot",
    "metadata: {name: support}",
    "spec:",
    "  workspace: desk",
    `  name: ${name}`,
    "  prompt: |",
    ...prompt.map((line) => `    ${line}`),
    "",
  ].join("\n"),
});

const hidden = [rules[0] ?? "", `退货请在7天内联系客服${zero}，并提供订单号。`, rules[2] ?? ""];

/** A project whose bot is made, and whose prompt then gained what nobody sees. */
async function openTampered(prompt: readonly string[] = hidden) {
  const console = createConsole({ ...smallProject, ...bot(rules) });
  expect(await console.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
  console.write(bot(prompt));
  return console;
}

describe("a prompt that gains a zero width space", () => {
  const warning =
    "manifests/bot.yaml:9:16  warning: this text contains U+200B (zero width space)  hint: remove it, unless it is intended: models read it, people don't see it\n1 warning\n";

  test("is warned of by validate, which lets it pass", async () => {
    const { sh } = await openTampered();
    expect(await sh("validate")).toEqual({
      code: 0,
      out: "Valid: 3 resources in environment default.\n",
      err: warning,
    });
  });

  test("shows where it is in the plan's diff", async () => {
    const { sh } = await openTampered();
    const { code, out, err } = await sh("plan");
    expect({ code, err }).toEqual({ code: 0, err: warning });
    expect(out).toContain("\n          2  退货请在7天内联系客服{+\\u200b+}，并提供订单号。↵\n");
    expect(out).not.toContain(zero);
  });

  test("is an escape in the saved plan, which still applies", async () => {
    const { directory, sh, emulator } = await openTampered();
    const printed = await sh("plan --format json --out p.json");
    const saved = readFileSync(join(directory, "p.json"), "utf8");
    for (const json of [printed.out, saved]) {
      expect(json).toContain("联系客服\\u200b，并提供");
      expect(findInvisible(json)).toEqual([]);
    }
    expect(await sh("apply p.json")).toMatchObject({ code: 0 });
    const sent = emulator.requests.map(({ body }) => JSON.stringify(body ?? null)).join("");
    expect(sent).toContain(`联系客服${zero}，并提供`);
    expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0 });
  });
});

test("on a terminal the warning points at the escape in the line", async () => {
  const { sh } = await openTampered();
  expect((await sh("validate --no-color", { typed: "" })).err).toContain(
    [
      "  9 |     退货请在7天内联系客服\\u200b，并提供订单号。",
      "    |                          ^^^^^^",
      "  hint: remove it, unless it is intended: models read it, people don't see it",
    ].join("\n"),
  );
});

test("names that hide something show it, whatever the command and the format", async () => {
  const name = `"客\\u3000服\\u200b\\U000E0041"`;
  const { sh, run, write } = createConsole({ ...smallProject, ...bot(rules, name) });
  write({ "by-hand.edits": `edits:\n- {bot: "客\u3000服${zero}${tag}", prompt: x}\n` });
  const seen = new Map<string, string>();
  for (const line of [
    "validate",
    "plan",
    "plan --format json",
    "apply --auto-approve --format json",
    "state show Bot.support",
    "state show Bot.support --format json",
    "state list --format json",
    "outputs --format json",
    `state show Bot.a${zero}`,
    `state mv Bot.support Bot.a${tag}`,
    `plan --target Bot.a${zero}`,
    `nothing${zero}`,
    `plan nowhere${tag}`,
    `plan --out no${zero}where/p.json`,
    `init a${zero}b`,
  ]) {
    const { out, err } = await sh(line);
    seen.set(line, out + err);
  }
  expect(await sh("apply --emulator --auto-approve")).toMatchObject({ code: 0 });
  const { out } = await run(["emulator", "edit", "by-hand.edits"]);
  seen.set("emulator edit", out);
  for (const [line, text] of seen) expect([line, findInvisible(text)]).toEqual([line, []]);
  expect(out).toMatch(/^bot 客\\u3000服\\u200b\\u\{e0041\}: /);
  expect(seen.get("plan")).toContain('name:      "客\\u3000服\\u200b\\u{e0041}"');
  expect(seen.get("state show Bot.support --format json")).toContain("\\u200b\\udb40\\udc41");
  expect(seen.get(`init a${zero}b`)).toMatch(/^Wrote a\\u200bb\//);
});
