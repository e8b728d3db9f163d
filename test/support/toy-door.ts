import { isObject, type Json, type Values } from "../../src/core/value.ts";

import type {
  PlanAnswer,
  PlanRequest,
  ProviderDiagnostic,
  ProviderInterface,
  ResourceState,
} from "../../src/terraform/provider/provider-interface.ts";
import type { Attribute, ProviderSchema, Schema } from "../../src/terraform/schema/attribute.ts";
import { isUnknown, unknown } from "../../src/terraform/values/unknown.ts";

const attribute = (given: Partial<Attribute>): Attribute => ({
  type: "string",
  description: "Toy.",
  ...given,
});
const optional = (type: Attribute["type"]) => attribute({ type, optional: true });
const required = (type: Attribute["type"]) => attribute({ type, required: true });

/** What there is to say of a `toy_thing`. */
export const thing: Schema = {
  version: 2,
  description: "A thing in **memory**.",
  attributes: {
    id: attribute({ computed: true }),
    name: required("string"),
    /** Another one is another thing. */
    zone: optional("string"),
    size: attribute({ type: "number", optional: true, computed: true }),
    active: optional("bool"),
    labels: optional({ map: "string" }),
    tags: optional({ set: "string" }),
    hosts: optional({ list: "string" }),
    pair: optional({ tuple: ["string", "number"] }),
    anything: optional("dynamic"),
    limits: optional({
      nested: {
        nesting: "single",
        attributes: {
          soft: attribute({ type: "number", optional: true, computed: true }),
          hard: optional("number"),
        },
      },
    }),
    rules: optional({
      nested: {
        nesting: "list",
        attributes: { port: required("number"), key: attribute({ optional: true, sensitive: true }) },
      },
    }),
    peers: optional({
      nested: { nesting: "set", attributes: { host: required("string"), weight: optional("number") } },
    }),
    extras: optional({ nested: { nesting: "map", attributes: { value: required("string") } } }),
    secret: attribute({ optional: true, sensitive: true, writeOnly: true }),
    /** Counts its changes. */
    revision: attribute({ type: "number", computed: true }),
  },
};

const schema: ProviderSchema = {
  provider: {
    version: 0,
    description: "Toys.",
    attributes: { prefix: optional("string"), token: attribute({ optional: true, sensitive: true }) },
  },
  resources: { toy_thing: thing },
  dataSources: {
    toy_thing: {
      version: 0,
      description: "A thing by its name.",
      attributes: { name: required("string"), id: attribute({ computed: true }) },
    },
  },
  functions: {
    join: {
      summary: "Joins texts",
      description: "Joins texts, and *says* with what.",
      parameters: [{ name: "separator", type: "string", description: "Stands between." }],
      variadic: { name: "texts", type: "string", description: "Stand around." },
      returns: { object: { text: "string", count: "number" } },
    },
    echo: {
      summary: "Gives back",
      description: "Gives back what it gets.",
      parameters: [{ name: "value", type: "dynamic", description: "Anything." }],
      returns: "dynamic",
    },
  },
};

/** A thing that has nothing, its id and name included. */
export const blankThing: Values = Object.fromEntries(
  Object.keys(thing.attributes).map((name) => [name, null]),
);

/** A thing with all that one can have, but for a secret, as `toy_thing.a` in HCL. */
export const fullThing = `
resource "toy_thing" "a" {
  name     = "甲"
  zone     = "east"
  size     = 0.1
  active   = true
  labels   = { "a.b" = "1", c = "2" }
  tags     = ["y", "x"]
  hosts    = ["one", "two"]
  pair     = ["left", 9007199254740991]
  anything = { list = [1, "two", null], flag = false }
  limits   = { hard = 20 }
  rules    = [{ port = 80 }, { port = 443, key = "k" }]
  peers    = [{ host = "p", weight = 1 }, { host = "q" }]
  extras   = { one = { value = "v" } }
}
`;

/** That thing's values as Terraform tells them. */
export const fullThingValues: Values = {
  ...blankThing,
  name: "甲",
  zone: "east",
  size: 0.1,
  active: true,
  labels: { "a.b": "1", c: "2" },
  tags: ["x", "y"],
  hosts: ["one", "two"],
  pair: ["left", 2 ** 53 - 1],
  anything: { flag: false, list: [1, "two", null] },
  limits: { soft: null, hard: 20 },
  rules: [
    { port: 80, key: null },
    { port: 443, key: "k" },
  ],
  peers: [
    { host: "p", weight: 1 },
    { host: "q", weight: null },
  ],
  extras: { one: { value: "v" } },
};

/**
 * A provider of things that exist only in memory, for tests of what is between Terraform and a door. Names decide what
 * goes wrong: `half` is made and complains, `throws` throws, `sloppy` answers with an object that lacks an attribute.
 */
export function createToyDoor() {
  const things = new Map<string, Values>();
  const log: string[] = [];
  const configured: Values[] = [];
  const secrets: Json[] = [];
  let made = 0;
  const door: ProviderInterface = {
    schema,
    validateProvider: async ({ prefix }) =>
      prefix === "bad" ? complain({ summary: "prefix is bad", path: ["prefix"] }) : fine,
    validateResource: async (_type, config) => ({ diagnostics: validate(config) }),
    validateDataSource: async (_type, { name }) =>
      name === "" ? complain({ summary: "name is empty", path: ["name"] }) : fine,
    async configure(config) {
      configured.push(config);
      return fine;
    },
    async upgrade(_type, version, stored) {
      log.push(`upgrade ${version}`);
      if (version === 2) return { ...fine, stored };
      if (version !== 1) return { ...complain({ summary: `version ${version}?` }), stored: undefined };
      const { title, ...rest } = stored;
      return { ...fine, stored: { ...rest, name: title ?? null } };
    },
    async read(_type, { state, privateState }) {
      const found = things.get(String(state.id));
      log.push(`read ${found ? String(found.name) : "nothing"}`);
      return {
        ...fine,
        state: found ? { ...state, ...found } : null,
        privateState: count(privateState, "reads"),
      };
    },
    async plan(_type, request) {
      if (!request.proposed) log.push(`plan without ${String(request.prior?.name)}`);
      return planThing(request);
    },
    async apply(_type, { prior, planned, config, privateState }) {
      const id = String(prior?.id);
      if (!planned) {
        things.delete(id);
        log.push(`remove ${String(prior?.name)}`);
        return { ...fine, state: null, privateState: {} };
      }
      if (planned.name === "throws") throw new Error("the toy broke");
      if (config?.secret) secrets.push(config.secret);
      made += prior ? 0 : 1;
      const state: Values = {
        ...fill(planned),
        id: prior ? id : `thing-${made}`,
        revision: Number(prior?.revision ?? 0) + 1,
      };
      things.set(String(state.id), state);
      log.push(`${prior ? "change" : "make"} ${String(state.name)}`);
      const { revision: _left, ...lacking } = state;
      const diagnostics: readonly ProviderDiagnostic[] =
        state.name === "half" ? [{ severity: "error", summary: "only half of it was made" }] : [];
      return {
        diagnostics,
        state: state.name === "sloppy" ? lacking : state,
        privateState: count(privateState, "applies"),
      };
    },
    async import(type, id) {
      const found = things.get(id);
      if (!found) return { ...complain({ summary: `there is no ${id}`, path: ["id"] }), imported: [] };
      return { ...fine, imported: [{ type, state: found, privateState: { imported: true } }] };
    },
    async move(_type, { provider, type, state }) {
      log.push(`move ${type} of ${provider}`);
      const id = String(state.id);
      const moved = { ...blankThing, id, name: String(state.input), revision: 1 };
      things.set(id, moved);
      return { ...fine, state: moved, privateState: {} };
    },
    async readDataSource(_type, { name }) {
      const [id] = [...things].find(([, found]) => found.name === name) ?? [];
      if (id === undefined)
        return {
          ...complain({ summary: `no thing is called ${String(name)}`, path: ["name"] }),
          state: null,
        };
      return { ...fine, state: { name: name ?? null, id } };
    },
    async call(name, args) {
      if (name === "echo") return { value: args[0] ?? null };
      const [separator, ...texts] = args;
      if (texts.includes("")) return { error: "a text is empty", argument: texts.indexOf("") + 1 };
      return { value: { text: texts.join(String(separator)), count: texts.length } };
    },
    stop: () => void log.push("stop"),
  };
  return { door, things, log, configured, secrets };
}

const fine = { diagnostics: [] } as const;
const complain = (diagnostic: Omit<ProviderDiagnostic, "severity">) =>
  ({ diagnostics: [{ severity: "error", ...diagnostic }] }) as const;

const count = (privateState: Values, what: string): Values => ({
  ...privateState,
  [what]: Number(privateState[what] ?? 0) + 1,
});

function validate(config: ResourceState): readonly ProviderDiagnostic[] {
  const limits = isObject(config.limits) ? config.limits : {};
  const rules = Array.isArray(config.rules) ? config.rules : [];
  const diagnostics: ProviderDiagnostic[] = [];
  if (config.name === "") diagnostics.push({ severity: "error", summary: "name is empty", path: ["name"] });
  if (config.name === "odd")
    diagnostics.push({ severity: "warning", summary: "an odd name", path: ["name"] });
  if (Number(limits.soft) > Number(limits.hard ?? Number.POSITIVE_INFINITY)) {
    const path = ["limits", "soft"];
    diagnostics.push({
      severity: "error",
      summary: "the soft limit is above the hard one",
      detail: "Lower it.",
      path,
    });
  }
  for (const [index, rule] of rules.entries()) {
    if (isObject(rule) && rule.port === 0)
      diagnostics.push({ severity: "error", summary: "no such port", path: ["rules", index, "port"] });
  }
  return diagnostics;
}

function planThing({ prior, proposed, privateState }: PlanRequest): PlanAnswer {
  if (!proposed) return { diagnostics: [], planned: null, requiresReplace: [], privateState };
  const made = prior ?? { ...blankThing, id: unknown, revision: unknown };
  const wanted: Values = {
    ...proposed,
    id: made.id ?? null,
    size: proposed.size ?? 1,
    limits:
      isObject(proposed.limits) && !isUnknown(proposed.limits)
        ? { ...proposed.limits, soft: proposed.limits.soft ?? 10 }
        : (proposed.limits ?? null),
    revision: made.revision ?? null,
  };
  const changes = Object.keys(wanted).some((name) => name !== "secret" && !same(wanted[name], made[name]));
  return {
    diagnostics: [],
    planned: changes ? { ...wanted, revision: unknown } : wanted,
    requiresReplace: prior && !same(prior.zone, wanted.zone) ? [["zone"]] : [],
    privateState: count(privateState, "plans"),
  };
}

/** What stood open in the plan and isn't told by now is there all the same. */
function fill(planned: Values): Values {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, isUnknown(value) ? null : value]),
  );
}

const same = (one: Json | undefined, other: Json | undefined): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Sets come in any order; no toy has a list whose order it minds. */
function sorted(value: Json | undefined): Json {
  if (Array.isArray(value))
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (!isObject(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
