import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { serveEmulator } from "../../src/commands/emulator.ts";
import { readFaultFile } from "../../src/commands/fault-file.ts";
import { createHost } from "../../src/commands/host.ts";
import { InvalidInput } from "../../src/core/diagnostic.ts";
import { faultFields } from "../../src/emulator/faults/fault-rules.ts";
import { createConsole } from "../cli/console.ts";
import { makeScratch } from "../support/scratch.ts";

/** What is wrong with a file of faults, one line per problem. */
async function problemsOf(text: string | Uint8Array): Promise<readonly string[]> {
  const file = join(makeScratch(), "f.yaml");
  writeFileSync(file, text);
  try {
    await readFaultFile(file, "f.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.diagnostics.map(
      ({ at, message, hint }) =>
        `${at?.file}:${at?.line}:${at?.column}  ${message}${hint ? `  hint: ${hint}` : ""}`,
    );
  }
}

test("every fault can be written with all its fields, in YAML and in JSON", async () => {
  const sample = (rule: { readonly type: string; readonly values?: readonly unknown[] }) =>
    ({ text: "x", integer: 200, number: 0.5, flag: true })[rule.type] ?? rule.values?.[0];
  const rules = Object.entries(faultFields).map(([fault, fields]) => ({
    operation: ["create_bot", "reads"],
    calls: { skip: 1, every: 2, probability: 0.5, times: 3, from_ms: 0, until_ms: 10, for_ms: 5 },
    fault,
    ...Object.fromEntries(Object.entries(fields).map(([name, rule]) => [name, sample(rule)])),
  }));
  expect(rules).toHaveLength(15);
  const file = join(makeScratch(), "faults.json");
  writeFileSync(file, JSON.stringify({ faults: rules }));
  expect(await readFaultFile(file)).toEqual(rules);
  expect(await problemsOf('faults:\n  - operation: "*"\n    fault: drop\n')).toEqual([]);
});

describe("what is wrong is said at its place, all at once", () => {
  const cases: readonly [string, string, readonly string[]][] = [
    [
      "rules",
      `faults:
  - operation: create_bots
    fault: dropp
    moment: later
  - operation: "*"
    fault: delay
    calls: {probability: 1.5, time: 2}
  - fault: storm
    moment: after
    code: 4000
  - operation: [reads, 5]
    fault: leave-out
    part: msg
    calls: {from_ms: 500, until_ms: 500}
  - operation: []
    fault: refuse
    code: "4000"
  - nothing
more: 1
`,
      [
        'f.yaml:2:16  there is no operation "create_bots"  hint: did you mean "create_bot"?',
        'f.yaml:3:12  faults[0].fault must be one of refuse, storm, server-error, gateway, delay, drop, expire-tokens, truncate, empty, repeat-page, page-total, list-lag, number-ids, text-times, leave-out; found "dropp"  hint: did you mean drop?',
        "f.yaml:5:5  faults[1].ms is missing  hint: set it to a whole number",
        "f.yaml:7:26  faults[1].calls.probability is 1.5; the maximum is 1",
        'f.yaml:7:31  unknown key "time" in faults[1].calls  hint: did you mean "times"?',
        "f.yaml:8:5  faults[2].operation is missing  hint: set it to the name of an operation",
        'f.yaml:9:5  unknown key "moment" in faults[2]  hint: known keys: operation, calls, status, retry_after',
        "f.yaml:10:11  faults[2].code must be one of 4009, 4013, 4020; found 4000",
        'f.yaml:11:24  faults[3].operation[1]: expected the name of an operation, found a number  hint: quote it: "5"',
        'f.yaml:13:11  faults[3].part must be one of code, data; found "msg"',
        "f.yaml:14:37  faults[3].calls.until_ms must be after from_ms  hint: set more than 500",
        "f.yaml:15:16  faults[4].operation is empty",
        "f.yaml:17:11  faults[4].code: expected a whole number, found a string  hint: write it without quotes",
        "f.yaml:18:5  faults[5]: expected a rule, found a string",
        'f.yaml:19:1  unknown key "more"',
      ],
    ],
    [
      "a list",
      "- operation: reads\n  fault: drop\n",
      [
        "f.yaml:1:1  a fault file must be a map with the list faults  hint: begin with faults: and below it - {operation: create_bot, fault: drop}",
      ],
    ],
    [
      "an empty file",
      "# nothing\n",
      [
        "f.yaml:1:1  a fault file must be a map with the list faults  hint: begin with faults: and below it - {operation: create_bot, fault: drop}",
      ],
    ],
    [
      "a map without rules",
      "rules: []\n",
      [
        "f.yaml:1:1  faults is missing  hint: set it to a list of rules",
        'f.yaml:1:1  unknown key "rules"  hint: known keys: faults',
      ],
    ],
    [
      "two documents",
      "faults: []\n---\nfaults: []\n",
      ["f.yaml:3:1  a fault file has one document  hint: move its rules to the list of the first document"],
    ],
    [
      "broken YAML",
      "faults: [\n",
      ["f.yaml:1:9  the [ on line 1 isn't closed  hint: write ] where the list ends"],
    ],
  ];
  test.each(cases)("%s", async (_what, text, expected) => {
    expect(await problemsOf(text)).toEqual(expected);
  });

  test("a file that isn't there, or isn't text", async () => {
    const { sh, write } = createConsole({});
    expect(await sh("emulator --faults none.yaml")).toEqual({
      code: 3,
      out: "",
      err: "error: there is no file none.yaml  hint: a relative path begins at the current directory\n",
    });
    write({ "ci/storms.yaml": "faults: []\n" });
    expect(await sh("emulator --faults ci/storm.yaml")).toEqual({
      code: 3,
      out: "",
      err: "error: there is no file ci/storm.yaml  hint: did you mean ci/storms.yaml?\n",
    });
    expect(await problemsOf(new Uint8Array([0xff, 0xfe, 0x00]))).toEqual([
      "f.yaml:1:1  f.yaml isn't UTF-8 text; it looks like UTF-16  hint: save it as UTF-8: iconv -f UTF-16 -t UTF-8 f.yaml > converted",
    ]);
  });
});

test("the emulator that people start fails by the rules, and tells of it", async () => {
  const told: string[] = [];
  const serving = await serveEmulator(createHost(), {
    token: "pat_t",
    faults: [{ operation: "list_workspace", fault: "gateway", calls: { times: 1 } }],
    onFault: ({ rule, method, path }) => told.push(`${rule.fault}: ${method} ${path}`),
  });
  const ask = async () =>
    (await fetch(`${serving.url}/v1/workspaces`, { headers: { authorization: "Bearer pat_t" } })).status;
  expect([await ask(), await ask()]).toEqual([502, 200]);
  expect(told).toEqual(["gateway: GET /v1/workspaces"]);
  await serving.close();
});

test("a file of faults that is wrong keeps the emulator from starting", async () => {
  const { sh } = createConsole({
    "ci/f.yaml": "faults:\n  - operation: writes\n    fault: delay\n    ms: soon\n",
  });
  expect(await sh("emulator --faults ci/f.yaml")).toEqual({
    code: 3,
    out: "",
    err: "ci/f.yaml:4:9  faults[0].ms: expected a whole number, found a string\n1 error\n",
  });
});
