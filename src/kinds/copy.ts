import type { Spec } from "../core/field.ts";
import { defineKind, type Item } from "../core/kind.ts";
import { isObject } from "../core/value.ts";
import { asId } from "../coze/answer.ts";
import type { CozeClient } from "../coze/client.ts";
import type { CopyFailure, CopyTaskInfo, CopyType } from "../coze/copy-tasks.ts";
import { findUsedWorkflows, readName } from "./copy-traces.ts";
import { unlessGone } from "./failure.ts";
import { decimalId, holder, known, numeric, objectsIn } from "./values.ts";

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
    exactlyOne: ["id", "bot", "workflow"],
    description:
      "The original. The token's user must be in its workspace and in the one it is copied to; what is in a personal workspace can only be copied within it.",
    fields: {
      id: { ...decimalId, presence: "optional", description: "Its id." },
      bot: { type: "ref", kind: "Bot", presence: "optional", description: "A bot." },
      workflow: {
        type: "ref",
        kind: "Workflow",
        presence: "optional",
        description: "A workflow; a `lookup` names the `workspace` that holds it.",
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
    default: "",
    maxLength: 100,
    description:
      "Any text. Another one makes a new copy: what refers to it moves there, and the old copy stays at Coze.",
  },
  name: {
    type: "string",
    presence: "computed",
    description: "What the copy is called; Coze takes it from the original.",
  },
} as const;

type CopySpec = Spec<typeof copyFields>;
type CopyItem = Item<{ readonly workspace?: string; readonly type?: CopyType; readonly name?: string }>;

/** https://docs.coze.cn/developer_guides/copy_resource_task */
export const copy = defineKind<CozeClient>()({
  name: "Copy",
  summary: "A copy of a bot, app or workflow: the only way to make an app or a workflow through the API.",
  parent: "workspace",
  identity: ["workspace", "type", "source"],
  removal: "abandon",
  replacement: "keep-old",
  // Coze says nowhere how long its tasks take, and a copy shows up only at the end of one.
  appearsWithin: 600,
  operations: {
    create: "copy_resource_task",
    settle: "query_resource_copy_execution_result",
  },
  fields: copyFields,

  listCalls: (specs) => typesIn(specs as readonly Partial<CopySpec>[]).length,

  async *list(api, parent, { specs }) {
    const workspace = holder(parent);
    for (const type of typesIn(specs)) yield* lists[type](api, workspace);
  },

  // On the personal plan the lists show only what is in workspaces that one owns.
  async probe(api, { id, parent }, { type }) {
    if (type === "bot") return (await unlessGone(api.bots.get(id, false))) !== undefined;
    if (type === "workflow") return (await unlessGone(api.workflows.get(id))) !== undefined;
    // Apps can't be asked for one by one: a list that shows others shows this one, too.
    for await (const page of api.apps.list(holder(parent))) if (page.length > 0) return false;
    return true;
  },

  create: (api, { type, source, workspace }) =>
    api.copyTasks.create({
      entity_id: originalOf(source) ?? "",
      entity_type: type,
      to_workspace_id: workspace,
    }),

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
    const named = filterByName(recent, await readName(api, spec.type, original));
    const [first] = named;
    if (!first || spec.type !== "workflow") return named;
    const taken = await findUsedWorkflows(api, holder(first.parent), since);
    return named.filter(({ id }) => !taken.has(id));
  },

  blames: { entity_id: "source", entity_type: "type", to_workspace_id: "workspace" },

  check({ type, source }) {
    const word = isObject(source) ? Object.keys(source).find((name) => name !== "id") : undefined;
    if (word === undefined || word === type) return [];
    const message = `a copy of type ${type} can't be made from a ${word}`;
    return [{ path: ["source", word], message, hint: `write type: ${word}, or name another original` }];
  },
});

const originalOf = (source: Partial<CopySpec>["source"]): string | undefined =>
  source?.id ?? source?.bot ?? source?.workflow;

/** The reference doesn't say that a copy keeps the name, and one beside its original may well be numbered. */
function filterByName<L extends CopyItem>(items: readonly L[], name: string | undefined): readonly L[] {
  if (name === undefined) return items;
  const equal = items.filter(({ live }) => live.name === name);
  return equal.length > 0 ? equal : items.filter(({ live }) => live.name?.includes(name) ?? true);
}

/** How far our clock may be off Coze's, seconds. */
const skew = 300;

const typesIn = (specs: readonly Partial<CopySpec>[]): readonly CopyType[] =>
  [...new Set(specs.flatMap(({ type }) => type ?? []))].sort();

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

function explainFailure({ failed_reasons }: CopyTaskInfo): {
  readonly reason: string;
  readonly hint: string;
} {
  const reasons = objectsIn(failed_reasons).map(describeFailure);
  return {
    reason: reasons.length > 0 ? `Coze couldn't copy it: ${reasons.join("; ")}` : "Coze couldn't copy it",
    hint: "set right what it names and apply again; parts copied before it failed may be left in the workspace",
  };
}

function describeFailure({ entity_id, entity_name, entity_type, failed_reason }: CopyFailure): string {
  const name = entity_name ? [JSON.stringify(entity_name)] : [];
  const id = asId(entity_id) === undefined ? [] : [`(${asId(entity_id)})`];
  const what = [entity_type ?? "an object", ...name, ...id].join(" ");
  return `${what}: ${failed_reason || "Coze gives no reason"}`;
}
