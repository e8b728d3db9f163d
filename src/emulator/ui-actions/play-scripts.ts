import { chatWords, runWords, wordsIn } from "../areas/reply-rules.ts";
import { isJsonEqual, type World } from "../world/world.ts";
import type { EditOf } from "./action-rules.ts";
import {
  type EditDone,
  given,
  inSpace,
  nameOfThing,
  requireThing,
  Stuck,
  spaceOf,
  type Thing,
} from "./find-object.ts";

export function playChat(world: World, { chat, ...rule }: EditOf<"chat">): EditDone {
  refuseSeveral(rule, ["answer", "fail", "asks"]);
  refuseUnknownWords(rule.answer, "answer", chatWords);
  if (rule.matches !== undefined) refuseBadPattern(rule.matches);
  const before = structuredClone([...world.chatRules.values()]);
  world.scriptChat(given({ ...rule, bot: chat === "*" ? undefined : chat }));
  const isThere =
    chat === "*" || [...world.bots.values()].some((bot) => [bot.id, bot.draft.name].includes(chat));
  return {
    what: `chats with ${chat === "*" ? "any bot" : chat}`,
    did: isJsonEqual(before, [...world.chatRules.values()]) ? [] : ["told"],
    ...(isThere ? {} : { note: "no bot is called so yet" }),
  };
}

export function playRun(world: World, { run, ...rule }: EditOf<"run">): EditDone {
  refuseSeveral(rule, ["output", "fail"]);
  refuseUnknownWords(rule.output, "output", runWords);
  const before = structuredClone([...world.runRules.values()]);
  world.scriptRun(given({ ...rule, workflow: run === "*" ? undefined : run }));
  const isThere =
    run === "*" || [...world.workflows.values()].some(({ id, name }) => [id, name].includes(run));
  return {
    what: `runs of ${run === "*" ? "any workflow" : run}`,
    did: isJsonEqual(before, [...world.runRules.values()]) ? [] : ["told"],
    ...(isThere ? {} : { note: "no workflow is called so yet" }),
  };
}

export function playCopies(world: World, edit: EditOf<"copies_of">): EditDone {
  const collections = { workflow: world.workflows, app: world.apps, bot: world.bots, plugin: world.plugins };
  const chosen: readonly Iterable<Thing>[] = edit.type
    ? [collections[edit.type].values()]
    : Object.values(collections).map((collection) => collection.values());
  const space = spaceOf(world, edit);
  const among = chosen.flatMap((things) => [...inSpace(things, space)]);
  const kind = edit.type ?? "thing";
  const { id, ...thing } = requireThing(among, { at: ["copies_of"], word: edit.copies_of }, kind);
  const stateOf = () => structuredClone([world.copyFailures.get(id), world.copyPaces.get(id)]);
  const before = stateOf();
  const reasons = (edit.fail ?? []).map(({ reason, type, name, id: partId }) =>
    given({ failed_reason: reason, entity_type: type, entity_name: name, entity_id: partId }),
  );
  const takes = edit.never_ends ? Number.POSITIVE_INFINITY : edit.takes_ms;
  if (reasons.length > 0) world.failCopyOf(id, ...reasons);
  else world.copyFailures.delete(id);
  if (takes !== undefined) world.paceCopyOf(id, takes);
  else if (world.copyPaces.has(id)) world.paceCopyOf(id, world.options.copyMs);
  if (takes === undefined) world.copyPaces.delete(id);
  return {
    what: `copies of ${nameOfThing({ id, ...thing } as Thing)}`,
    id,
    did: isJsonEqual(before, stateOf()) ? [] : ["told"],
  };
}

function refuseSeveral(rule: object, exclusive: readonly string[]): void {
  const [first, second] = Object.keys(rule).filter((key) => exclusive.includes(key));
  if (second === undefined) return;
  throw new Stuck({
    at: [second],
    message: `${second} and ${first} exclude each other`,
    hint: `take one of them out`,
  });
}

function refuseUnknownWords(value: unknown, key: string, known: readonly string[]): void {
  const word = wordsIn(value).find((one) => !known.includes(one));
  if (word === undefined) return;
  throw new Stuck({
    at: [key],
    message: `{{${word}}} stands for nothing`,
    sought: { word, known, plural: "words" },
  });
}

function refuseBadPattern(pattern: string): void {
  try {
    new RegExp(pattern, "u");
  } catch {
    throw new Stuck({ at: ["matches"], message: `${JSON.stringify(pattern)} is no regular expression` });
  }
}
