import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalJson, type Json, type Values } from "../../../src/core/value.ts";
import { kinds } from "../../../src/kinds/index.ts";
import { toObject } from "../../../src/terraform/resource/attribute-conversion.ts";
import { planResource } from "../../../src/terraform/resource/plan.ts";
import { type PrivateNotes, writeNotes } from "../../../src/terraform/resource/private-state.ts";
import { isPlannedAsItIs } from "../../../src/terraform/resource/unchanged-plan.ts";
import { resourceSchema } from "../../../src/terraform/schema/resource-schema.ts";
import { unknown } from "../../../src/terraform/values/unknown.ts";
import { arbitrarySpec } from "../../support/arbitrary-spec.ts";

const kindOf = (name: string) => kinds.find((one) => one.name === name) ?? raise(name);

function raise(name: string): never {
  throw new Error(`no kind ${name}`);
}

/** Every attribute of a resource, those that aren't given null. */
function stateOf(kind: string, values: Values, more: Values = {}): Values {
  const { fields } = kindOf(kind);
  const blank = Object.keys(resourceSchema(kindOf(kind)).attributes).map((name) => [name, null] as const);
  return { ...Object.fromEntries(blank), ...toObject(fields, values), ...more };
}

const hashes: { readonly [path: string]: string } = { "a.txt": "aaa", "b.txt": "bbb", "x.png": "xxx" };
const files = {
  look: (path: string) =>
    hashes[path] === undefined
      ? undefined
      : { sha256: hashes[path], size: 3, isText: true, formerly: [`${hashes[path]} with CRLF`] },
};

function plan(kind: string, config: Values, prior: Values | null = null, notes: PrivateNotes = {}) {
  const { planned, requiresReplace, set, diagnostics } = planResource(
    kindOf(kind),
    { prior, proposed: null, config, privateState: writeNotes(notes) },
    files,
  );
  const changed = Object.keys(planned).filter(
    (name) => canonicalJson(planned[name]) !== canonicalJson(prior?.[name]),
  );
  const changes: Values = Object.fromEntries(changed.map((name) => [name, planned[name] as Json]));
  return { planned, changes, requiresReplace, set, diagnostics: diagnostics.map(({ summary }) => summary) };
}

const botConfig = { workspace: "7", name: "售后" };
const botState = (values: Values = {}, more: Values = {}) =>
  stateOf(
    "Bot",
    { ...botConfig, description: "", prompt: "", ...values, version: "3" },
    { id: "9", ...more },
  );

describe("a creation", () => {
  test("plans defaults, and what only Coze can tell as unknown", () => {
    const { planned } = plan("Bot", stateOf("Bot", { ...botConfig, model: { id: "1", temperature: 0.5 } }));
    expect(planned).toMatchObject({
      id: unknown,
      workspace: "7",
      name: "售后",
      description: "",
      prompt: "",
      icon: null,
      icon_sha256: null,
      publish: unknown,
      version: unknown,
      unfinished: null,
      model: { id: "1", temperature: 0.5, top_p: unknown, cache: "closed", anti_leak: false },
    });
  });

  test("plans no default for what the configuration replaces", () => {
    const { planned } = plan("Bot", stateOf("Bot", { ...botConfig, cached_prompt: { prefix: "p" } }));
    expect(planned).toMatchObject({ prompt: unknown, cached_prompt: { prefix: "p", dynamic: "" } });
  });

  test("keeps what isn't known yet unknown", () => {
    const { planned, requiresReplace } = plan("Bot", stateOf("Bot", { ...botConfig, workspace: unknown }));
    expect(planned.workspace).toBe(unknown);
    expect(requiresReplace).toEqual([]);
  });

  test("knows files by their content", () => {
    const config = stateOf("Document", { dataset: "5", name: "a", source: { file: "a.txt" } });
    expect(plan("Document", config).planned.source).toMatchObject({ file: "a.txt", file_sha256: "aaa" });
  });

  test("tells of a file that can't be read", () => {
    const config = stateOf("Bot", { ...botConfig, icon: "none.png" });
    expect(plan("Bot", config).diagnostics).toEqual(["none.png can't be read"]);
  });

  test("never plans what only configurations hold", () => {
    const config = stateOf("Bot", botConfig, {
      publish: { connectors: [{ id: "5", config: null, config_wo: '{"k":"v"}', config_wo_version: "1" }] },
    });
    expect(plan("Bot", config).planned.publish).toEqual({
      connectors: [{ id: "5", config: null, config_wo: null, config_wo_version: "1" }],
    });
  });
});

describe("an update", () => {
  const shown = botState({ onboarding: { prologue: "您好", suggested_questions: ["几点开门"] } });

  test("of nothing plans what is there", () => {
    const config = stateOf("Bot", botConfig);
    expect(plan("Bot", config, shown, { set: ["workspace", "name"] }).changes).toEqual({});
  });

  test("leaves alone what was never given, and takes back what was", () => {
    const config = stateOf("Bot", botConfig);
    const notes = { set: ["workspace", "name", "onboarding", "onboarding.prologue"] };
    const { changes } = plan("Bot", config, shown, notes);
    expect(changes).toEqual({ onboarding: { prologue: "", suggested_questions: [] }, version: unknown });
  });

  test("takes back a part of an object, and keeps the rest of it", () => {
    const config = stateOf("Bot", { ...botConfig, onboarding: { suggested_questions: ["几点开门"] } });
    const { changes } = plan("Bot", config, shown, { set: ["onboarding", "onboarding.prologue"] });
    expect(changes).toEqual({
      onboarding: { prologue: "", suggested_questions: ["几点开门"] },
      version: unknown,
    });
  });

  test("says what can't be taken back", () => {
    const config = stateOf("Bot", botConfig);
    const prior = botState({ model: { id: "1" } });
    const { changes, diagnostics } = plan("Bot", config, prior, { set: ["model", "model.id"] });
    expect(changes).toEqual({});
    expect(diagnostics).toEqual(["model can't be unset through Coze's API"]);
  });

  test("of what can't change makes another object", () => {
    const config = stateOf("Bot", { ...botConfig, workspace: "8" });
    expect(plan("Bot", config, botState()).requiresReplace).toEqual([["workspace"]]);
    const unsure = stateOf("Bot", { ...botConfig, workspace: unknown });
    expect(plan("Bot", unsure, botState()).requiresReplace).toEqual([["workspace"]]);
  });

  test("knows a file by its content: elsewhere it is the same, other content makes another document", () => {
    const prior = stateOf(
      "Document",
      { dataset: "5", name: "a" },
      { id: "6", source: { file: "old/a.txt", file_sha256: "aaa", url: null, refresh_hours: null } },
    );
    const moved = plan(
      "Document",
      stateOf("Document", { dataset: "5", name: "a", source: { file: "a.txt" } }),
      prior,
    );
    expect(moved.changes).toEqual({
      source: {
        file: "a.txt",
        file_sha256: "aaa",
        url: null,
        refresh_hours: null,
        encoding: null,
        front_matter: null,
        part: null,
      },
    });
    expect(moved.requiresReplace).toEqual([]);
    const other = plan(
      "Document",
      stateOf("Document", { dataset: "5", name: "a", source: { file: "b.txt" } }),
      prior,
    );
    expect(other.requiresReplace).toEqual([["source", "file_sha256"]]);
  });

  test("keeps the hash of an older version, which took line ends for content", () => {
    const { source } = stateOf("Document", { source: { file: "a.txt" } });
    const held = { ...(source as Values), file_sha256: "aaa with CRLF" };
    const prior = stateOf("Document", { dataset: "5", name: "a" }, { id: "6", source: held });
    const config = stateOf("Document", { dataset: "5", name: "a", source: { file: "a.txt" } });
    const { changes, requiresReplace } = plan("Document", config, prior);
    expect({ changes, requiresReplace }).toEqual({ changes: {}, requiresReplace: [] });
  });

  test("of a part that wasn't there before is a change like any other", () => {
    const prior = botState();
    const { changes } = plan("Bot", stateOf("Bot", { ...botConfig, knowledge: { datasets: ["3"] } }), prior);
    expect(changes).toMatchObject({ knowledge: { datasets: ["3"], auto_call: true }, version: unknown });
    const document = stateOf(
      "Document",
      { dataset: "5", name: "a", source: { url: "https://example.com" } },
      { id: "6" },
    );
    const chunking = { separator: "#", max_tokens: 500 };
    const config = { ...document, id: null, chunking: { ...chunking, remove_extra_spaces: null } };
    expect(plan("Document", config, document).requiresReplace).toEqual([
      ["chunking", "separator"],
      ["chunking", "max_tokens"],
    ]);
  });

  test("finds the order of channels without meaning, and their secrets with", () => {
    const one = { id: "1024", config: null, config_wo: null, config_wo_version: null };
    const two = { id: "5", config: '{"k":"v"}', config_wo: null, config_wo_version: null };
    const prior = botState({}, { publish: { connectors: [one, two] } });
    const turned = stateOf("Bot", botConfig, { publish: { connectors: [two, one] } });
    expect(plan("Bot", turned, prior).changes).toEqual({});
    const spelled = { ...two, config: '{ "k": "v" }' };
    expect(
      plan("Bot", stateOf("Bot", botConfig, { publish: { connectors: [one, spelled] } }), prior).changes,
    ).toEqual({});
    const other = { ...two, config: '{"k":"w"}' };
    expect(
      plan("Bot", stateOf("Bot", botConfig, { publish: { connectors: [one, other] } }), prior).changes,
    ).toEqual({
      publish: { connectors: [one, other] },
      version: unknown,
    });
    const versioned = { ...two, config: null, config_wo: '{"k":"w"}', config_wo_version: "2" };
    const wanted = stateOf("Bot", botConfig, { publish: { connectors: [one, versioned] } });
    expect(plan("Bot", wanted, prior).changes).toEqual({
      publish: { connectors: [one, { ...versioned, config_wo: null }] },
      version: unknown,
    });
  });

  test("goes on with what an apply left", () => {
    const prior = botState({}, { unfinished: ["publish"] });
    expect(plan("Bot", stateOf("Bot", botConfig), prior).changes).toEqual({
      unfinished: null,
      version: unknown,
    });
  });

  test("replaces what Coze gave up on", () => {
    const { changes, requiresReplace } = plan("Bot", stateOf("Bot", botConfig), botState(), { failed: true });
    expect(requiresReplace).toEqual([["id"]]);
    expect(changes).toMatchObject({ id: unknown });
  });

  test("believes the configuration of what was imported and never shows", () => {
    const prior = stateOf(
      "Document",
      { dataset: "5", name: "a" },
      { id: "6", source: { file: null, file_sha256: null, url: null, refresh_hours: null } },
    );
    const config = stateOf("Document", { dataset: "5", name: "a", source: { file: "a.txt" } });
    const { requiresReplace, diagnostics } = plan("Document", config, prior, { imported: true });
    expect(requiresReplace).toEqual([]);
    expect(diagnostics).toEqual(["source.file is taken on trust"]);
    expect(plan("Document", config, prior).requiresReplace).toEqual([["source", "file_sha256"]]);
  });

  test("takes another spelling of one original for the same", () => {
    const prior = stateOf(
      "Copy",
      { type: "workflow", workspace: "7", source: { workflow: "3" } },
      { id: "4" },
    );
    const same = stateOf("Copy", { type: "workflow", workspace: "7", source: { id: "3" } });
    expect(plan("Copy", same, prior).requiresReplace).toEqual([]);
    const other = stateOf("Copy", { type: "workflow", workspace: "7", source: { id: "5" } });
    expect(plan("Copy", other, prior).requiresReplace).not.toEqual([]);
  });
});

describe("a plan that is told without a look at each field", () => {
  /** Attributes that a state may hold beside the configuration's, or otherwise. */
  const others = {
    unfinished: ["publish"],
    version: "3",
    description: "",
    timeouts: { create: "1m", update: null },
  };

  test.each(kinds.filter(({ removal }) => removal).map(({ name }) => name))("%s", (name) => {
    const kind = kindOf(name);
    const ref = () => fc.constant("7");
    const file = () => fc.constant("a.txt");
    const spec = arbitrarySpec(kind, { ref, file });
    let told = 0;
    const once = fc.property(
      spec,
      spec,
      fc.subarray(Object.keys(others)),
      fc.nat(5),
      fc.nat(100),
      (one, other, more, which, at) => {
        // In the second case it was left out before as well.
        const isLeftOut = which === 1 || which === 4;
        const [given, held] = [stateOf(name, one), stateOf(name, which === 0 ? other : one)];
        const config = {
          ...given,
          ...(isLeftOut && { [Object.keys(one)[at % Object.keys(one).length] ?? ""]: null }),
        };
        const added = more.filter(
          (attribute) => attribute in config && (which === 2 || config[attribute] === null),
        );
        const prior = {
          ...held,
          ...Object.fromEntries(
            added.map((attribute) => [attribute, others[attribute as keyof typeof others]]),
          ),
          id: "9",
        };
        const notes = {
          set: plan(name, which === 4 ? config : given).set,
          ...(which === 3 && { failed: true as const }),
        };
        const slow = plan(name, config, prior, notes);
        const isTold = isPlannedAsItIs(kind, { prior, config, privateState: writeNotes(notes) });
        if (!isTold) return;
        told += 1;
        expect(slow).toMatchObject({ planned: prior, changes: {}, requiresReplace: [], diagnostics: [] });
        expect(slow.set).toEqual(notes.set);
      },
    );
    fc.assert(once, { numRuns: 200 });
    expect(told).toBeGreaterThan(0);
  });
});
