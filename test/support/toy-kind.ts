import type { Values } from "../../src/core/value.ts";
import { defineKind, type Item, type Kind } from "../../src/kind/kind.ts";

/** An API of objects in boxes, held in memory: enough for plans and engines to have something to run. */
export interface ToyApi {
  readonly things: Map<string, Item>;
  readonly calls: string[];
}

export const createToyApi = (): ToyApi => ({ things: new Map(), calls: [] });

/** A kind with a parent, every way a field can behave, and nothing that Coze has. */
export const thing = defineKind<ToyApi>()({
  name: "Thing",
  description: "A thing in a box.",
  parent: "box",
  identity: ["box", "name"],
  removal: "delete",
  fields: {
    box: { type: "ref", kind: "Box", presence: "required", immutable: true, description: "Where it is." },
    name: { type: "string", presence: "required", maxLength: 10, description: "What it is called." },
    note: { type: "string", text: true, presence: "optional", default: "", description: "What it says." },
    size: {
      type: "integer",
      presence: "optional",
      clearable: false,
      description: "How big it is; the toy never shrinks back.",
    },
    tags: {
      type: "list",
      items: { type: "string" },
      unordered: true,
      presence: "optional",
      description: "Words on it.",
    },
    secret: {
      type: "string",
      presence: "optional",
      sensitive: true,
      readable: false,
      description: "Hidden.",
    },
    next: { type: "ref", kind: "Thing", presence: "optional", description: "Another thing." },
    paint: {
      type: "object",
      presence: "optional",
      description: "How it looks.",
      fields: {
        color: { type: "string", presence: "required", description: "Its color." },
        gloss: { type: "number", presence: "optional", default: 1, description: "How shiny it is." },
        coat: {
          type: "string",
          presence: "optional",
          readable: false,
          default: "thin",
          description: "Unseen.",
        },
      },
    },
    outlets: {
      type: "object",
      presence: "optional",
      description: "Where it is shown.",
      fields: {
        names: {
          type: "list",
          items: { type: "string" },
          unordered: true,
          presence: "required",
          description: "Names of the places.",
        },
      },
    },
    weight: { type: "integer", presence: "computed", description: "How heavy it is." },
  },
  async *list(api, parent) {
    api.calls.push(`list ${parent}`);
    yield [...api.things.values()].filter((item) => item.parent === parent);
  },
  async create(api, spec) {
    const id = `t${api.things.size + 1}`;
    api.calls.push(`create ${spec.name}`);
    api.things.set(id, { id, parent: spec.box, live: shown(spec) });
    return { id };
  },
  async update(api, { id }, { spec, changed }) {
    api.calls.push(`update ${spec.name} ${[...changed].sort().join(",")}`);
    const item = api.things.get(id);
    if (item) api.things.set(id, { ...item, live: shown(spec) });
  },
  async remove(api, { id }) {
    api.calls.push(`remove ${id}`);
    api.things.delete(id);
  },
  followUps: [
    {
      name: "show",
      fields: ["outlets"],
      calls({ spec, changed }, done) {
        const wanted = spec.outlets?.names ?? [];
        const needed = changed.size > 0 || !done;
        return wanted.length > 0 && needed
          ? [{ argument: [...wanted], effect: `is shown in ${wanted.join(", ")}` }]
          : [];
      },
      async run(api, { id }, _spec, { argument }) {
        api.calls.push(`show ${id}`);
        const item = api.things.get(id);
        if (item) api.things.set(id, { ...item, live: { ...item.live, outlets: { names: argument } } });
      },
    },
  ],
});

/** What holds things; it can be made but never deleted. */
const box = defineKind<ToyApi>()({
  name: "Box",
  description: "Holds things.",
  identity: ["name"],
  removal: "abandon",
  fields: { name: { type: "string", presence: "required", description: "What it is called." } },
  async *list(api) {
    api.calls.push("list boxes");
    yield [...api.things.values()].filter((item) => item.parent === undefined);
  },
  async create(api, spec) {
    const id = `b${api.things.size + 1}`;
    api.calls.push(`create ${spec.name}`);
    api.things.set(id, { id, live: { name: spec.name } });
    return { id };
  },
});

export const toyKinds: readonly Kind<ToyApi>[] = [box, thing];

/** The toy never shows secrets, nor what its fields call unreadable. */
function shown(spec: Values): Values {
  const { secret: _secret, outlets: _outlets, paint, ...rest } = spec;
  const { coat: _coat, ...seen } = (paint ?? {}) as Values;
  return { ...rest, ...(paint ? { paint: seen } : {}), weight: 7 };
}
