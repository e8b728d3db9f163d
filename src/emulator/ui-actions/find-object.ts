import type { App, Bot, Plugin, Workflow, Workspace } from "../areas/index.ts";
import type { World } from "../world/world.ts";

/** What an edit came to. */
export interface EditDone {
  /** Such as `workflow invoice`. */
  readonly what: string;
  /** The object's id, if it is about one. */
  readonly id?: string;
  /** Empty when all was so already. */
  readonly did: readonly ("made" | "edited" | "published" | "told")[];
  /** What may be a slip. */
  readonly note?: string;
}

/** Why an edit can't be played: where in it, what, and the next move or the words that were possible. */
export interface EditProblem {
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
  readonly sought?: { readonly word: string; readonly known: readonly string[]; readonly plural: string };
}

/** Ends the playing of one edit. */
export class Stuck extends Error {
  override readonly name = "Stuck";
  readonly problem: EditProblem;

  constructor(problem: EditProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** What an edit may be about, apart from workspaces. */
export type Thing = App | Bot | Plugin | Workflow;

/** The name that people see. */
export const nameOfThing = (thing: Thing): string => ("draft" in thing ? thing.draft.name : thing.name);

/** A place in an edit, and the word that stands there. */
export interface Word {
  readonly at: readonly (string | number)[];
  readonly word: string;
}

/** The workspace of a name or id; there has to be one. */
export function findWorkspace(world: World, { at, word }: Word): Workspace {
  const all = [...world.workspaces.values()];
  const found = all.filter(({ id, name }) => id === word || name === word);
  const [first, second] = found;
  if (second) {
    throw stuckBetween(at, `${found.length} workspaces are called ${JSON.stringify(word)}`, found);
  }
  if (!first) {
    const sought = { word, known: all.map(({ name }) => name), plural: "workspaces" };
    throw new Stuck({ at, message: `there is no workspace ${JSON.stringify(word)}`, sought });
  }
  return first;
}

/** The thing of a name or id among some; undefined if none bears the name, refused if several do or no id fits. */
export function findThing<T extends Thing>(
  among: Iterable<T>,
  { at, word }: Word,
  kind: string,
): T | undefined {
  const all = [...among];
  const byId = all.find(({ id }) => id === word);
  const found = byId ? [byId] : all.filter((one) => nameOfThing(one) === word);
  if (found.length > 1) {
    throw stuckBetween(at, `${found.length} ${kind}s are called ${JSON.stringify(word)}`, found);
  }
  if (!found[0] && /^\d{15,}$/.test(word)) {
    throw new Stuck({ at, message: `no ${kind} has the id ${word}` });
  }
  return found[0];
}

/** The thing of a name or id among some; there has to be one. */
export function requireThing<T extends Thing>(among: Iterable<T>, word: Word, kind: string): T {
  const all = [...among];
  const found = findThing(all, word, kind);
  if (!found) {
    const sought = { word: word.word, known: all.map(nameOfThing), plural: `${kind}s` };
    const message = kind === "thing" ? "nothing is called" : `there is no ${kind}`;
    throw new Stuck({ at: word.at, message: `${message} ${JSON.stringify(word.word)}`, sought });
  }
  return found;
}

function stuckBetween(at: Word["at"], message: string, found: readonly { readonly id: string }[]): Stuck {
  const ids = found.map(({ id }) => id).join(", ");
  return new Stuck({ at, message, hint: `write the id of the one that is meant: ${ids}` });
}

/** The workspace that an edit names. */
export function spaceOf(world: World, { workspace }: { readonly workspace?: string }): Workspace | undefined {
  return workspace === undefined ? undefined : findWorkspace(world, { at: ["workspace"], word: workspace });
}

/** Those of a workspace, or all where none is named. */
export function* inSpace<T extends Thing>(things: Iterable<T>, space: Workspace | undefined): Generator<T> {
  for (const thing of things) {
    if (!space || thing.space_id === space.id) yield thing;
  }
}

/** Without what is undefined. */
export function given<T extends object>(all: T): T {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
}
