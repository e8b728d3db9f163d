import { afterEach, expect, test } from "@jest/globals";
import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";
import { english } from "../../src/messages/en/index.ts";
import { type Catalogue, type Message, speak } from "../../src/messages/text.ts";
import { createConsole, smallProject } from "./console.ts";

afterEach(() => speak("en", english));

const mark = (text: string): string => `«${text}»`;

const markAll = (message: Message): Message =>
  typeof message === "string"
    ? mark(message)
    : { ...(message.one && { one: mark(message.one) }), other: mark(message.other) };

const marked = Object.fromEntries(
  Object.entries(english).map(([key, message]) => [key, markAll(message)]),
) as unknown as Catalogue;

/** The help of a command and of all below it, without line breaks inside descriptions. */
function helpOf(command: Command, read: () => string): readonly string[] {
  command.outputHelp();
  return [...read().split("\n"), ...command.commands.flatMap((one) => helpOf(one, read))];
}

function readHelp(): readonly string[] {
  let text = "";
  const output = {
    writeOut: (part: string) => {
      text += part;
    },
    getOutHelpWidth: () => 1000,
  };
  const program = buildProgram(
    () => async () => {},
    output,
    (title) => title,
  );
  return helpOf(program, () => {
    const read = text;
    text = "";
    return read;
  });
}

const withoutMarked = (line: string): string => {
  const rest = line.replace(/«[^«»]*»/gu, "");
  return rest === line ? line : withoutMarked(rest);
};

const usage = /^ cozeform(?: [a-z_-]+)*(?: \[[a-z|.]+\]| <[a-z.]+>)*$/u;
const option = /^ {2}(?:-[a-z], )?--[a-z0-9-]+(?: <[a-z=.]+>)? *$/u;
const argumentOrCommand = /^ {2}[a-z|-]+(?: \[[a-z|.]+\]| <[a-z.]+>)* *$/u;
const example = /^ {2}(?:COZE_API_TOKEN=\S+ )?(?:cozeform|source|terraform) \S/u;

test("all help is in the language that was chosen before it is built", () => {
  speak("en", marked);
  const lines = readHelp();
  const untranslated = lines.filter((line) => {
    const rest = withoutMarked(line);
    return ![/^$/u, usage, option, argumentOrCommand, example].some((pattern) => pattern.test(rest));
  });
  expect(untranslated).toEqual([]);
  expect(lines).toContain("«Usage:» cozeform [options] [command]");
  expect(lines).toContain(
    '  --format <format>             ««output format» (choices: "text", "json", default: "text")»',
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}help \[command\] +«Show the help of a command»$/u),
  );
});

test.each([
  "plam",
  "plan --taget x",
  "plan --target",
  "plan a b",
  "plan --format html",
  "plan --var pat_forgotten_name",
  "plan --endpoint coze",
  "plan --against dev --adopt",
  "state show",
  "completion tcsh",
  "apply",
  "apply --yes",
  "apply --timeout soon",
  "apply nothing.json",
  "promote --rollback",
  "terraform install here",
])("the error of %s is in it as well", async (line) => {
  speak("en", marked);
  const { sh } = createConsole(smallProject);
  const { code, err } = await sh(line);
  expect([1, 3]).toContain(code);
  expect(err).toContain("«");
  expect(withoutMarked(err).trim()).toBe("");
});
