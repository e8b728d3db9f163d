import type { World } from "../../src/emulator/index.ts";

type Snapshot = ReturnType<World["snapshot"]>;

/**
 * Everything in a world but what differs between two runs that end alike: times, tokens, what was tried in chats and
 * runs, how often something was published or uploaded. Ids are replaced by what they name, so that two objects of one name show as two.
 */
export function describeWorld(world: World) {
  const {
    format: _format,
    last_id: _lastId,
    files,
    chats: _chats,
    runs: _runs,
    ...collections
  } = world.snapshot();
  const nameOf = nameIds(world);
  const named = Object.entries(collections).map(([collection, items]) => {
    const described = items.map((item) => describe(item, nameOf));
    return [collection, described.map(textOf).sort().map(parse)] as const;
  });
  const contents = files.map(({ file_name, sha256 }) => `${file_name} ${sha256}`);
  return { ...Object.fromEntries(named), files: [...new Set(contents)].sort() };
}

/**
 * A world by what it means: as {@link describeWorld} has it, without uploads that nothing uses any more, without what
 * is as it would be if nobody had said so, and with lists sorted whose order means nothing.
 */
export function describeMeaning(world: World): unknown {
  const {
    files: _files,
    copyTasks: _tasks,
    ...rest
  } = describeWorld(world) as { readonly [name: string]: unknown };
  return withoutDefaults(rest);
}

/** What Coze takes a part for that isn't there, by its name on the wire. */
const defaults: { readonly [part: string]: unknown } = {
  api_mode: "chat_api",
  auto_call: true,
  cache_type: "closed",
  chunk_type: 0,
  prompt_mode: "standard",
  search_strategy: 0,
  sp_anti_leak: false,
  sp_current_time: false,
};

const unordered: ReadonlySet<string> = new Set(["dataset_ids", "event_types", "id_list", "ids"]);

function withoutDefaults(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutDefaults(item));
    return unordered.has(name) ? items.map(textOf).sort().map(parse) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, part]) => [key, withoutDefaults(part, key)] as const)
    .filter(([key, part]) => defaults[key] !== part && !isNothing(part));
  return Object.fromEntries(kept);
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === "" ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);

/** Replaces ids within a value by what they name in a world. */
export function nameIds(world: Pick<World, "snapshot">): <T>(value: T) => T {
  const names = namesOf(world.snapshot());
  const replace = (value: unknown): unknown => {
    if (typeof value === "string") return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replace(one)]));
  };
  return (value) => replace(value) as typeof value;
}

function namesOf(snapshot: Snapshot): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { id, name } of snapshot.workspaces) names.set(id, `workspace ${name}`);
  const below = (kind: string, parent: string, name: string) =>
    `${kind} ${name} in ${names.get(parent) ?? "nothing"}`;
  for (const { id, space_id, name } of snapshot.datasets) names.set(id, below("dataset", space_id, name));
  for (const { id, dataset_id, name } of snapshot.documents)
    names.set(id, below("document", dataset_id, name));
  for (const { id, space_id, draft } of snapshot.bots) names.set(id, below("bot", space_id, draft.name));
  for (const { id, space_id, name, content } of snapshot.workflows)
    names.set(id, below("workflow", space_id, tellApart(name, content)));
  for (const { id, space_id, name, content } of snapshot.apps)
    names.set(id, below("app", space_id, tellApart(name, content)));
  for (const { id, space_id, name, tools } of snapshot.plugins) {
    names.set(id, below("plugin", space_id, name));
    for (const tool of tools) names.set(tool.id, below(`tool ${tool.name} of plugin`, space_id, name));
  }
  for (const { id, name } of snapshot.callbackApps) names.set(id, `callback app ${name}`);
  for (const { id, file_name, sha256 } of snapshot.files) names.set(id, `file ${file_name} ${sha256}`);
  for (const task of snapshot.copyTasks)
    names.set(task.id, `copy of ${names.get(task.source_entity_id) ?? "nothing"}`);
  return names;
}

/** Copies bear the name of their original, whenever they were made. */
const tellApart = (name: string, content: string | undefined): string =>
  content === undefined ? name : `${name} (${content})`;

const varying =
  /^(create_time|update_time|created_at|updated_at|published_at|captioned_at_ms|ready_at_ms|due_at_ms|verify_token)$/;

/** An object without what varies; of versions only which channels they went to, of channels only their ids. */
function describe(item: object, nameOf: <T>(value: T) => T): unknown {
  const kept = Object.entries(item).filter(([key]) => !varying.test(key));
  const told = kept.map(([key, value]) => {
    if (key === "channels") return [key, Object.keys(value).sort()];
    if (key === "versions") return [key, channelsOf(value)];
    if (key === "members") return [key, value.map(textOf).sort().map(parse)];
    return [key, value];
  });
  return nameOf(Object.fromEntries(told));
}

const channelsOf = (
  versions: readonly { readonly connector_ids?: readonly string[] }[],
): readonly string[] => [
  ...new Set(versions.map(({ connector_ids }) => textOf([...(connector_ids ?? [])].sort()))),
];

const textOf = (value: unknown): string => JSON.stringify(value);
const parse = (text: string): unknown => JSON.parse(text);
