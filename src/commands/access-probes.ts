import { mapLeaves } from "../core/spec-walk.ts";
import { isLookup, type Values } from "../core/value.ts";
import type { CozeClient } from "../coze/client.ts";
import {
  CallsSpent,
  CozeError,
  Forbidden,
  Interrupted,
  QuotaExhausted,
  Unauthenticated,
} from "../coze/errors.ts";
import { operations } from "../coze/http/operation.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import { holderKind } from "../kind/holder.ts";
import { bearsIdentity } from "../kind/identity-match.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Project } from "../manifest/load.ts";
import type { State } from "../state/model.ts";

/** Whether a token may do what takes a permission. */
export interface PermissionCheck {
  readonly name: string;
  readonly result: "allowed" | "refused";
}

/** A reading that wasn't tried, or told nothing of permissions. */
export interface Untold {
  readonly kind: string;
  readonly because: string;
}

/** What the resources of a project have to do with Coze. */
export interface Use {
  /** Kinds of resources, and of what they look up. */
  readonly kinds: ReadonlySet<string>;
  /** Ids of objects that are remembered or written, by kind. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** What is looked up, by kind. */
  readonly lookups: ReadonlyMap<string, readonly Values[]>;
  readonly specs: ReadonlyMap<string, readonly Values[]>;
}

/** What manifests and state say of kinds and ids. */
export function findUse(all: readonly Kind<CozeClient>[], { resources }: Project, state: State): Use {
  const kinds = new Set<string>();
  const ids = new Map<string, string[]>();
  const lookups = new Map<string, Values[]>();
  const specs = new Map<string, Values[]>();
  const add = <T>(to: Map<string, T[]>, kind: string, value: T) =>
    to.set(kind, [...(to.get(kind) ?? []), value]);
  for (const { kind, spec } of resources) {
    kinds.add(kind);
    add(specs, kind, spec);
    mapLeaves(all.find(({ name }) => name === kind)?.fields ?? {}, spec, ({ shape, value }) => {
      if (shape.type !== "ref") return value;
      if (typeof value === "string") add(ids, shape.kind, value);
      if (isLookup(value)) {
        kinds.add(shape.kind);
        add(lookups, shape.kind, value.$lookup);
      }
      return value;
    });
  }
  for (const { kind, id } of Object.values(state.resources)) {
    kinds.add(kind);
    if (id !== undefined) add(ids, kind, id);
  }
  return { kinds, ids, lookups, specs };
}

/** What reading with one credential showed. */
export interface Probes {
  readonly permissions: readonly PermissionCheck[];
  readonly untold: readonly Untold[];
  /** The last error by which Coze refused a permission. */
  readonly refusal?: unknown;
  /** What ended the reading before its end. */
  readonly failure?: unknown;
}

/** What a probe of several credentials shares: what was seen so far, by kind, and the calls as they are made. */
export interface Probing {
  readonly kinds: readonly Kind<CozeClient>[];
  readonly use: Use;
  readonly seen: Map<string, readonly Item[]>;
  readonly records: readonly CallRecord[];
}

/** What a credential is probed for; `first` comes before everything else, and nothing works when it fails. */
export interface ProbeOptions {
  serves(kind: string): boolean;
  readonly first: (() => Promise<unknown>) | undefined;
}

/**
 * Reads one page of each kind in use that a credential serves, and one object where a kind is read object by object:
 * what Coze refuses shows which permissions are missing. Writes nothing.
 */
export async function probeReading(
  probing: Probing,
  api: CozeClient,
  { serves, first }: ProbeOptions,
): Promise<Probes> {
  const notes = openNotes(probing.records);
  try {
    const problem = first && (await notes.attempt(first)).problem;
    if (problem !== undefined) throw problem;
    for (const kind of holdersFirst(probing.kinds, probing.use.kinds)) {
      if (serves(kind.name)) await probeKind(probing, api, kind, notes);
    }
    return notes.all();
  } catch (failure) {
    if (failure instanceof CallsSpent || failure instanceof Interrupted) throw failure;
    return { ...notes.all(), failure };
  }
}

async function probeKind(
  { use, seen }: Probing,
  api: CozeClient,
  kind: Kind<CozeClient>,
  { attempt, tell }: Notes,
): Promise<void> {
  const holder = holderKind(kind);
  const parent = holder === undefined ? undefined : placeAmong(seen.get(holder), use.ids.get(holder));
  if (holder !== undefined && parent === undefined) {
    tell(kind, `there is no ${holder} to look into`);
    return;
  }
  const specs = use.lookups.get(kind.name) ?? [];
  const { value: items, problem } = await attempt(() => firstPage(kind.list(api, parent, { specs })));
  if (problem) tell(kind, problem.message);
  seen.set(kind.name, items ?? []);
  const [item] = items ?? [];
  if (!kind.read || !items) return;
  const reading = item ? await attempt(async () => kind.read?.(api, item)) : undefined;
  if (!item) tell(kind, `there is no ${kind.name} to read`);
  else if (reading?.problem) tell(kind, reading.problem.message);
}

type Notes = ReturnType<typeof openNotes>;

/** Takes down which permissions the calls of attempts took, and which of them were refused. */
function openNotes(records: readonly CallRecord[]) {
  const found = new Map<string, PermissionCheck>();
  const untold: Untold[] = [];
  let refusal: unknown;

  function note(calls: readonly CallRecord[], error?: unknown): void {
    for (const { operation } of calls) {
      const name = operations.get(operation)?.permission;
      if (name === undefined || found.get(name)?.result === "refused") continue;
      const failed = error instanceof CozeError && error.operation === operation;
      if (!failed) found.set(name, { name, result: "allowed" });
      else if (error instanceof Forbidden) found.set(name, { name, result: "refused" });
    }
  }

  return {
    tell: ({ name }: { readonly name: string }, because: string) => void untold.push({ kind: name, because }),
    /** What came of it; nothing when it was refused, and a problem when it failed for a reason of its own. */
    async attempt<T>(read: () => Promise<T>): Promise<{ readonly value?: T; readonly problem?: Error }> {
      const from = records.length;
      try {
        const value = await read();
        note(records.slice(from));
        return { value };
      } catch (error) {
        note(records.slice(from), error);
        if (!(error instanceof Error) || isFinal(error)) throw error;
        if (!(error instanceof Forbidden)) return { problem: error };
        refusal = error;
        return {};
      }
    },
    all: (): Probes => ({
      permissions: [...found.values()],
      untold,
      ...(refusal === undefined ? {} : { refusal }),
    }),
  };
}

/** Whether no further call of this credential will work. */
const isFinal = (error: Error): boolean =>
  [Unauthenticated, QuotaExhausted, CallsSpent, Interrupted].some((one) => error instanceof one) ||
  // The exchange for a token takes no permission: there it is the app that is refused.
  (error instanceof Forbidden && operations.get(error.operation)?.permission === undefined);

/** An object to look into: one that is there and the project names, one that is there, or one it names. */
function placeAmong(seen: readonly Item[] = [], named: readonly string[] = []): string | undefined {
  return (seen.find(({ id }) => named.includes(id)) ?? seen[0])?.id ?? named[0];
}

async function firstPage(pages: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> {
  for await (const page of pages) return page;
  return [];
}

/** The kinds in use and those that hold them at the top, holders first. */
function holdersFirst(
  all: readonly Kind<CozeClient>[],
  used: ReadonlySet<string>,
): readonly Kind<CozeClient>[] {
  const sorted = new Set<Kind<CozeClient>>();
  const visit = (kind: Kind<CozeClient>): void => {
    const holder = all.find(({ name }) => name === holderKind(kind));
    if (holder && (used.has(holder.name) || holder.parent === undefined)) visit(holder);
    sorted.add(kind);
  };
  for (const kind of all) if (used.has(kind.name)) visit(kind);
  return [...sorted];
}

/** Ids of seen objects that the project means: by id, or by what its manifests say of them. */
export function meantIds({ kinds, use, seen }: Probing): ReadonlySet<string> {
  const meant = new Set([...use.ids.values()].flat());
  for (const kind of kinds) {
    for (const item of seen.get(kind.name) ?? []) {
      if (use.specs.get(kind.name)?.some((spec) => bearsIdentity(kind, item, spec))) meant.add(item.id);
    }
  }
  return meant;
}
