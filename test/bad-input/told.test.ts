import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole, type Ran } from "../cli/console.ts";
import { describeRerun, indicesOf } from "../support/sample.ts";
import { broken } from "./bench.ts";
import { mutate, randomOf } from "./mutate.ts";
import { manifestSamples, project, projectSample, sampleEnv } from "./samples.ts";

// What goes to terminals and would be obeyed there.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

/** What is wrong with what a command line printed. */
function judge({ code, out, err }: Ran, asked: boolean): readonly string[] {
  const wrong: string[] = [];
  if (broken.test(out) || broken.test(err)) wrong.push("tells of its own breaking");
  if (obeyed.test(out) || obeyed.test(err)) wrong.push("prints signs that terminals obey");
  if (![0, 1, 3].includes(code)) wrong.push(`ends with ${code}`);
  if (code === 1 && !/^error: /mu.test(err)) wrong.push("fails without a word");
  if (code === 3 && !/^\S+:\d+:\d+ {2}\S|^error: /mu.test(err)) wrong.push("says nothing of its input");
  // What is looked up can be found missing only there.
  if (code === 3 && asked && !/Coze has/u.test(err)) wrong.push("asked Coze about invalid input");
  return wrong;
}

const ofManifests = [
  ["validate"],
  ["validate", "--log-level", "debug"],
  ["plan"],
  ["apply", "--auto-approve"],
  ["state", "list"],
];

test.each([
  ...Object.entries(manifestSamples).map(([name, one]) => [name, { ...one, commands: ofManifests }] as const),
  ["a project file", { ...projectSample, commands: ofManifests }] as const,
  [
    "a state",
    {
      file: ".cozeform/default.state.json",
      files: project,
      commands: [
        ["state", "list"],
        ["state", "show", "Workspace.desk"],
        ["plan"],
        ["apply", "--auto-approve"],
      ],
    },
  ] as const,
  ["a plan", { file: "dev.plan.json", files: project, commands: [["apply", "dev.plan.json"]] }] as const,
])("of mutants of %s the command line tells in plain words", async (name, { file, files, commands }) => {
  for (const index of indicesOf(15, 3)) {
    const { sh, run, write, emulator, directory } = createConsole(files);
    if (file.endsWith("state.json")) await sh("apply --auto-approve");
    if (file.endsWith("plan.json")) await sh("plan --out dev.plan.json");
    const text = readFileSync(join(directory, file), "utf8");
    const random = randomOf(`told ${name}`, index);
    const { mutant, done } = mutate(text, file.endsWith(".json") ? "json" : "yaml", random);
    if (typeof mutant === "string") continue;
    write({ [file]: mutant });
    for (const command of commands) {
      const before = emulator.requests.length;
      const env = { ...sampleEnv, COZE_DEV_TOKEN: emulator.token, NO_COLOR: "1" };
      const terminal = command[0] === "validate" ? { typed: "" } : {};
      const ran = await run(command, { env, ...terminal });
      const wrong = judge(ran, emulator.requests.length > before);
      const told = [
        ...wrong,
        `${done.join(", ")}: ${command.join(" ")}; alone: ${describeRerun(`CASE=${index}`)}`,
        ran.err,
        ran.out,
      ];
      expect(wrong.length > 0 ? told.join("\n") : "").toBe("");
    }
  }
});
