import type { KindSchema } from "../../src/kind/schema.ts";

/** What things are kept in. */
export const box = {
  name: "Box",
  description: "A box for things.",
  identity: ["name"],
  removal: "delete",
  fields: {
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      maxLength: 20,
      description: "What it is called.",
    },
    key: { type: "string", presence: "optional", sensitive: true, description: "What opens it." },
    locks: {
      type: "object",
      presence: "optional",
      sensitive: true,
      description: "Its locks.",
      fields: { front: { type: "string", presence: "optional", description: "The one in front." } },
    },
    settings: { type: "map", presence: "optional", sensitive: true, description: "What is set in it." },
    seal: { type: "string", presence: "computed", description: "Coze's own mark." },
  },
} as const satisfies KindSchema;

/** A thing that can only be looked up within a box. */
const tool = {
  name: "Tool",
  description: "A tool that comes with a box.",
  parent: "box",
  identity: ["box", "name"],
  fields: {
    box: { type: "ref", kind: "Box", presence: "required", description: "Where it is." },
    name: { type: "string", presence: "required", description: "What it is called." },
  },
} as const satisfies KindSchema;

/** A part of a tool, which can only be looked up as well. */
const part = {
  name: "Part",
  description: "A part of a tool.",
  parent: "tool",
  identity: ["tool", "name"],
  fields: {
    tool: { type: "ref", kind: "Tool", presence: "required", description: "What it belongs to." },
    name: { type: "string", presence: "required", description: "What it is called." },
  },
} as const satisfies KindSchema;

/** A field of every shape, and every rule that shapes know. */
export const thing = {
  name: "Thing",
  description: "A thing in a box.",
  parent: "box",
  identity: ["box", "name"],
  removal: "delete",
  check: ({ name, size }) =>
    name === "tiny" && size === 9
      ? [{ path: ["size"], message: "what is tiny isn't that big", hint: "take 1" }]
      : [],
  fields: {
    box: { type: "ref", kind: "Box", presence: "required", immutable: true, description: "Where it is." },
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      maxLength: 10,
      description: "What it is called; see [names](https://example.com/names).",
    },
    note: {
      type: "string",
      text: true,
      maxLength: 20,
      presence: "optional",
      default: "",
      description: "Its note.",
    },
    brief: {
      type: "string",
      text: true,
      presence: "optional",
      conflictsWith: ["note"],
      description: "A shorter note.",
    },
    code: {
      type: "string",
      pattern: "^\\d{3,8}$",
      patternHint: () => "three to eight digits",
      presence: "optional",
      description: "Its number.",
    },
    site: { type: "string", format: "uri", presence: "optional", description: "Its page." },
    size: { type: "integer", minimum: 1, maximum: 10, presence: "optional", description: "How big it is." },
    weight: { type: "number", minimum: 0, presence: "optional", description: "How heavy it is." },
    shiny: { type: "boolean", presence: "optional", description: "Whether it shines." },
    color: {
      type: "enum",
      values: ["red", "green", "blue"],
      presence: "optional",
      description: "Its color.",
    },
    make: {
      type: "enum",
      values: ["hand", "press"],
      open: true,
      presence: "optional",
      description: "How it came.",
    },
    icon: {
      type: "file",
      extensions: ["png"],
      maxBytes: 10,
      presence: "optional",
      description: "Its picture.",
    },
    tags: {
      type: "list",
      items: { type: "string" },
      unordered: true,
      maxItems: 3,
      presence: "optional",
      description: "Words on it.",
    },
    friends: {
      type: "list",
      items: { type: "ref", kind: "Thing" },
      presence: "optional",
      description: "Other things.",
    },
    tool: { type: "ref", kind: "Tool", presence: "optional", description: "What it was made with." },
    part: { type: "ref", kind: "Part", presence: "optional", description: "A part of a tool." },
    parts: {
      type: "list",
      presence: "optional",
      description: "Parts of tools.",
      items: {
        type: "object",
        fields: {
          tool: { type: "ref", kind: "Tool", presence: "required", description: "A tool." },
          part: { type: "ref", kind: "Part", presence: "required", description: "A part of it." },
        },
      },
    },
    labels: {
      type: "map",
      values: { type: "string" },
      presence: "optional",
      description: "Names for machines.",
    },
    extra: { type: "map", presence: "optional", description: "Anything." },
    source: {
      type: "object",
      presence: "optional",
      description: "Where it came from.",
      exactlyOne: ["file", "url"],
      fields: {
        file: { type: "file", extensions: [".txt"], presence: "optional", description: "A file." },
        url: { type: "string", presence: "optional", description: "A page." },
        hours: { type: "integer", presence: "optional", description: "How often it is looked at." },
      },
    },
    paint: {
      type: "object",
      presence: "optional",
      description: "How it looks.",
      fields: {
        color: { type: "string", presence: "required", description: "Its color." },
        gloss: { type: "number", presence: "optional", default: 1, description: "How shiny it is." },
        code: { type: "string", presence: "computed", description: "Its number at the factory." },
      },
    },
    outlets: {
      type: "list",
      key: "id",
      presence: "optional",
      description: "Where it is sold.",
      items: {
        type: "object",
        shorthand: { shop: { id: "1" }, web: { id: "2" } },
        fields: {
          id: { type: "string", presence: "required", description: "Which one." },
          price: { type: "number", presence: "optional", description: "For how much." },
        },
      },
    },
    serial: { type: "string", presence: "computed", description: "Coze's own number." },
  },
} as const satisfies KindSchema;

export const toyKinds: readonly KindSchema[] = [box, tool, part, thing];
