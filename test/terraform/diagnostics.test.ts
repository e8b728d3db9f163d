import { describe, expect, test } from "@jest/globals";
import { ExplainedError } from "../../src/core/explained-error.ts";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Values } from "../../src/core/value.ts";
import {
  type CallFacts,
  CallsSpent,
  ConnectionLost,
  type CozeError,
  Forbidden,
} from "../../src/coze/error-classes.ts";
import { describeFailure } from "../../src/coze/http/error-codes.ts";
import { operations } from "../../src/coze/http/operation.ts";
import { explainFailure } from "../../src/kinds/call-errors.ts";
import { kinds } from "../../src/kinds/index.ts";
import {
  diagnoseCall,
  diagnoseImport,
  diagnoseRead,
  type FailedCall,
} from "../../src/terraform/provider/diagnostics.ts";
import type { ProviderDiagnostic } from "../../src/terraform/provider/provider-interface.ts";
import { toObject } from "../../src/terraform/resource/attribute-conversion.ts";

const kindOf = (name: string) => kinds.find((one) => one.name === name) ?? raise(name);

function raise(name: string): never {
  throw new Error(`no kind ${name}`);
}

/** As `path`, summary and the lines of the detail. */
const lines = ({ path, summary, detail }: ProviderDiagnostic): readonly string[] => [
  path ? formatPath(path) : "-",
  summary,
  ...(detail?.split("\n") ?? []),
];

/** What Coze answers to a call. */
const refusal = (operation: string, code: number, msg?: string): CozeError =>
  describeFailure(operations.get(operation) ?? raise(operation), { httpStatus: 200, code, msg, logid: "L1" });

const bot = {
  workspace: "7",
  name: "售后",
  prompt: "你是助手",
  model: { id: "1", top_p: 0.5 },
  onboarding: { prologue: "您好" },
};

function failed(kind: string, error: unknown, given: Partial<FailedCall> & { readonly spec?: Values } = {}) {
  const { spec = bot, ...rest } = given;
  const call: FailedCall = {
    error,
    doing: "create",
    call: "create",
    sent: Object.keys(spec),
    planned: toObject(kindOf(kind).fields, spec),
    id: undefined,
    ...rest,
  };
  return lines(diagnoseCall(kindOf(kind), { explain: explainFailure }, call));
}

describe("a call that failed", () => {
  test("says which, in Coze's words, with the code, the log id and the next move", () => {
    expect(failed("Bot", refusal("create_bot", 4000, "no such thing"))).toEqual([
      "-",
      "could not create coze_bot: Coze rejected a parameter: no such thing",
      "The call: create_bot, code 4000, logid L1.",
      "Correct the parameter that the message names.",
    ]);
  });

  test.each([
    ["a parameter that Coze names", 4000, "top_p is out of range", "model.top_p"],
    ["a parameter under a name of its own", 4000, "prompt_info.prompt is too long", "prompt"],
    ["a code that is about one", 4012, "x", "model.id"],
  ])("points at %s", (_name, code, msg, path) => {
    expect(failed("Bot", refusal("create_bot", code, msg))[0]).toBe(path);
  });

  test("points at nothing that the call didn't send", () => {
    const [path] = failed("Bot", refusal("publish_bot", 4000, "top_p is out of range"), {
      sent: ["publish"],
    });
    expect(path).toBe("-");
  });

  test("names all texts that content safety may mean", () => {
    expect(failed("Bot", refusal("create_bot", 4014))).toEqual([
      "-",
      "could not create coze_bot: content safety rejected a text",
      "The cause is one of name, prompt, onboarding.prologue.",
      "The call: create_bot, code 4014, logid L1.",
      "Reword the text and run again.",
    ]);
    const spec = { workspace: "7", name: "售后" };
    expect(failed("Bot", refusal("create_bot", 4014), { spec })[0]).toBe("name");
  });

  test("points at the file that was refused", () => {
    const spec = { ...bot, icon: "x.png" };
    expect(failed("Bot", refusal("create_bot", 4303), { spec })[0]).toBe("icon");
  });

  test("that came after the creation says that there is something", () => {
    const error = refusal("publish_bot", 4101);
    expect(failed("Bot", error, { call: "publish", sent: ["publish"], id: "75" })).toEqual([
      "-",
      expect.stringMatching(/^could not publish coze_bot 75: the token lacks the permission /u),
      "It was created and is in the state, as 75.",
      "If it was deleted in Coze, remove it from the state: terraform state rm ADDRESS.",
      "The call: publish_bot, code 4101, logid L1.",
      "Use a token of the bot's owner or a collaborator that may publish to these channels.",
    ]);
  });

  test("lists what stood in the way, one by one", () => {
    const parts = [{ text: "workflow 摘要 (5): no\nmodel" }, { text: "plugin 搜索 (6): gone" }];
    const error = Object.assign(
      new ExplainedError({ message: "Coze couldn't copy it", hint: "set right what it names and run again" }),
      { parts },
    );
    expect(failed("Copy", error, { spec: { type: "bot", workspace: "7", source: { id: "8" } } })).toEqual([
      "-",
      "could not create coze_copy: Coze couldn't copy it",
      "- workflow 摘要 (5): no model",
      "- plugin 搜索 (6): gone",
      "Set right what it names and run again.",
    ]);
  });

  test("of Coze's own work is one that didn't end", () => {
    const error = new Error("the page can't be reached\nat all");
    expect(failed("Document", error, { call: "settle", id: "9", spec: { dataset: "8", name: "d" } })).toEqual(
      [
        "-",
        "could not finish coze_document 9: the page can't be reached at all",
        "It was created and is in the state, as 9.",
      ],
    );
  });

  test("without an answer tells of none", () => {
    const facts: CallFacts = { operation: "update_bot", outcome: "unknown", hint: "run again" };
    expect(
      failed("Bot", new ConnectionLost("the connection was lost", facts), {
        doing: "update",
        call: "update",
        id: "75",
      }),
    ).toEqual([
      "-",
      "could not update coze_bot 75: the connection was lost",
      "The call: update_bot.",
      "Run again.",
    ]);
  });

  test.each([undefined, null, "text", 7, {}])("whatever was thrown: %p", (error) => {
    expect(failed("Bot", error)[1]).toMatch(/^could not create coze_bot: /u);
  });
});

test("a look that failed says how to go on without the object; a search can't", () => {
  const error = new Forbidden("not visible", {
    operation: "get",
    outcome: "none",
    code: 4101,
    hint: "grant it",
  });
  expect(lines(diagnoseRead(kindOf("Bot"), "75", error))).toEqual([
    "-",
    "could not read 75 (coze_bot): not visible",
    "If it was deleted in Coze, remove it from the state: terraform state rm ADDRESS.",
    "The call: get, code 4101.",
    "Grant it.",
  ]);
  expect(lines(diagnoseImport(kindOf("Bot"), "75", error))).toEqual([
    "-",
    "could not import coze_bot 75: not visible",
    "The call: get, code 4101.",
    "Grant it.",
  ]);
});

describe("what isn't there of what a creation refers to", () => {
  const spec = { ...bot, knowledge: { datasets: ["8", "80"] } };
  const check = (path: string, type: string, id: string) =>
    `Check ${path}, ${id}: it must be the id of a ${type} that the token has access to, such as ${type}.NAME.id, or data.${type}.NAME.id for one that isn't managed here.`;

  test("is the one that Coze names", () => {
    expect(failed("Bot", refusal("create_bot", 4200, "no such thing: 80"), { spec })).toEqual([
      "knowledge.datasets[1]",
      "could not create coze_bot: the object doesn't exist: no such thing: 80",
      check("knowledge.datasets[1]", "coze_dataset", "80"),
      "The call: create_bot, code 4200, logid L1.",
    ]);
  });

  test("is one of all where Coze names none", () => {
    expect(failed("Bot", refusal("create_bot", 4200), { spec })).toEqual([
      "-",
      "could not create coze_bot: the object doesn't exist",
      "The cause is one of workspace, knowledge.datasets[0], knowledge.datasets[1].",
      "Check that the token has access to the object of each id.",
      "The call: create_bot, code 4200, logid L1.",
    ]);
  });

  test("isn't meant where the object itself may be gone, or a permission lacks", () => {
    const gone = failed("Bot", refusal("update_bot", 4200, "8"), { spec, call: "update", id: "75" });
    expect(gone.at(-1)).toBe("Plan again to see what is left, and check the ids that you set.");
    const forbidden = failed("Bot", refusal("create_bot", 4101), { spec });
    expect(forbidden.at(-1)).toBe(
      "Grant the token the permission and access to the workspace; a new grant takes effect after a few seconds.",
    );
  });
});

test("hints that are for both doors keep to Terraform's words", () => {
  const spent = new CallsSpent(3, "create_bot");
  expect(failed("Bot", spent).at(-1)).toBe(
    "Run again: an apply continues where it stopped, a plan needs a higher limit (max_calls).",
  );
});

test("no hint of a code speaks of what only cozeform has", () => {
  const codes = [4000, 4012, 4014, 4015, 4100, 4101, 4200, 4300, 5000, 105000011, 702042018];
  const hints = codes.map((code) => refusal("update_bot", code).hint ?? "");
  expect(hints.filter((hint) => /manifest|--[a-z]|\.yaml/u.test(hint))).toEqual([]);
});
