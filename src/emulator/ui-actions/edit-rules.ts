import { enterpriseRoles } from "../areas/people.ts";
import {
  anything,
  choice,
  flag,
  integer,
  list,
  map,
  object,
  objectSchema,
  type Rules,
  required,
  type Schema,
  text,
  type Values,
} from "../http/params.ts";
import { levels } from "../world/plans.ts";

/** A name, or an id. */
const name = text(1);
const names = list(name);
const texts = text();

const uses = object({ workflows: names, plugins: names });
const fail = object({ code: required(integer(1)), msg: texts });
const pace = { takes_ms: integer(0), never_ends: flag } as const;
const publication = { publish: flag, channels: list(name, 1) } as const;

/** The kinds of edits with their fields. The first key of each names the object. */
export const editFields = {
  workflow: {
    workflow: required(name),
    workspace: name,
    of_app: name,
    description: texts,
    content: texts,
    mode: choice("workflow", "chatflow"),
    inputs: map,
    uses,
    publish: flag,
  },
  app: { app: required(name), workspace: name, description: texts, content: texts, uses, ...publication },
  plugin: { plugin: required(name), workspace: name, description: texts, tools: list(name, 1) },
  bot: {
    bot: required(name),
    workspace: name,
    description: texts,
    prompt: texts,
    prologue: texts,
    model: name,
    workflows: names,
    ...publication,
  },
  chat: {
    chat: required(name),
    workspace: name,
    says: texts,
    matches: texts,
    of: choice("draft", "published"),
    prompt: texts,
    answer: texts,
    fail,
    asks: object({ name: required(name), arguments: texts }),
    ...pace,
  },
  run: {
    run: required(name),
    workspace: name,
    parameters: map,
    content: texts,
    output: anything,
    fail,
    ...pace,
  },
  copies_of: {
    copies_of: required(name),
    workspace: name,
    type: choice("workflow", "app", "bot", "plugin"),
    fail: list(object({ reason: required(name), type: name, name, id: name })),
    ...pace,
  },
  account: {
    account: required(choice(...levels)),
    extra_qps: object({ chat: integer(0), workflow: integer(0), plugin: integer(0) }),
  },
  user: {
    user: required(name),
    nickname: texts,
    username: texts,
    volcano_id: name,
    role: choice(...enterpriseRoles),
    type: choice("employee", "guest"),
    valid: flag,
  },
  connector: { connector: required(name), workspaces: names, device_keys: names, reviews: flag },
  variables_of: { variables_of: required(name), workspace: name, defaults: map },
  workspace: { workspace: required(name), description: texts },
} as const satisfies Readonly<Record<string, Rules>>;

/** The kind of an edit: its first key, as a rule. */
export type EditKind = keyof typeof editFields;

/** The fields of the edits of one kind. */
export type EditOf<K extends EditKind> = Readonly<Values<(typeof editFields)[K]>>;

/** One thing that a person does in Coze's web page, as data. */
export type Edit = { [K in EditKind]: EditOf<K> }[EditKind];

/** The keys that say which kind an edit is of; `workspace` is the last, as the others may have it too. */
export const editKinds = Object.keys(editFields) as readonly EditKind[];

/** The kind of an edit with these keys, if any: a workspace only if it names nothing else. */
export const kindOfEdit = (keys: readonly string[]): EditKind | undefined =>
  editKinds.find((kind) => keys.includes(kind));

/** JSON Schema of a file of edits: a map with the list `edits`. An edit of no kind passes. */
export const editFileSchema: Schema = {
  type: "object",
  properties: { edits: { type: "array", items: editSchema(), expected: "a list of edits" } },
  required: ["edits"],
  additionalProperties: false,
  expected: "a map with the list edits",
};

function editSchema(): Schema {
  return {
    type: "object",
    allOf: editKinds.map((kind) => {
      const others = editKinds.slice(0, editKinds.indexOf(kind)).map((other) => ({ required: [other] }));
      return {
        if: { type: "object", required: [kind], ...(others.length > 0 && { not: { anyOf: others } }) },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: objectSchema(editFields[kind]),
      };
    }),
    expected: "an edit",
  };
}
