import { execFileSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  commandLine,
  type Invocation,
  repeatCommand,
  shellQuote,
  withInvocation,
} from "../../src/core/command-line.ts";
import { english } from "../../src/messages/en/index.ts";
import { printableLine } from "../../src/report/escape-control.ts";

/** The arguments that a shell makes of pasted lines, one list for each. */
function paste(lines: readonly string[]): readonly (readonly string[])[] {
  const script = `cozeform() { printf '%s\\0' "$@"; printf '\\1'; }\n${lines.join("\n")}\n`;
  const printed = execFileSync("sh", ["-c", script], { encoding: "utf8" });
  return printed
    .split("\u0001")
    .slice(0, -1)
    .map((words) => words.split("\0").slice(0, -1));
}

const invocation = (parts: Partial<Invocation> = {}): Invocation => ({
  words: [],
  environment: [],
  access: [],
  inputs: [],
  ...parts,
});

describe("a command line", () => {
  test("is read by a shell as it was meant, whatever its words and however it is printed", () => {
    const nasty = fc.constantFrom(
      "'",
      '"',
      "$",
      "`",
      "!",
      "\\",
      "%",
      " ",
      "\n",
      "*",
      "~",
      "-",
      "审",
      "\u200b",
      "\u202e",
      "😀",
    );
    const word = fc.oneof(
      fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join("")),
      fc.string({ unit: "grapheme", maxLength: 12 }),
    );
    // A shell takes neither as an argument: NUL, and line feeds at the end of $(…).
    const given = word.filter(
      (text) => !["\0", "\u0001"].some((one) => text.includes(one)) && !text.endsWith("\n"),
    );
    const samples = fc.sample(fc.array(given, { minLength: 1, maxLength: 4 }), 300);
    const lines = samples.map((words) => printableLine(commandLine(words)));
    expect(paste(lines)).toEqual(samples);
  });

  test("has no quotes that it doesn't need", () => {
    const address = 'Document.faq["returns/it\'s policy.md"]';
    expect(commandLine(["state", "mv", "Bot.support", address])).toBe(
      `cozeform state mv Bot.support 'Document.faq["returns/it'\\''s policy.md"]'`,
    );
    expect(shellQuote("客服")).toBe("'客服'");
  });

  test("repeats the directory and the options of the user's call that it needs", () => {
    const given = invocation({
      directory: "-my desk",
      environment: ["-e", "prod"],
      access: ["--emulator", "--endpoint", "https://api.coze.com"],
      inputs: ["--var", "suffix=-eu west"],
    });
    const lines = withInvocation(given, () => [
      commandLine(["state", "rm", "Bot.x"]),
      commandLine(["apply"], { after: ["--target", "Bot.x"] }),
      commandLine(["apply"], { environment: "dev" }),
      commandLine(["promote"], { environment: null, after: ["--to", "eu"] }),
    ]);
    expect(lines).toEqual([
      "cozeform state rm Bot.x './-my desk' -e prod --emulator",
      "cozeform apply './-my desk' --target Bot.x -e prod --emulator --endpoint https://api.coze.com --var 'suffix=-eu west'",
      "cozeform apply './-my desk' -e dev --emulator --endpoint https://api.coze.com --var 'suffix=-eu west'",
      "cozeform promote './-my desk' --to eu --emulator --endpoint https://api.coze.com --var 'suffix=-eu west'",
    ]);
  });

  test("can be the user's own with one option more", () => {
    const words = ["apply", "my desk", "--target", 'Bot.a["b"]', "--", "x"];
    expect(withInvocation(invocation({ words }), () => repeatCommand("apply", "--auto-approve"))).toBe(
      `cozeform apply 'my desk' --target 'Bot.a["b"]' --auto-approve -- x`,
    );
    expect(repeatCommand("apply", "--auto-approve")).toBe("cozeform apply --auto-approve");
  });

  test("repeats the options of its own run, of several at the same time", async () => {
    const run = (name: string, steps: number) =>
      withInvocation(invocation({ environment: ["-e", name] }), async () => {
        const lines: string[] = [];
        for (let step = 0; step < steps; step += 1) {
          await Promise.resolve();
          lines.push(commandLine(["apply"]));
        }
        return lines;
      });
    const [first, second, third] = await Promise.all([
      run("one", 2),
      run("two", 6),
      Promise.reject(new Error("failed")).catch(() => run("three", 4)),
    ]);
    expect(first).toEqual(Array(2).fill("cozeform apply -e one"));
    expect(second).toEqual(Array(6).fill("cozeform apply -e two"));
    expect(third).toEqual(Array(4).fill("cozeform apply -e three"));
    const failing = withInvocation(invocation({ environment: ["-e", "one"] }), () => Promise.reject("no"));
    await expect(failing).rejects.toBe("no");
    expect(commandLine(["apply"])).toBe("cozeform apply");
  });
});

test("every text with a command of cozeform that has values takes it as one, quoted, value", () => {
  const texts = Object.entries(english).flatMap(([key, message]) =>
    Object.values(typeof message === "string" ? { message } : message).map((text) => [key, text] as const),
  );
  const commands = "init|validate|plan|apply|destroy|promote|outputs|state|auth|emulator|import|show";
  const inText = new RegExp(`cozeform (?:${commands})\\b[^.;:,)]*\\{\\{`, "u");
  const found = texts.filter(([, text]) => inText.test(text)).map(([key]) => key);
  // A comment in a generated file, which names no resource.
  expect(found).toEqual(["report/outputs-module"]);
  const bare = texts.filter(([, text]) => /cozeform state (?!file)\w/u.test(text)).map(([key]) => key);
  expect(bare).toEqual([]);
});
