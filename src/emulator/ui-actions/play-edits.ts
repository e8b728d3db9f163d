import type { BotConfig } from "../areas/bot-collection.ts";
import type { Uses, Workspace } from "../areas/index.ts";
import { chatWords, runWords, wordsIn } from "../areas/reply-rules.ts";
import { isJsonEqual, type World } from "../world/world.ts";
import { type Edit, type EditKind, type EditOf, kindOfEdit } from "./edit-rules.ts";
import {
  type EditDone,
  EditError,
  type EditedObject,
  type EditProblem,
  findObject,
  findWorkspace,
  inWorkspace,
  nameOf,
  requireObject,
  withoutUndefined,
  workspaceOf,
} from "./find-object.ts";

import { playAccount, playConnector, playUser, playVariables } from "./play-account-edits.ts";

/** The results of a list of edits. */
export interface EditsPlayed {
  readonly done: readonly EditDone[];
  /** `at` begins with the edit's place in the list. */
  readonly problems: readonly EditProblem[];
}

/**
 * Plays edits on a world, in their order: objects that don't exist are made, others are changed where they differ.
 * Reports all edits that can't be played; the world must then be discarded.
 */
export function playEdits(world: World, edits: readonly Edit[]): EditsPlayed {
  const done: EditDone[] = [];
  const problems: EditProblem[] = [];
  for (const [index, edit] of edits.entries()) {
    try {
      done.push(playEdit(world, edit));
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
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
  account: playAccount,
  user: playUser,
  connector: playConnector,
  variables_of: playVariables,
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
  const exists = [...world.workspaces.values()].some(({ name, id }) => [name, id].includes(edit.workspace));
  if (!exists) {
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
  const space = workspaceOf(world, edit);
  const app =
    edit.of_app === undefined
      ? undefined
      : requireObject(inWorkspace(world.apps.values(), space), { at: ["of_app"], word: edit.of_app }, "app");
  const among = [
    ...inWorkspace(world.workflows.values(), space ?? (app && world.workspaces.get(app.space_id))),
  ].filter(({ id, app_id }) => id === edit.workflow || app_id === (app?.id ?? "0"));
  const found = findObject(among, { at: ["workflow"], word: edit.workflow }, "workflow");
  const spaceId = found?.space_id ?? app?.space_id ?? spaceForNew(space, "workflow", edit.workflow);
  const { description, content, mode, inputs } = edit;
  const change = withoutUndefined({
    ...{ description, content, mode },
    input: inputs && { parameters: inputs },
    uses: edit.uses && usesOf(world, spaceId, edit.uses),
  });
  const changed = found && changedFields(found, change);
  const workflow =
    found ?? world.addWorkflow({ name: edit.workflow, space_id: spaceId, app_id: app?.id ?? "0", ...change });
  if (changed && Object.keys(changed).length > 0) world.editWorkflow(workflow.id, changed);
  if (edit.publish && workflow.app_id !== "0") {
    throw new EditError({
      at: ["publish"],
      message: "a workflow of an app is published with it",
      hint: "publish the app",
    });
  }
  const publishes = edit.publish === true && (workflow.edited || workflow.versions.length === 0);
  if (publishes) world.publishWorkflow(workflow.id);
  return describeEdit("workflow", workflow, { changed, publishes });
}

function playApp(world: World, edit: EditOf<"app">): EditDone {
  const space = workspaceOf(world, edit);
  const found = findObject(inWorkspace(world.apps.values(), space), { at: ["app"], word: edit.app }, "app");
  const spaceId = found?.space_id ?? spaceForNew(space, "app", edit.app);
  const { description, content } = edit;
  const change = withoutUndefined({
    description,
    content,
    uses: edit.uses && usesOf(world, spaceId, edit.uses),
  });
  const changed = found && changedFields(found, change);
  const app = found ?? world.addApp({ name: edit.app, space_id: spaceId, ...change });
  if (changed && Object.keys(changed).length > 0) world.editApp(app.id, changed);
  const channels = channelsOf(edit);
  const isOld =
    (app.published_at ?? 0) < app.updated_at ||
    channels.some((channel) => !app.connector_ids.includes(channel));
  const publishes = channels.length > 0 && isOld;
  if (publishes) world.publishApp(app.id, channels);
  return describeEdit("app", app, { changed, publishes });
}

function playPlugin(world: World, edit: EditOf<"plugin">): EditDone {
  const space = workspaceOf(world, edit);
  const found = findObject(
    inWorkspace(world.plugins.values(), space),
    { at: ["plugin"], word: edit.plugin },
    "plugin",
  );
  const tools = edit.tools?.map((name) => ({ id: world.newId(), name, description: "" }));
  const change = withoutUndefined({ description: edit.description });
  if (!found) {
    const made = { name: edit.plugin, is_official: false, ...change, ...(tools && { tools }) };
    const plugin = world.addPlugin({ ...made, space_id: spaceForNew(space, "plugin", edit.plugin) });
    return describeEdit("plugin", plugin, { changed: undefined, publishes: false });
  }
  const missing = tools?.filter(({ name }) => !found.tools.some((tool) => tool.name === name)) ?? [];
  const changed = {
    ...changedFields(found, change),
    ...(missing.length > 0 && { tools: [...found.tools, ...missing] }),
  };
  Object.assign(found, changed, Object.keys(changed).length > 0 && { updated_at: world.seconds() });
  return describeEdit("plugin", found, { changed, publishes: false });
}

function playBot(world: World, edit: EditOf<"bot">): EditDone {
  const space = workspaceOf(world, edit);
  const found = findObject(inWorkspace(world.bots.values(), space), { at: ["bot"], word: edit.bot }, "bot");
  const spaceId = found?.space_id ?? spaceForNew(space, "bot", edit.bot);
  const change = configOf(world, spaceId, edit, found?.draft);
  const changed = found && changedFields(found.draft, change);
  const bot = found ?? world.addBot({ space_id: spaceId, draft: { name: edit.bot, ...change } });
  if (changed && Object.keys(changed).length > 0) world.editBot(bot.id, changed);
  const channels = channelsOf(edit);
  const isOld = bot.edited || channels.some((channel) => !(channel in bot.channels));
  const publishes = channels.length > 0 && isOld;
  if (publishes) world.publishBot(bot.id, channels);
  return describeEdit("bot", bot, { changed, publishes });
}

function configOf(
  world: World,
  spaceId: string,
  { description, prompt, prologue, model, workflows }: EditOf<"bot">,
  draft: Partial<BotConfig> = {},
): Partial<BotConfig> {
  const ids = workflows?.map((word, index) => ({
    id: requireObject(libraryOf(world, spaceId), { at: ["workflows", index], word }, "workflow").id,
  }));
  return withoutUndefined({
    description,
    prompt_info: prompt === undefined ? undefined : { prompt },
    onboarding_info: prologue === undefined ? undefined : { ...draft.onboarding_info, prologue },
    model_info_config: model === undefined ? undefined : { ...draft.model_info_config, model_id: model },
    workflow_id_list: ids && { ids },
  });
}

function spaceForNew(space: Workspace | undefined, kind: EditKind, word: string): string {
  if (space) return space.id;
  const message = `there is no ${kind} ${JSON.stringify(word)} yet`;
  throw new EditError({ at: [kind], message, hint: "write workspace, where it shall be made" });
}

const libraryOf = (world: World, spaceId: string) =>
  [...world.workflows.values()].filter(({ space_id, app_id }) => space_id === spaceId && app_id === "0");

function usesOf(world: World, spaceId: string, uses: NonNullable<EditOf<"workflow">["uses"]>): Uses {
  const workflows = [...world.workflows.values()].filter(({ space_id }) => space_id === spaceId);
  const plugins = [...world.plugins.values()].filter(({ space_id }) => ["", spaceId].includes(space_id));
  return withoutUndefined({
    workflows: uses.workflows?.map(
      (word, index) => requireObject(workflows, { at: ["uses", "workflows", index], word }, "workflow").id,
    ),
    plugins: uses.plugins?.map(
      (word, index) => requireObject(plugins, { at: ["uses", "plugins", index], word }, "plugin").id,
    ),
  });
}

/** The channels to publish to; the API's unless named, none where nothing is published. */
const channelsOf = ({
  publish,
  channels,
}: {
  readonly publish?: boolean | undefined;
  readonly channels?: readonly string[] | undefined;
}) => (publish ? (channels ?? ["1024"]) : []);

function describeEdit(
  kind: EditKind,
  object: EditedObject,
  { changed, publishes }: { readonly changed: object | undefined; readonly publishes: boolean },
): EditDone {
  const did: EditDone["did"][number][] = [];
  if (!changed) did.push("made");
  else if (Object.keys(changed).length > 0) did.push("edited");
  if (publishes) did.push("published");
  return { what: `${kind} ${nameOf(object)}`, id: object.id, did };
}

/** The fields of a change whose values are new. */
function changedFields<T extends object>(from: object, change: T): Partial<T> {
  const present = new Map<string, unknown>(Object.entries(from));
  const differs = ([key, value]: [string, unknown]) => !isJsonEqual(present.get(key), value);
  return Object.fromEntries(Object.entries(change).filter(differs)) as Partial<T>;
}

function playChat(world: World, { chat, ...rule }: EditOf<"chat">): EditDone {
  refuseSeveral(rule, ["answer", "fail", "asks"]);
  refuseUnknownWords(rule.answer, "answer", chatWords);
  if (rule.matches !== undefined) refuseBadPattern(rule.matches);
  const before = structuredClone([...world.chatRules.values()]);
  world.scriptChat(withoutUndefined({ ...rule, bot: chat === "*" ? undefined : chat }));
  const exists =
    chat === "*" || [...world.bots.values()].some((bot) => [bot.id, bot.draft.name].includes(chat));
  return {
    what: `chats with ${chat === "*" ? "any bot" : chat}`,
    did: isJsonEqual(before, [...world.chatRules.values()]) ? [] : ["told"],
    note: exists ? undefined : "no bot is called so yet",
  };
}

function playRun(world: World, { run, ...rule }: EditOf<"run">): EditDone {
  refuseSeveral(rule, ["output", "fail"]);
  refuseUnknownWords(rule.output, "output", runWords);
  const before = structuredClone([...world.runRules.values()]);
  world.scriptRun(withoutUndefined({ ...rule, workflow: run === "*" ? undefined : run }));
  const exists =
    run === "*" || [...world.workflows.values()].some(({ id, name }) => [id, name].includes(run));
  return {
    what: `runs of ${run === "*" ? "any workflow" : run}`,
    did: isJsonEqual(before, [...world.runRules.values()]) ? [] : ["told"],
    note: exists ? undefined : "no workflow is called so yet",
  };
}

function playCopies(world: World, edit: EditOf<"copies_of">): EditDone {
  const collections = { workflow: world.workflows, app: world.apps, bot: world.bots, plugin: world.plugins };
  const chosen: readonly Iterable<EditedObject>[] = edit.type
    ? [collections[edit.type].values()]
    : Object.values(collections).map((collection) => collection.values());
  const space = workspaceOf(world, edit);
  const among = chosen.flatMap((objects) => [...inWorkspace(objects, space)]);
  const kind = edit.type ?? "thing";
  const { id, ...object } = requireObject(among, { at: ["copies_of"], word: edit.copies_of }, kind);
  const stateOf = () => structuredClone([world.copyFailures.get(id), world.copyPaces.get(id)]);
  const before = stateOf();
  const reasons = (edit.fail ?? []).map(({ reason, type, name, id: partId }) =>
    withoutUndefined({ failed_reason: reason, entity_type: type, entity_name: name, entity_id: partId }),
  );
  const takes = edit.never_ends ? Number.POSITIVE_INFINITY : edit.takes_ms;
  if (reasons.length > 0) world.failCopyOf(id, ...reasons);
  else world.copyFailures.delete(id);
  if (takes !== undefined) world.paceCopyOf(id, takes);
  else if (world.copyPaces.has(id)) world.paceCopyOf(id, world.options.copyMs);
  if (takes === undefined) world.copyPaces.delete(id);
  return {
    what: `copies of ${nameOf({ id, ...object } as EditedObject)}`,
    id,
    did: isJsonEqual(before, stateOf()) ? [] : ["told"],
  };
}

function refuseSeveral(rule: object, exclusive: readonly string[]): void {
  const [first, second] = Object.keys(rule).filter((key) => exclusive.includes(key));
  if (second === undefined) return;
  throw new EditError({
    at: [second],
    message: `${second} and ${first} exclude each other`,
    hint: `take one of them out`,
  });
}

function refuseUnknownWords(value: unknown, key: string, known: readonly string[]): void {
  const word = wordsIn(value).find((one) => !known.includes(one));
  if (word === undefined) return;
  throw new EditError({
    at: [key],
    message: `{{${word}}} stands for nothing`,
    sought: { word, known, plural: "words" },
  });
}

function refuseBadPattern(pattern: string): void {
  try {
    new RegExp(pattern, "u");
  } catch {
    throw new EditError({ at: ["matches"], message: `${JSON.stringify(pattern)} is no regular expression` });
  }
}
