import type { CopyReference } from "../core/field.ts";
import type { CopyFailure, CopyTaskInfo, CopyType } from "../coze/api/copy-tasks.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asId, asText } from "../coze/http/response.ts";
import { defineKind, type Item, type TaskState } from "../kind/kind.ts";
import { explain, say } from "../messages/text.ts";
import { unlessGone } from "./call-errors.ts";
import { findSideProducts, findUsedWorkflows, readName } from "./copied-objects.ts";
import {
  type CopySpec,
  checkCopy,
  copyFields,
  type Source,
  sourceIdOf,
  sourceNameOf,
} from "./copy-fields.ts";
import { askBot, followChat, runWorkflow } from "./reply-probes.ts";
import { holder, known, numeric, objectsIn } from "./response-values.ts";

type CopyItem = Item<{ readonly workspace?: string; readonly type?: CopyType; readonly name?: string }>;

/** https://docs.coze.cn/developer_guides/copy_resource_task */
export const copy = defineKind<CozeClient, OperationName>()({
  name: "Copy",
  description: "A copy of a bot, app or workflow: the only way to make an app or a workflow through the API.",
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
    onlyHere: [{ type: "app" }],
    calls: (specs) => typesIn(specs).length,
    // Coze doesn't document how long its tasks take, and a copy is listed only when its task has ended.
    appearsWithin: 600,
  },

  async *list(api, parent, { specs }) {
    const workspace = holder(parent);
    for (const type of typesIn(specs)) yield* lists[type](api, workspace);
  },

  // On the personal plan, lists show only objects in workspaces that the user owns.
  async exists(api, { id, parent }, { type }) {
    if (type === "bot") return (await unlessGone(api.bots.get(id, false))) !== undefined;
    if (type === "workflow") return (await unlessGone(api.workflows.get(id))) !== undefined;
    // There is no call for a single app: a list that shows other apps would show this one, too.
    for await (const page of api.apps.list(holder(parent))) if (page.length > 0) return false;
    return true;
  },

  create(api, { type, source, workspace }) {
    const sourceId = sourceIdOf(source);
    if (sourceId === undefined) {
      throw new Error(say("kinds/copy-source-unsearched", { environment: source.environment ?? "" }));
    }
    return api.copyTasks.create({ entity_id: sourceId, entity_type: type, to_workspace_id: workspace });
  },

  copying: {
    sources: {
      sourceOf: ({ source }) => sourceNameOf(source),
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
        const id = sourceIdOf(source);
        const { called }: Source = source ?? {};
        return id === undefined ? undefined : { id, revision, live: known({ name: called }) };
      },
      original({ type, source }) {
        const { id, environment } = source ?? {};
        if (type === undefined || id === undefined || environment !== undefined) return undefined;
        return { kind: originalKinds[type], id, path: ["source", "id"] };
      },
      lookup: ({ type, name }) => ({ kind: type === "bot" ? "Bot" : "Workflow", words: { name } }),
    },

    async follow(api, task) {
      const info = await unlessGone(api.copyTasks.get(task));
      if (!info) return { state: "lost" };
      const id = asId(info.target_entity_id);
      if (info.task_status === "successful" && id !== undefined) return { state: "done", id };
      if (info.task_status === "failed") return { state: "failed", ...explainFailure(info) };
      return { state: "working", detail: say("kinds/copy-progress") };
    },

    async recognise(api, appeared, { spec, begun }) {
      const since = begun - skew;
      const recent = appeared.filter(({ revision = since }) => revision >= since);
      const sourceId = sourceIdOf(spec.source);
      if (recent.length === 0 || !spec.type || sourceId === undefined) return recent;
      // The source's environment may have another account: only the copying call takes its ids.
      const { environment, called }: Source = spec.source ?? {};
      const name = environment === undefined ? await readName(api, spec.type, sourceId) : called;
      const named = filterByName(recent, name);
      const [first] = named;
      if (!first || spec.type !== "workflow") return named;
      const taken = await findUsedWorkflows(api, holder(first.parent), since);
      return named.filter(({ id }) => !taken.has(id));
    },

    sideProducts: {
      none: ({ source }, before) => before.includes(sourceIdOf(source) ?? ""),
      calls: (specs) => 1 + specs.filter(({ type }) => type === "bot").length,
      find: (api, parent, copies) => findSideProducts(api, holder(parent), copies),
    },

    becomes: ({ type }) => (type === "bot" ? "Bot" : undefined),
  },

  // Apps and workflows can't be published through the API.
  effects: (action, { spec }) =>
    action === "create"
      ? [{ text: say(spec?.type === "bot" ? "kinds/draft" : "kinds/draft-published-by-hand") }]
      : [],

  replyProbe: {
    asks({ type }) {
      if (type === "bot") return "say";
      if (type === "workflow") return "input";
      return type === "app" ? { refusal: say("kinds/copy-app-checked") } : undefined;
    },
    begin: (api, { id }, { type }, { say = "", input = {} }) =>
      type === "bot" ? askBot(api, id, say) : runWorkflow(api, id, input),
    follow: followChat,
  },

  failureFields: { entity_id: "source", entity_type: "type", to_workspace_id: "workspace" },

  check: checkCopy,
});

/** The reference doesn't say that a copy keeps the name; beside its source it may get a number. */
function filterByName<L extends CopyItem>(items: readonly L[], name: string | undefined): readonly L[] {
  if (name === undefined) return items;
  const equal = items.filter(({ live }) => live.name === name);
  return equal.length > 0 ? equal : items.filter(({ live }) => live.name?.includes(name) ?? true);
}

/** The kinds of what copies are made from. */
const originalKinds: { readonly [type in CopyType]: string } = {
  bot: "Bot",
  app: "App",
  workflow: "Workflow",
};

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
): CopyItem => ({
  id,
  parent: workspace,
  live: known({ workspace, type, name }),
  revision: numeric(updated),
});

function explainFailure({
  failed_reasons,
}: CopyTaskInfo): Omit<Extract<TaskState, { readonly state: "failed" }>, "state"> {
  const reasons = objectsIn(failed_reasons);
  const { message: reason, hint } = explain(
    reasons.length === 0 ? "kinds/copy-failed-unexplained" : "kinds/copy-failed",
  );
  const parts = reasons.map((one) => ({ id: asId(one.entity_id), text: describeReason(one) }));
  return { reason, hint, parts };
}

function describeReason({ entity_id, entity_name, entity_type, failed_reason }: CopyFailure): string {
  const id = asId(entity_id);
  const object = [asText(entity_type) ?? say("kinds/copy-object"), asText(entity_name), id && `(${id})`];
  const reason = asText(failed_reason) ?? say("kinds/no-reason");
  return say("kinds/copy-obstacle", { object: object.filter(Boolean).join(" "), reason });
}
