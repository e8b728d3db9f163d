import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole } from "./cli/console.ts";

const readme = readFileSync(join(resolve(import.meta.dirname, ".."), "README.md"), "utf8");

/** The first fenced block of the README that begins with the given text. */
function blockOf(beginning: string): string {
  const blocks = [...readme.matchAll(/^```\w*\n(.*?)^```$/gmsu)].map(([, block = ""]) => block);
  const found = blocks.find((block) => block.startsWith(beginning));
  if (found === undefined) throw new Error(`the README has no block that begins with ${beginning}`);
  return found;
}

/** A terminal of 80 columns that shows neither colors nor live lines. */
const terminal = { typed: "", env: { NO_COLOR: "1", TERM: "dumb" } };

test("the example's second plan is the one that the README shows", async () => {
  const manifests = blockOf("# manifests/support.yaml");
  const { sh, write } = createConsole({
    "manifests/support.yaml": manifests,
    "prompts/support.md": "你是客服。\n",
    "faq/returns.txt": "签收后七天内可以退货。\n",
    "faq/shipping.txt": "四十八小时内发货。\n",
  });
  expect(await sh("apply --emulator --auto-approve")).toMatchObject({ code: 0, err: "" });
  write({
    "manifests/support.yaml": manifests.replace("temperature: 0.7", "temperature: 0.3"),
    "faq/returns.txt": "签收后十五天内可以退货。\n",
  });
  const plan = await sh("plan --emulator", terminal);
  expect(plan).toMatchObject({ code: 0, err: "" });
  expect(`$ cozeform plan --emulator\n${plan.out}`).toBe(blockOf("$ cozeform plan"));
});

test("the first project's commands succeed in the order in which the README lists them", async () => {
  const lines = blockOf("cozeform init").trimEnd().split("\n");
  const commands = lines.map((line) => line.replace(/\s+#.*$/u, ""));
  expect(commands).toEqual([
    "cozeform init support-desk && cd support-desk",
    "cozeform validate",
    "cozeform plan --emulator",
    "cozeform apply --emulator",
  ]);
  const { sh, directory } = createConsole();
  expect(await sh("init support-desk")).toMatchObject({ code: 0, err: "" });
  for (const line of ["validate", "plan --emulator", "apply --emulator --auto-approve"]) {
    expect(await sh(line, { cwd: join(directory, "support-desk") })).toMatchObject({ code: 0, err: "" });
  }
});
