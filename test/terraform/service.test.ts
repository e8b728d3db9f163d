import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import type { Path } from "../../src/core/spec-walk.ts";
import type { Values } from "../../src/core/value.ts";
import {
  ApplyResourceChange_RequestSchema,
  CallFunction_RequestSchema,
  Diagnostic_Severity,
  PlanResourceChange_RequestSchema,
  ReadResource_RequestSchema,
  UpgradeResourceState_RequestSchema,
  ValidateResourceConfig_RequestSchema,
} from "../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import { withoutWriteOnly } from "../../src/terraform/protocol/service/object-form.ts";
import { toDiagnostic } from "../../src/terraform/protocol/service/responses.ts";
import { createService } from "../../src/terraform/protocol/service/service.ts";
import type {
  ProviderDiagnostic,
  ProviderInterface,
} from "../../src/terraform/provider/provider-interface.ts";
import { objectType, type Schema, type Type } from "../../src/terraform/schema/attribute.ts";
import { decodeValue, encodeValue } from "../../src/terraform/values/codec.ts";
import { unknown } from "../../src/terraform/values/unknown.ts";
import { blankThing, createToyDoor, thing } from "../support/toy-door.ts";

const type: Type = {
  object: {
    name: "string",
    model: { object: { temperature: "number" } },
    rules: { list: { object: { port: "number" } } },
    labels: { map: { object: { value: "string" } } },
    peers: { set: { object: { host: "string" } } },
    pair: { tuple: ["string", { object: { deep: "bool" } }] },
  },
};

/** A diagnostic in short: the steps of its path, and its detail. */
function shorten(path: Path | undefined, detail?: string): string {
  const diagnostic: ProviderDiagnostic = { severity: "error", summary: "no", path, detail };
  const message = toDiagnostic(diagnostic, type);
  const steps = message.attribute?.steps ?? [];
  const shown = steps.map(({ selector }) => `${selector?.case} ${selector?.value}`).join(", ");
  return `${shown} | ${message.detail}`;
}

test.each<[string, Path | undefined, string]>([
  ["an attribute", ["name"], "attributeName name | Why."],
  ["no attribute", undefined, " | Why."],
  ["the whole object", [], " | Why."],
  ["what the schema doesn't know", ["nam", "x"], " | Why."],
  ["part of an object", ["model", "temperature"], "attributeName model | model.temperature: Why."],
  ["part of an item", ["rules", 1, "port"], "attributeName rules | rules[1].port: Why."],
  ["part of a map's item", ["labels", "k1", "value"], "attributeName labels | labels.k1.value: Why."],
  ["part of a set's item: it ends at the set", ["peers", 0, "host"], "attributeName peers | Why."],
  ["part of a tuple", ["pair", 1, "deep"], "attributeName pair | pair[1].deep: Why."],
  ["beyond a value: it ends at the value", ["name", "x"], "attributeName name | Why."],
])("a path to %s", (_name, path, expected) => {
  expect(shorten(path, "Why.")).toBe(expected);
});

test("a path that the summary has said already isn't said again", () => {
  const summary = "model.temperature is above 1";
  const told = toDiagnostic(
    { severity: "error", summary, detail: "Why.", path: ["model", "temperature"] },
    type,
  );
  expect(told.detail).toBe("Why.");
});

test.each<[string, string, string | undefined]>([
  ["fits", "name is empty", undefined],
  [
    "goes on behind a colon",
    "could not create coze_bot: the object doesn't exist: The requested resource does not exist",
    "could not create coze_bot: the object doesn't exist | The requested resource does not exist.",
  ],
  [
    "goes on behind a semicolon",
    'publish.connectors[0].tool must be an id of digits; found "a text that is long"',
    'publish.connectors[0].tool must be an id of digits | Found "a text that is long".',
  ],
  [
    "has a colon inside of quotes only",
    'the name must not hold "a: b", and "a: b" is what it holds; it goes on and on',
    'the name must not hold "a: b", and "a: b" is what it holds | It goes on and on.',
  ],
  [
    "begins with a place and a colon",
    "suggested_questions[0]: the documentation doesn't know anything of this",
    "suggested_questions[0]: the documentation doesn't know … | suggested_questions[0]: the documentation doesn't know anything of this.",
  ],
  [
    "goes on and on",
    "the private key in the environment variable can't be read by this",
    "the private key in the environment variable can't be read … | The private key in the environment variable can't be read by this.",
  ],
])("a summary that %s", (_name, summary, expected = `${summary} | `) => {
  const told = toDiagnostic({ severity: "error", summary }, type);
  expect(`${told.summary} | ${told.detail}`).toBe(expected);
  expect(String(told.summary).length).toBeLessThanOrEqual(60);
});

test("no summary is longer than a line, and nothing of it is lost", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "Bot", ": ", "; ", " ", "中", '"', "("), { maxLength: 90 }),
      (parts) => {
        const summary = parts.join("");
        const told = toDiagnostic({ severity: "error", summary }, type);
        expect(String(told.summary).length).toBeLessThanOrEqual(60);
        const letters = (text: string) => text.replaceAll(/[^aBot中]/giu, "").toLowerCase();
        expect(letters(`${told.summary}${told.detail}`)).toContain(letters(summary));
      },
    ),
  );
});

test("what Coze calls things hides nothing in a message", () => {
  const told = toDiagnostic(
    { severity: "error", summary: "no bot\u{e0041}", detail: "called a\u3000b\nnor \u202ec" },
    type,
  );
  expect([told.summary, told.detail]).toEqual(["no bot\\u{e0041}", "called a\\u3000b\nnor \\u202ec"]);
});

test("a path into an attribute is the detail where there is no other", () => {
  expect(shorten(["model", "temperature"])).toMatch(/\| model\.temperature$/u);
});

const attribute = { description: "", optional: true } as const;
const schema: Schema = {
  version: 0,
  description: "",
  attributes: {
    open: { ...attribute, type: "string" },
    secret: { ...attribute, type: "string", writeOnly: true },
    one: {
      ...attribute,
      type: {
        nested: {
          nesting: "single",
          attributes: { secret: { ...attribute, type: "string", writeOnly: true } },
        },
      },
    },
    many: {
      ...attribute,
      type: {
        nested: {
          nesting: "list",
          attributes: { secret: { ...attribute, type: "string", writeOnly: true } },
        },
      },
    },
    named: {
      ...attribute,
      type: {
        nested: { nesting: "map", attributes: { secret: { ...attribute, type: "string", writeOnly: true } } },
      },
    },
  },
};

test("what only configurations hold is taken out at every depth", () => {
  const secret = { secret: "s" };
  const values = { open: "o", secret: "s", one: secret, many: [secret, secret], named: { a: secret } };
  const gone = { secret: null };
  expect(withoutWriteOnly(values, schema.attributes)).toEqual({
    open: "o",
    secret: null,
    one: gone,
    many: [gone, gone],
    named: { a: gone },
  });
  const open: Values = { open: unknown, secret: unknown, one: unknown, many: unknown, named: null };
  expect(withoutWriteOnly(open, schema.attributes)).toEqual({ ...open, secret: null });
});

const thingType = objectType(thing.attributes);
const wire = (values: Values) => ({ msgpack: encodeValue({ ...blankThing, ...values }, thingType) });
const nil = { msgpack: encodeValue(null, "string") };
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/** A door like the toy's, but for what is given. */
const serve = (given: Partial<ProviderInterface> = {}) =>
  createService({ ...createToyDoor().door, ...given });

function ask<In extends DescMessage, Out>(
  method: ((request: MessageShape<In>) => Promise<Out>) | undefined,
  request: In,
  given: MessageInitShape<In>,
): Promise<Out> {
  if (!method) throw new Error("no such method");
  return method(create(request, given));
}

const read = (state: { msgpack?: Uint8Array } | undefined) =>
  state?.msgpack ? (decodeValue(state.msgpack, thingType) as Values) : undefined;

test("a number with too many digits is told of at its attribute", async () => {
  const config = wire({ name: "a", size: 2 ** 53 - 1 });
  const at = Buffer.from(config.msgpack).indexOf(Buffer.from("cf001fffffffffffff", "hex"));
  config.msgpack.set(Buffer.from("cf0020000000000001", "hex"), at);
  const request = { typeName: "toy_thing", config };
  const { diagnostics } = await ask(
    serve().validateResourceConfig,
    ValidateResourceConfig_RequestSchema,
    request,
  );
  expect(diagnostics).toEqual([
    {
      severity: Diagnostic_Severity.ERROR,
      summary: "a number has too many digits",
      detail: expect.stringMatching(/^9007199254740993 has too many digits: .*\.$/u),
      attribute: { steps: [{ selector: { case: "attributeName", value: "size" } }] },
    },
  ]);
});

test("a door that throws is told of without a stack, and what was there stays", async () => {
  const broken = async () => {
    throw new TypeError("x is not a function");
  };
  const service = serve({ read: broken, plan: broken, apply: broken, call: broken });
  const state = wire({ id: "1", name: "a" });
  const [kept, planned] = [bytes({ reads: 1 }), bytes({ plans: 1 })];
  const was = { typeName: "toy_thing", currentState: state, private: kept };
  const seen = await ask(service.readResource, ReadResource_RequestSchema, was);
  const [diagnostic] = seen.diagnostics ?? [];
  expect(diagnostic?.summary).toBe("the provider failed in ReadResource(toy_thing)");
  expect(diagnostic?.detail).toBe(
    "x is not a function\nThis is a bug in the provider: please report it with the lines above.",
  );
  expect([read(seen.newState)?.name, text(seen.private)]).toEqual(["a", '{"reads":1}']);

  const change = { typeName: "toy_thing", priorState: state, plannedState: wire({ id: "1", name: "b" }) };
  const applied = await ask(service.applyResourceChange, ApplyResourceChange_RequestSchema, {
    ...change,
    config: wire({ name: "b" }),
    plannedPrivate: planned,
  });
  expect(applied.diagnostics).toHaveLength(1);
  expect([read(applied.newState)?.name, text(applied.private)]).toEqual(["a", '{"plans":1}']);

  const call = await ask(service.callFunction, CallFunction_RequestSchema, {
    name: "echo",
    arguments: [nil],
  });
  expect(call.error?.text).toMatch(/^the provider failed in CallFunction\(echo\): x is not a function\n/u);
  const missing = { typeName: "toy_nothing", currentState: state };
  expect(
    (await ask(service.readResource, ReadResource_RequestSchema, missing)).diagnostics?.[0]?.detail,
  ).toMatch(/^the provider has no such type\n/u);
});

/** Answers of a provider that gives back, as they are, the state that was read and planned, and its private state. */
async function giveBack(state: Values) {
  const service = serve({
    read: async (_type, held) => ({ diagnostics: [], ...held }),
    plan: async (_type, { prior, privateState }) => ({
      diagnostics: [],
      planned: prior,
      requiresReplace: [],
      privateState,
    }),
  });
  // Attributes may come in any order.
  const reversed = Object.fromEntries(Object.entries({ ...blankThing, ...state }).reverse());
  const [came, kept] = [
    { msgpack: encode(reversed) },
    new TextEncoder().encode('{ "notes": {"set": ["name"]} }'),
  ];
  const seen = await ask(service.readResource, ReadResource_RequestSchema, {
    typeName: "toy_thing",
    currentState: came,
    private: kept,
  });
  const plan = await ask(service.planResourceChange, PlanResourceChange_RequestSchema, {
    typeName: "toy_thing",
    priorState: came,
    proposedNewState: came,
    config: came,
    priorPrivate: kept,
  });
  return { came, kept, seen, plan };
}

test("what is as it was goes back in the bytes that it came in, and so does its private state", async () => {
  const { came, kept, seen, plan } = await giveBack({
    id: "1",
    name: "扣子",
    limits: null,
    tags: ["b", "a"],
  });
  expect(seen).toEqual({
    newState: { msgpack: came.msgpack, json: new Uint8Array() },
    private: kept,
    diagnostics: [],
  });
  expect(plan).toMatchObject({ plannedState: seen.newState, plannedPrivate: kept });
});

test("numbers that are as they were go back as digits", async () => {
  const { came, seen, plan } = await giveBack({ id: "1", name: "a", size: 3 });
  expect(Buffer.from(came.msgpack).toString("latin1")).toContain("\u00a4size\u0003");
  expect(Buffer.from(seen.newState?.msgpack ?? []).toString("latin1")).toContain("\u00a4size\u00a13");
  expect(plan.plannedState).toEqual(seen.newState);
});

test("what only configurations hold never goes back", async () => {
  const { seen, plan } = await giveBack({ id: "1", name: "a", secret: "s3cret" });
  expect([read(seen.newState), read(plan.plannedState)]).toEqual([
    { ...blankThing, id: "1", name: "a" },
    { ...blankThing, id: "1", name: "a" },
  ]);
});

test("a plan that isn't as the schema says is refused by the names of the attributes", async () => {
  const service = serve({
    plan: async (_type, { proposed }) => {
      const { size: _left, ...rest }: Values = { ...proposed, colour: "red" };
      return { diagnostics: [], planned: rest, requiresReplace: [], privateState: {} };
    },
  });
  const request = {
    typeName: "toy_thing",
    priorState: nil,
    proposedNewState: wire({ name: "a" }),
    config: wire({}),
  };
  const { diagnostics } = await ask(service.planResourceChange, PlanResourceChange_RequestSchema, request);
  expect(diagnostics?.map(({ summary, detail }) => `${summary}: ${detail?.split("\n")[0]}`)).toEqual([
    "the provider failed in PlanResourceChange(toy_thing): missing attributes: size; unexpected attributes: colour",
  ]);
});

test("what was made is kept, even where its state isn't as the schema says", async () => {
  const service = serve({
    apply: async () => ({
      diagnostics: [],
      state: { id: "7", name: 5, size: 2, colour: "red" },
      privateState: { a: 1 },
    }),
  });
  const request = {
    typeName: "toy_thing",
    priorState: nil,
    plannedState: wire({ name: "a" }),
    config: wire({}),
  };
  const { diagnostics, ...made } = await ask(
    service.applyResourceChange,
    ApplyResourceChange_RequestSchema,
    request,
  );
  expect(diagnostics?.[0]?.summary).toBe("the provider failed in ApplyResourceChange(toy_thing)");
  expect(diagnostics?.[0]?.detail).toMatch(
    /^missing attributes: zone, active, .*; unexpected attributes: colour/u,
  );
  expect(read(made.newState)).toEqual(read(wire({ id: "7", size: 2 })));
  expect(text(made.private)).toBe('{"a":1}');
});

test("stored states pass as they are unless they change", async () => {
  const upgrade = (version: bigint, state: string) =>
    ask(serve().upgradeResourceState, UpgradeResourceState_RequestSchema, {
      typeName: "toy_thing",
      version,
      rawState: { json: new TextEncoder().encode(state) },
    });
  const now = '{"name":"a","size":9007199254740993}';
  expect(text((await upgrade(2n, now)).upgradedState?.json)).toBe(now);
  expect(text((await upgrade(1n, '{"title":"a"}')).upgradedState?.json)).toBe('{"name":"a"}');
  const newer = await upgrade(3n, now);
  expect([newer.upgradedState, newer.diagnostics?.[0]?.summary]).toEqual([undefined, "version 3?"]);
  const flat = await ask(serve().upgradeResourceState, UpgradeResourceState_RequestSchema, {
    typeName: "toy_thing",
    rawState: { flatmap: { name: "a" } },
  });
  expect(flat.diagnostics?.[0]?.summary).toBe("the state of toy_thing isn't JSON");
});

test("calls that arrive together are under way together", async () => {
  const open = new Set<() => void>();
  const service = serve({
    read: (_type, held) =>
      new Promise((done) => {
        open.add(() => done({ diagnostics: [], ...held }));
        // Nobody is answered before all are there.
        if (open.size === 20) for (const answer of open) answer();
      }),
  });
  const reads = Array.from({ length: 20 }, (_, index) =>
    ask(service.readResource, ReadResource_RequestSchema, {
      typeName: "toy_thing",
      currentState: wire({ id: String(index) }),
    }),
  );
  const ids = (await Promise.all(reads)).map(({ newState }) => read(newState)?.id);
  expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
});
