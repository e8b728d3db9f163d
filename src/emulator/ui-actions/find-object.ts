import type { App, Bot, Plugin, Workflow, Workspace } from "../areas/index.ts";
import type { World } from "../world/world.ts";

/** The result of an edit. */
export interface EditDone {
  /** Such as `workflow invoice`. */
  readonly what: string;
  /** The object's id, if it is about one. */
  readonly id?: string | undefined;
  /** Empty when nothing had to change. */
  readonly did: readonly ("made" | "edited" | "published" | "told")[];
  /** A likely mistake. */
  readonly note?: string | undefined;
}

/** Why an edit can't be played: where in the edit, what, and a hint or the known names. */
export interface EditProblem {
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
  readonly sought?: { readonly word: string; readonly known: readonly string[]; readonly plural: string };
}

/** An edit that can't be played. */
export class EditError extends Error {
  override readonly name = "EditError";
  readonly problem: EditProblem;

  constructor(problem: EditProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** An object that an edit can be about, apart from workspaces. */
export type EditedObject = App | Bot | Plugin | Workflow;

/** The name that Coze's web page shows. */
export const nameOf = (object: EditedObject): string => ("draft" in object ? object.draft.name : object.name);

/** A name or id in an edit, and its place there. */
export interface NameInEdit {
  readonly at: readonly (string | number)[];
  readonly word: string;
}

/** The workspace with a name or id. Throws an EditError unless there is exactly one. */
export function findWorkspace(world: World, { at, word }: NameInEdit): Workspace {
  const all = [...world.workspaces.values()];
  const found = all.filter(({ id, name }) => id === word || name === word);
  const [first, second] = found;
  if (second) throw ambiguous(at, `${found.length} workspaces are called ${JSON.stringify(word)}`, found);
  if (!first) {
    const sought = { word, known: all.map(({ name }) => name), plural: "workspaces" };
    throw new EditError({ at, message: `there is no workspace ${JSON.stringify(word)}`, sought });
  }
  return first;
}

/** The object with a name or id; undefined if none has the name. Throws an EditError if several have it or none has the id. */
export function findObject<T extends EditedObject>(
  among: Iterable<T>,
  { at, word }: NameInEdit,
  kind: string,
): T | undefined {
  const all = [...among];
  const byId = all.find(({ id }) => id === word);
  const found = byId ? [byId] : all.filter((one) => nameOf(one) === word);
  if (found.length > 1) {
    throw ambiguous(at, `${found.length} ${kind}s are called ${JSON.stringify(word)}`, found);
  }
  if (!found[0] && /^\d{15,}$/.test(word)) {
    throw new EditError({ at, message: `no ${kind} has the id ${word}` });
  }
  return found[0];
}

/** The object with a name or id. Throws an EditError unless there is exactly one. */
export function requireObject<T extends EditedObject>(among: Iterable<T>, word: NameInEdit, kind: string): T {
  const all = [...among];
  const found = findObject(all, word, kind);
  if (!found) {
    const sought = { word: word.word, known: all.map(nameOf), plural: `${kind}s` };
    const message = kind === "thing" ? "nothing is called" : `there is no ${kind}`;
    throw new EditError({ at: word.at, message: `${message} ${JSON.stringify(word.word)}`, sought });
  }
  return found;
}

function ambiguous(
  at: NameInEdit["at"],
  message: string,
  found: readonly { readonly id: string }[],
): EditError {
  const ids = found.map(({ id }) => id).join(", ");
  return new EditError({ at, message, hint: `write the id of the one that is meant: ${ids}` });
}

/** The workspace that an edit names. */
export function workspaceOf(
  world: World,
  { workspace }: { readonly workspace?: string | undefined },
): Workspace | undefined {
  return workspace === undefined ? undefined : findWorkspace(world, { at: ["workspace"], word: workspace });
}

/** The objects of a workspace; all of them without one. */
export function* inWorkspace<T extends EditedObject>(
  objects: Iterable<T>,
  space: Workspace | undefined,
): Generator<T> {
  for (const object of objects) {
    if (!space || object.space_id === space.id) yield object;
  }
}

/** The object without the keys whose value is undefined: what is stored is iterated and compared. */
export function withoutUndefined<T extends object>(all: T): Defined<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Defined<T>;
}

type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };
