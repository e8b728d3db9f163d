import type { BotConfig } from "../areas/bot-collection.ts";
import type { Uses, Workspace } from "../areas/index.ts";
import { isJsonEqual, type World } from "../world/world.ts";
import { type Edit, type EditKind, type EditOf, kindOfEdit } from "./action-rules.ts";
import {
  type EditDone,
  type EditProblem,
  findThing,
  findWorkspace,
  given,
  inSpace,
  nameOfThing,
  requireThing,
  Stuck,
  spaceOf,
  type Thing,
} from "./find-object.ts";
import { playChat, playCopies, playRun } from "./play-scripts.ts";

/** What a list of edits came to. */
export interface EditsPlayed {
  readonly done: readonly EditDone[];
  /** `at` begins with the edit's place in the list. */
  readonly problems: readonly EditProblem[];
}

/**
 * Plays edits on a world, in their order: things are made where there are none of that name, and changed where they
 * differ. Those that can't be played are told of, all at once; the world is then to be thrown away.
 */
export function playEdits(world: World, edits: readonly Edit[]): EditsPlayed {
  const done: EditDone[] = [];
  const problems: EditProblem[] = [];
  for (const [index, edit] of edits.entries()) {
    try {
      done.push(playEdit(world, edit));
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      problems.push({ ...error.problem, at: [index, ...error.problem.at] });
    }
  }
  return { done, problems };
}

const players: { readonly [K in EditKind]: (world: World, edit: EditOf<K>) => EditDone } = {
  workflow: playWorkflow,
  app: playApp,
  plugin: playPlugin,
  bot: playBot,
  chat: playChat,
  run: playRun,
  copies_of: playCopies,
  workspace: playWorkspace,
};

function playEdit(world: World, edit: Edit): EditDone {
  const kind = kindOfEdit(Object.keys(edit));
  if (!kind) throw new Error("an edit is about nothing");
  const play = players[kind] as (world: World, edit: Edit) => EditDone;
  return play(world, edit);
}

function playWorkspace(world: World, edit: EditOf<"workspace">): EditDone {
  const what = `workspace ${edit.workspace}`;
  const isThere = [...world.workspaces.values()].some(({ name, id }) => [name, id].includes(edit.workspace));
  if (!isThere) {
    const made = world.addWorkspace({ name: edit.workspace, description: edit.description ?? "" });
    return { what, id: made.id, did: ["made"] };
  }
  const found = findWorkspace(world, { at: ["workspace"], word: edit.workspace });
  if (edit.description === undefined || edit.description === found.description) {
    return { what, id: found.id, did: [] };
  }
  found.description = edit.description;
  return { what, id: found.id, did: ["edited"] };
}

function playWorkflow(world: World, edit: EditOf<"workflow">): EditDone {
  const space = spaceOf(world, edit);
  const app =
    edit.of_app === undefined
      ? undefined
      : requireThing(inSpace(world.apps.values(), space), { at: ["of_app"], word: edit.of_app }, "app");
  const among = [
    ...inSpace(world.workflows.values(), space ?? (app && world.workspaces.get(app.space_id))),
  ].filter(({ id, app_id }) => id === edit.workflow || app_id === (app?.id ?? "0"));
  const found = findThing(among, { at: ["workflow"], word: edit.workflow }, "workflow");
  const spaceId = found?.space_id ?? app?.space_id ?? placeToMake(space, "workflow", edit.workflow);
  const { description, content, mode, inputs } = edit;
  const change = given({
    ...{ description, content, mode },
    input: inputs && { parameters: inputs },
    uses: edit.uses && usesOf(world, spaceId, edit.uses),
  });
  const changed = found && differing(found, change);
  const workflow =
    found ?? world.addWorkflow({ name: edit.workflow, space_id: spaceId, app_id: app?.id ?? "0", ...change });
  if (changed && Object.keys(changed).length > 0) world.editWorkflow(workflow.id, changed);
  if (edit.publish && workflow.app_id !== "0") {
    throw new Stuck({
      at: ["publish"],
      message: "a workflow of an app is published with it",
      hint: "publish the app",
    });
  }
  const publishes = edit.publish === true && (workflow.edited || workflow.versions.length === 0);
  if (publishes) world.publishWorkflow(workflow.id);
  return told("workflow", workflow, { changed, publishes });
}

function playApp(world: World, edit: EditOf<"app">): EditDone {
  const space = spaceOf(world, edit);
  const found = findThing(inSpace(world.apps.values(), space), { at: ["app"], word: edit.app }, "app");
  const spaceId = found?.space_id ?? placeToMake(space, "app", edit.app);
  const { description, content } = edit;
  const change = given({ description, content, uses: edit.uses && usesOf(world, spaceId, edit.uses) });
  const changed = found && differing(found, change);
  const app = found ?? world.addApp({ name: edit.app, space_id: spaceId, ...change });
  if (changed && Object.keys(changed).length > 0) world.editApp(app.id, changed);
  const channels = channelsOf(edit);
  const isOld =
    (app.published_at ?? 0) < app.updated_at ||
    channels.some((channel) => !app.connector_ids.includes(channel));
  const publishes = channels.length > 0 && isOld;
  if (publishes) world.publishApp(app.id, channels);
  return told("app", app, { changed, publishes });
}

function playPlugin(world: World, edit: EditOf<"plugin">): EditDone {
  const space = spaceOf(world, edit);
  const found = findThing(
    inSpace(world.plugins.values(), space),
    { at: ["plugin"], word: edit.plugin },
    "plugin",
  );
  const tools = edit.tools?.map((name) => ({ id: world.newId(), name, description: "" }));
  const change = given({ description: edit.description });
  if (!found) {
    const made = { name: edit.plugin, is_official: false, ...change, ...(tools && { tools }) };
    const plugin = world.addPlugin({ ...made, space_id: placeToMake(space, "plugin", edit.plugin) });
    return told("plugin", plugin, { changed: undefined, publishes: false });
  }
  const missing = tools?.filter(({ name }) => !found.tools.some((tool) => tool.name === name)) ?? [];
  const changed = {
    ...differing(found, change),
    ...(missing.length > 0 && { tools: [...found.tools, ...missing] }),
  };
  Object.assign(found, changed, Object.keys(changed).length > 0 && { updated_at: world.seconds() });
  return told("plugin", found, { changed, publishes: false });
}

function playBot(world: World, edit: EditOf<"bot">): EditDone {
  const space = spaceOf(world, edit);
  const found = findThing(inSpace(world.bots.values(), space), { at: ["bot"], word: edit.bot }, "bot");
  const spaceId = found?.space_id ?? placeToMake(space, "bot", edit.bot);
  const change = configOf(world, spaceId, edit, found?.draft);
  const changed = found && differing(found.draft, change);
  const bot = found ?? world.addBot({ space_id: spaceId, draft: { name: edit.bot, ...change } });
  if (changed && Object.keys(changed).length > 0) world.editBot(bot.id, changed);
  const channels = channelsOf(edit);
  const isOld = bot.edited || channels.some((channel) => !(channel in bot.channels));
  const publishes = channels.length > 0 && isOld;
  if (publishes) world.publishBot(bot.id, channels);
  return told("bot", bot, { changed, publishes });
}

function configOf(
  world: World,
  spaceId: string,
  { description, prompt, prologue, model, workflows }: EditOf<"bot">,
  draft: Partial<BotConfig> = {},
): Partial<BotConfig> {
  const ids = workflows?.map((word, index) => ({
    id: requireThing(libraryOf(world, spaceId), { at: ["workflows", index], word }, "workflow").id,
  }));
  return given({
    description,
    prompt_info: prompt === undefined ? undefined : { prompt },
    onboarding_info: prologue === undefined ? undefined : { ...draft.onboarding_info, prologue },
    model_info_config: model === undefined ? undefined : { ...draft.model_info_config, model_id: model },
    workflow_id_list: ids && { ids },
  });
}

function placeToMake(space: Workspace | undefined, kind: EditKind, word: string): string {
  if (space) return space.id;
  const message = `there is no ${kind} ${JSON.stringify(word)} yet`;
  throw new Stuck({ at: [kind], message, hint: "write workspace, where it shall be made" });
}

const libraryOf = (world: World, spaceId: string) =>
  [...world.workflows.values()].filter(({ space_id, app_id }) => space_id === spaceId && app_id === "0");

function usesOf(world: World, spaceId: string, uses: NonNullable<EditOf<"workflow">["uses"]>): Uses {
  const workflows = [...world.workflows.values()].filter(({ space_id }) => space_id === spaceId);
  const plugins = [...world.plugins.values()].filter(({ space_id }) => ["", spaceId].includes(space_id));
  return given({
    workflows: uses.workflows?.map(
      (word, index) => requireThing(workflows, { at: ["uses", "workflows", index], word }, "workflow").id,
    ),
    plugins: uses.plugins?.map(
      (word, index) => requireThing(plugins, { at: ["uses", "plugins", index], word }, "plugin").id,
    ),
  });
}

/** The channels to publish to; the API's unless named, none where nothing is published. */
const channelsOf = ({
  publish,
  channels,
}: {
  readonly publish?: boolean;
  readonly channels?: readonly string[];
}) => (publish ? (channels ?? ["1024"]) : []);

function told(
  kind: EditKind,
  thing: Thing,
  { changed, publishes }: { readonly changed: object | undefined; readonly publishes: boolean },
): EditDone {
  const did: EditDone["did"][number][] = [];
  if (!changed) did.push("made");
  else if (Object.keys(changed).length > 0) did.push("edited");
  if (publishes) did.push("published");
  return { what: `${kind} ${nameOfThing(thing)}`, id: thing.id, did };
}

/** What of a change isn't so already. */
function differing<T extends object>(from: object, change: T): Partial<T> {
  const present = new Map<string, unknown>(Object.entries(from));
  const differs = ([key, value]: [string, unknown]) => !isJsonEqual(present.get(key), value);
  return Object.fromEntries(Object.entries(change).filter(differs)) as Partial<T>;
}
