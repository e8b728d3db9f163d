import type { CopyReference, Spec } from "../core/field.ts";
import { canonicalJson, isObject, type Json } from "../core/value.ts";
import type { CopyFailure, CopyTaskInfo, CopyType } from "../coze/api/copy-tasks.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asId, asText } from "../coze/http/response.ts";
import type { SourceName } from "../kind/copying.ts";
import { defineKind, type Item, type TaskState } from "../kind/kind.ts";
import { findUsedWorkflows, readName } from "./copied-names.ts";
import { findCompanions } from "./copy-side-products.ts";
import { decimalId, holder, known, numeric, objectsIn } from "./live-values.ts";
import { unlessGone } from "./rejection.ts";
import { askBot, followChat, runWorkflow } from "./reply-probes.ts";

const copyFields = {
  type: {
    type: "enum",
    values: ["bot", "app", "workflow"],
    presence: "required",
    immutable: true,
    description: "What is copied.",
  },
  source: {
    type: "object",
    presence: "required",
    immutable: true,
    readable: false,
    equal: (want: Json, applied: Json) => isSameSource(want as Source, applied as Source),
    exactlyOne: ["id", "bot", "workflow", "app"],
    description:
      "The original. The token's user must be in its workspace and in the one it is copied to; what is in a personal workspace can only be copied within it.",
    fields: {
      environment: {
        type: "string",
        names: "environment",
        presence: "optional",
        description:
          "An environment of the project that has the original: then it goes by its name there, or by the name of the Copy or Bot that makes it there. In that environment itself nothing is copied, and the Copy stands for the original.",
      },
      id: { ...decimalId, presence: "optional", description: "Its id." },
      bot: {
        type: "ref",
        kind: "Bot",
        elsewhere: "environment",
        presence: "optional",
        description: "A bot.",
        inManifests: "With `environment`, its name there.",
      },
      workflow: {
        type: "ref",
        kind: "Workflow",
        elsewhere: "environment",
        presence: "optional",
        description: "A workflow.",
        inManifests: "A `lookup` names the `workspace` that holds it. With `environment`, its name there.",
      },
      app: {
        type: "string",
        minLength: 1,
        elsewhere: "environment",
        presence: "optional",
        description: "With `environment`, the name of an app there.",
      },
      called: {
        type: "string",
        elsewhere: "environment",
        presence: "computed",
        description: "What Coze calls the original that was found by `environment`.",
      },
    },
  },
  workspace: {
    type: "ref",
    kind: "Workspace",
    presence: "required",
    immutable: true,
    description: "The workspace that the copy is made in.",
  },
  revision: {
    type: "string",
    presence: "optional",
    immutable: true,
    readable: false,
    sticky: true,
    maxLength: 100,
    description:
      "Any text. Another one makes a new copy: what refers to it moves there, and the old copy stays at Coze.",
    inManifests: "Left out, only `promote` makes a new copy, when the original has changed.",
  },
  name: {
    type: "string",
    presence: "computed",
    description: "What the copy is called; Coze takes it from the original.",
  },
} as const;

type CopySpec = Spec<typeof copyFields>;
type Source = Partial<CopySpec>["source"] & { readonly called?: string };
type CopyItem = Item<{ readonly workspace?: string; readonly type?: CopyType; readonly name?: string }>;

/** https://docs.coze.cn/developer_guides/copy_resource_task */
export const copy = defineKind<CozeClient, OperationName>()({
  name: "Copy",
  summary: "A copy of a bot, app or workflow: the only way to make an app or a workflow through the API.",
  parent: "workspace",
  identity: ["workspace", "type", "source"],
  removal: "abandon",
  replacement: "keep-old",
  release: { revision: "revision" },
  operations: {
    create: "copy_resource_task",
    settle: "query_resource_copy_execution_result",
  },
  fields: copyFields,

  listing: {
    scope: typeIn,
    widest: copyFields.type.values.map((type) => ({ type })),
    calls: (specs) => typesIn(specs).length,
    // Coze says nowhere how long its tasks take, and a copy shows up only at the end of one.
    appearsWithin: 600,
  },

  async *list(api, parent, { specs }) {
    const workspace = holder(parent);
    for (const type of typesIn(specs)) yield* lists[type](api, workspace);
  },

  // On the personal plan the lists show only what is in workspaces that one owns.
  async exists(api, { id, parent }, { type }) {
    if (type === "bot") return (await unlessGone(api.bots.get(id, false))) !== undefined;
    if (type === "workflow") return (await unlessGone(api.workflows.get(id))) !== undefined;
    // Apps can't be asked for one by one: a list that shows others shows this one, too.
    for await (const page of api.apps.list(holder(parent))) if (page.length > 0) return false;
    return true;
  },

  create(api, { type, source, workspace }) {
    const original = originalOf(source);
    if (original === undefined)
      throw new Error(`the original in ${source.environment} wasn't looked for: apply without --target`);
    return api.copyTasks.create({ entity_id: original, entity_type: type, to_workspace_id: workspace });
  },

  copying: {
    sources: {
      sourceOf: ({ source }) => nameOf(source),
      makersOf: ({ type }): readonly CopyReference[] => [
        { kind: "Copy", where: { type } },
        ...(type === "bot" ? [{ kind: "Bot", where: {} }] : []),
      ],
      isNamed: (live, { type, name }) => live.type === type && live.name === name,
      bind: (spec, { id, revision, live }) => ({
        ...spec,
        source: { ...spec.source, id, ...known({ called: live?.name }) },
        ...known({ revision: spec.revision ?? revision }),
      }),
      boundTo({ source, revision }) {
        const id = originalOf(source);
        const { called }: Source = source ?? {};
        return id === undefined ? undefined : { id, ...known({ revision }), live: known({ name: called }) };
      },
      lookup: ({ type, name }) => ({ kind: type === "bot" ? "Bot" : "Workflow", words: { name } }),
    },

    async follow(api, task) {
      const info = await unlessGone(api.copyTasks.get(task));
      if (!info) return { state: "lost" };
      const id = asId(info.target_entity_id);
      if (info.task_status === "successful" && id !== undefined) return { state: "done", id };
      if (info.task_status === "failed") return { state: "failed", ...explainFailure(info) };
      return { state: "working", detail: "copy task in progress" };
    },

    async recognise(api, appeared, { spec, begun }) {
      const since = begun - skew;
      const recent = appeared.filter(({ revision = since }) => revision >= since);
      const original = originalOf(spec.source);
      if (recent.length === 0 || !spec.type || original === undefined) return recent;
      // An id of another environment is for copying and for nothing else.
      const { environment, called }: Source = spec.source ?? {};
      const name = environment === undefined ? await readName(api, spec.type, original) : called;
      const named = filterByName(recent, name);
      const [first] = named;
      if (!first || spec.type !== "workflow") return named;
      const taken = await findUsedWorkflows(api, holder(first.parent), since);
      return named.filter(({ id }) => !taken.has(id));
    },

    sideProducts: {
      none: ({ source }, before) => before.includes(originalOf(source) ?? ""),
      calls: (specs) => 1 + specs.filter(({ type }) => type === "bot").length,
      find: (api, parent, copies) => findCompanions(api, holder(parent), copies),
    },

    becomes: ({ type }) => (type === "bot" ? "Bot" : undefined),
  },

  effects: (action, { spec }) =>
    action === "create" ? [{ text: `arrives as a draft${spec?.type === "bot" ? "" : onlyByHand}` }] : [],

  replyProbe: {
    asks({ type }) {
      if (type === "bot") return "say";
      if (type === "workflow") return "input";
      return type === "app" ? { refusal: "Coze's API has no way to ask an app anything" } : undefined;
    },
    begin: (api, { id }, { type }, { say = "", input = {} }) =>
      type === "bot" ? askBot(api, id, say) : runWorkflow(api, id, input),
    follow: followChat,
  },

  failureFields: { entity_id: "source", entity_type: "type", to_workspace_id: "workspace" },

  check({ type, source }) {
    if (!isObject(source)) return [];
    const word = words.find((name) => name in source);
    const { environment } = source;
    if (environment !== undefined && word === undefined) {
      const hint = `write ${type}: and its name there; an id needs no environment`;
      const message = "environment goes with the name of an original, and none is given";
      return [{ path: ["source", "environment"], message, hint }];
    }
    if (word !== undefined && word !== type) {
      const message = `a copy of type ${type} can't be made from ${word === "app" ? "an" : "a"} ${word}`;
      return [{ path: ["source", word], message, hint: `write type: ${word}, or name another original` }];
    }
    if (word === "app" && environment === undefined) {
      const hint = 'write environment: beside it, or {id: "…"} in place of both';
      const message = "an app goes by its name only in another environment";
      return [{ path: ["source", word], message, hint }];
    }
    return [];
  },
});

/** The words by which an original is named, each the type that it makes. */
const words = ["bot", "workflow", "app"] as const;

/** What a source with an environment names there. */
function nameOf(source: Source | undefined): SourceName | undefined {
  const environment = source?.environment;
  const type = words.find((word) => source?.[word] !== undefined);
  const name = type && source?.[type];
  if (environment === undefined || !type || name === undefined) return undefined;
  return { environment, type, name, path: ["source", type] };
}

/** The id of an original; of one that is named in another environment, once it was found. */
const onlyByHand = ", which can be published only on its page in Coze";

const originalOf = (source: Source | undefined): string | undefined =>
  source?.environment === undefined ? (source?.id ?? source?.bot ?? source?.workflow) : source.id;

/** A name stands for the same original whatever its id; between a name and an id, the id that was found counts. */
function isSameSource(one: Source, other: Source): boolean {
  const [name, otherName] = [one, other].map(nameOf);
  if (name && otherName) return canonicalJson(name) === canonicalJson(otherName);
  const [id, otherId] = [one, other].map(originalOf);
  return id !== undefined && id === otherId;
}

/** The reference doesn't say that a copy keeps the name, and one beside its original may well be numbered. */
function filterByName<L extends CopyItem>(items: readonly L[], name: string | undefined): readonly L[] {
  if (name === undefined) return items;
  const equal = items.filter(({ live }) => live.name === name);
  return equal.length > 0 ? equal : items.filter(({ live }) => live.name?.includes(name) ?? true);
}

/** How far our clock may be off Coze's, seconds. */
const skew = 300;

function typeIn({ type }: Partial<CopySpec>): readonly CopyType[] {
  return type === undefined ? [] : [type];
}

const typesIn = (specs: readonly Partial<CopySpec>[]): readonly CopyType[] =>
  [...new Set(specs.flatMap(typeIn))].sort();

const lists: {
  readonly [type in CopyType]: (api: CozeClient, workspace: string) => AsyncIterable<readonly CopyItem[]>;
} = {
  async *bot(api, workspace) {
    for await (const page of api.bots.list({ workspace_id: workspace, publish_status: "all" }))
      yield page.map((one) => describeItem("bot", workspace, one.id, one.name, one.updated_at));
  },
  async *app(api, workspace) {
    for await (const page of api.apps.list(workspace))
      yield page.map((one) => describeItem("app", workspace, one.id, one.name, one.updated_at));
  },
  async *workflow(api, workspace) {
    for await (const page of api.workflows.list(workspace, "all"))
      yield page.map((one) =>
        describeItem("workflow", workspace, one.workflow_id, one.workflow_name, one.updated_at),
      );
  },
};

const describeItem = (
  type: CopyType,
  workspace: string,
  id: string,
  name: string | null | undefined,
  updated: number | string | null | undefined,
): CopyItem => {
  const revision = numeric(updated);
  return {
    id,
    parent: workspace,
    live: known({ workspace, type, name }),
    ...(revision === undefined ? {} : { revision }),
  };
};

function explainFailure({
  failed_reasons,
}: CopyTaskInfo): Omit<Extract<TaskState, { readonly state: "failed" }>, "state"> {
  const reasons = objectsIn(failed_reasons);
  const left = "parts copied before it failed may be left in the workspace";
  if (reasons.length === 0) {
    return { reason: "Coze couldn't copy it, and gives no reason", hint: `apply again; ${left}` };
  }
  return {
    reason: "Coze couldn't copy it",
    hint: `set right what it names and run again; ${left}`,
    parts: reasons.map((one) => ({ ...known({ id: asId(one.entity_id) }), text: describeReason(one) })),
  };
}

function describeReason({ entity_id, entity_name, entity_type, failed_reason }: CopyFailure): string {
  const id = asId(entity_id);
  const what = [asText(entity_type) ?? "an object", asText(entity_name), id && `(${id})`].filter(Boolean);
  return `${what.join(" ")}: ${asText(failed_reason) ?? "Coze gives no reason"}`;
}
