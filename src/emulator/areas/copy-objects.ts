import { list, object, required } from "../http/params.ts";
import type { World } from "../world/world.ts";
import type { Uses } from "./apps.ts";
import type { Collection } from "./area.ts";
import { anyText, type FieldsOf, findIn, stored } from "./area.ts";
import type { BotConfig } from "./bot-collection.ts";

/** Why a copy failed. */
export interface CopyFailure {
  entity_id: string;
  entity_name: string;
  entity_type: string;
  failed_reason: string;
}

/** Why background copies of an entity fail; `id` is the entity's. */
export interface CopyTrouble {
  id: string;
  reasons: Partial<CopyFailure>[];
}

declare module "../world/world.ts" {
  interface World {
    /** Why background copies fail, by the id of what is copied or comes along; see `failCopyOf`. */
    readonly copyFailures: Map<string, CopyTrouble>;
  }
}

const failureFields = {
  entity_id: anyText,
  entity_name: anyText,
  entity_type: anyText,
  failed_reason: anyText,
} as const satisfies FieldsOf<Partial<CopyFailure>>;

/** How the failures of future copies are stored. */
export const copyFailureCollection: Collection<CopyTrouble> = {
  fields: { id: stored.text, reasons: required(list(object(failureFields))) },
  generation: 2,
};

/** An object that is copied: the requested one, or one that it uses. */
interface Part {
  readonly type: "app" | "bot" | "workflow" | "plugin";
  readonly id: string;
}

/** A copy to make: of which object, into which workspace, with which id. */
interface CopyRequest {
  readonly type: "app" | "bot" | "workflow";
  readonly id: string;
  readonly toId: string;
  readonly newId: string;
}

/**
 * Copies a bot, app or workflow as a draft, and returns the failures. CopyRequest an app copies its workflows. CopyRequest into
 * another workspace copies all workflows and plugins that the object uses, again for each copy.
 */
export function copyEntity(world: World, request: CopyRequest): readonly CopyFailure[] {
  const parts = listParts(world, request);
  const failures = parts.flatMap((part) => failuresOf(world, part));
  const failed = parts.findIndex(({ id }) => world.copyFailures.has(id));
  const before = failed < 0 ? parts : parts.slice(0, failed);
  // Without the app, its workflows aren't made either.
  const isInApp = ({ id }: Part): boolean => world.workflows.get(id)?.app_id === request.id;
  const left = world.options.failedCopiesLeave === "parts" ? before.filter((part) => !isInApp(part)) : [];
  const copied = failures.length > 0 ? left : parts;
  const ids = new Map(copied.map(({ id }) => [id, id === request.id ? request.newId : world.newId()]));
  for (const { type, id } of copied) {
    const copyPart = { app: copyApp, bot: copyBot, workflow: copyWorkflow, plugin: copyPlugin }[type];
    copyPart(world, { id, newId: ids.get(id) ?? world.newId() }, { ...request, ids });
  }
  return failures;
}

/** The objects of a copy, each once, after the objects it uses. */
function listParts(world: World, { type, id, toId }: CopyRequest): readonly Part[] {
  const fromId = spaceOf(world, { type, id });
  const isCopied = (part: Part): boolean =>
    spaceOf(world, part) === fromId &&
    (fromId !== toId || (part.type === "workflow" && world.workflows.get(part.id)?.app_id === id));
  const seen = new Set<string>();
  const visit = (part: Part): readonly Part[] => {
    if (seen.has(part.id)) return [];
    seen.add(part.id);
    return [...partsWithin(world, part).filter(isCopied).flatMap(visit), part];
  };
  return visit({ type, id });
}

function spaceOf(world: World, { type, id }: Part): string | undefined {
  return { app: world.apps, bot: world.bots, workflow: world.workflows, plugin: world.plugins }[type].get(id)
    ?.space_id;
}

/** The objects that an object uses directly. */
function partsWithin(world: World, { type, id }: Part): readonly Part[] {
  const draft = world.bots.get(id)?.draft;
  const uses = world.apps.get(id)?.uses ?? world.workflows.get(id)?.uses ?? {};
  const inside = [...world.workflows.values()].filter(({ app_id }) => type === "app" && app_id === id);
  const workflows = [
    ...inside.map((workflow) => workflow.id),
    ...(uses.workflows ?? []),
    ...(draft?.workflow_id_list?.ids ?? []).map((item) => item.id),
  ];
  const plugins = [
    ...(uses.plugins ?? []),
    ...(draft?.plugin_id_list?.id_list ?? []).map((item) => item.plugin_id),
  ];
  return [
    ...workflows.map((one) => ({ type: "workflow", id: one }) as const),
    ...plugins.map((one) => ({ type: "plugin", id: one }) as const),
  ];
}

function failuresOf(world: World, { type, id }: Part): readonly CopyFailure[] {
  return (world.copyFailures.get(id)?.reasons ?? []).map((reason) => ({
    entity_id: reason.entity_type === undefined ? id : world.newId(),
    entity_name: nameOf(world, id),
    entity_type: type,
    failed_reason: "内部错误",
    ...reason,
  }));
}

function nameOf(world: World, id: string): string {
  const found = world.apps.get(id) ?? world.workflows.get(id) ?? world.plugins.get(id);
  return found?.name ?? world.bots.get(id)?.draft.name ?? "";
}

/** A copy with the ids of the new objects, by those of their sources. */
type Target = CopyRequest & { readonly ids: ReadonlyMap<string, string> };

/** The ids of an object and its copy. */
interface PartIds {
  readonly id: string;
  readonly newId: string;
}

function copyApp(world: World, source: PartIds, { toId, ids }: Target): void {
  const { name, description, content, uses } = findIn(world.apps, "app", source.id);
  const made = { name, description, content, uses: renameUses(uses, ids) };
  world.addApp({ ...made, id: source.newId, space_id: toId });
}

function copyWorkflow(world: World, part: PartIds, { id, toId, ids }: Target): void {
  const source = findIn(world.workflows, "workflow", part.id);
  const at = world.seconds();
  world.addWorkflow({
    ...structuredClone(source),
    id: part.newId,
    space_id: toId,
    app_id: (source.app_id === id && ids.get(id)) || "0",
    uses: renameUses(source.uses, ids),
    versions: [],
    edited: false,
    created_at: at,
    updated_at: at,
  });
}

function copyPlugin(world: World, part: PartIds, { toId }: Target): void {
  const source = findIn(world.plugins, "plugin", part.id);
  const tools = source.tools.map((tool) => ({ ...tool, id: world.newId() }));
  const at = world.seconds();
  const copied = { id: part.newId, space_id: toId, tools, created_at: at, updated_at: at };
  world.addPlugin({ ...source, ...copied });
}

function copyBot(world: World, part: PartIds, { toId, ids }: Target): void {
  const source = findIn(world.bots, "bot", part.id);
  const draft = structuredClone(source.draft);
  for (const item of draft.workflow_id_list?.ids ?? []) {
    item.id = ids.get(item.id) ?? item.id;
  }
  renameTools(world, draft, ids);
  if (source.space_id !== toId) {
    // Only workflows and plugins are documented to be copied; a dataset of another workspace cannot be bound.
    delete draft.knowledge;
  }
  world.addBot({ id: part.newId, space_id: toId, draft });
}

function renameTools(world: World, draft: BotConfig, ids: ReadonlyMap<string, string>): void {
  for (const item of draft.plugin_id_list?.id_list ?? []) {
    const copied = ids.get(item.plugin_id);
    const place = world.plugins.get(item.plugin_id)?.tools.findIndex((tool) => tool.id === item.api_id) ?? -1;
    if (copied === undefined) continue;
    item.plugin_id = copied;
    item.api_id = world.plugins.get(copied)?.tools[place]?.id ?? item.api_id;
  }
}

const renameUses = (uses: Uses | undefined, ids: ReadonlyMap<string, string>): Uses | undefined =>
  uses && {
    workflows: uses.workflows?.map((id) => ids.get(id) ?? id),
    plugins: uses.plugins?.map((id) => ids.get(id) ?? id),
  };
