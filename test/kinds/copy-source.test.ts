import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../src/core/value.ts";
import { copy } from "../../src/kinds/copy.ts";
import { kinds } from "../../src/kinds/index.ts";
import { brief, loadFiles, manifest } from "../manifest/toy-project.ts";

const project = `apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [a.yaml]
environments: {dev: {}, prod: {}}
`;

const load = (type: string, source: string, file = project) =>
  loadFiles(
    {
      ...(file === "" ? {} : { "cozeform.yaml": file }),
      "a.yaml": manifest("Copy", "it", [`type: ${type}`, `source: ${source}`, 'workspace: {id: "1"}']),
    },
    { kinds, ...(file === "" ? {} : { environment: "prod" }) },
  );

describe("a source", () => {
  test.each([
    ["workflow", "{environment: dev, workflow: 开票 流程}"],
    ["app", "{environment: dev, app: 订单后台}"],
    ["bot", "{environment: prod, bot: support}"],
  ])("of type %s may be any name in an environment: %s", async (type, source) => {
    const { diagnostics, resources } = await load(type, source);
    expect([diagnostics, resources[0]?.dependencies]).toEqual([[], []]);
  });

  test.each([
    [
      "workflow",
      "{environment: dve, workflow: invoice}",
      "a.yaml:6:25 unknown-environment",
      'there is no environment "dve"',
      'did you mean "dev"?',
    ],
    [
      "workflow",
      "{environment: staging, workflow: invoice}",
      "a.yaml:6:25 unknown-environment",
      'there is no environment "staging"',
      "known environments: dev, prod",
    ],
    [
      "workflow",
      "{environment: dev, bot: support}",
      "a.yaml:6:35 rule",
      "a copy of type workflow can't be made from source.bot",
      "set type: bot, or use another original",
    ],
    [
      "bot",
      "{environment: dev, app: 订单后台}",
      "a.yaml:6:35 rule",
      "a copy of type bot can't be made from source.app",
      "set type: app, or use another original",
    ],
    [
      "workflow",
      '{environment: dev, id: "42"}',
      "a.yaml:6:25 rule",
      "environment needs the name of the original",
      "set workflow to its name there; an id needs no environment",
    ],
    [
      "workflow",
      "{environment: dev}",
      "a.yaml:6:11 exactly-one",
      "spec.source requires exactly one of id, bot, workflow, app",
      undefined,
    ],
    [
      "app",
      "{app: 订单后台}",
      "a.yaml:6:17 rule",
      "an app can be named only in another environment",
      'set environment beside it, or replace it with {id: "…"}',
    ],
    [
      "workflow",
      "{environment: dev, workflow: {lookup: {name: 开票}}}",
      "a.yaml:6:40 conflict",
      "with environment, this must be the name of a Workflow in that environment",
      "write the name as a string, or remove environment",
    ],
    [
      "bot",
      '{environment: dev, bot: {id: "42"}}',
      "a.yaml:6:35 conflict",
      "with environment, this must be the name of a Bot in that environment",
      "write the name as a string, or remove environment",
    ],
    [
      "workflow",
      "{environment: dev, workflow: a, called: b}",
      "a.yaml:6:43 computed-field",
      "spec.source.called is set by Coze",
      "remove it",
    ],
    [
      "bot",
      "{bot: support}",
      "a.yaml:6:17 unknown-reference",
      'there is no Bot called "support"',
      expect.stringContaining("{id:"),
    ],
  ])("of type %s can't be %s", async (type, source, at, message, hint) => {
    const { diagnostics } = await load(type, source);
    expect(diagnostics.map((one) => [brief(one), one.message, one.hint])).toEqual([[at, message, hint]]);
  });

  test("knows the only environment of a project without a file", async () => {
    const { diagnostics } = await load("workflow", "{environment: default, workflow: a}", "");
    expect(diagnostics).toEqual([]);
    const other = await load("workflow", "{environment: dev, workflow: a}", "");
    expect(other.diagnostics.map(({ message }) => message)).toEqual(['there is no environment "dev"']);
  });
});

describe("two sources", () => {
  const named = { environment: "dev", workflow: "invoice" };
  test.each<[string, Json, Json, boolean]>([
    ["of one name, whatever was found", { ...named, id: "1" }, { ...named, id: "2" }, true],
    ["of one name, one not looked for", named, { ...named, id: "2" }, true],
    ["of two names", { ...named, id: "1" }, { ...named, workflow: "refund", id: "1" }, false],
    ["of two environments", { ...named, id: "1" }, { ...named, environment: "staging", id: "1" }, false],
    ["of two types", { ...named, id: "1" }, { environment: "dev", app: "invoice", id: "1" }, false],
    ["a name and the id that was found", { ...named, id: "1" }, { id: "1" }, true],
    ["an id and the name it was found by", { id: "1" }, { ...named, id: "1" }, true],
    ["a name and another id", { ...named, id: "1" }, { id: "2" }, false],
    ["a name that nobody looked for and an id", named, { id: "2" }, false],
    ["an id and a reference that is it", { id: "1" }, { workflow: "1" }, true],
    ["two ids", { id: "1" }, { id: "2" }, false],
  ])("%s", (_title, want, applied, same) => {
    expect(copy.fields.source.equal(want, applied)).toBe(same);
  });
});
