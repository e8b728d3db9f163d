import { kindLookedUp } from "../core/field.ts";
import { addTo } from "../core/group.ts";
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
} from "../coze/error-classes.ts";
import { operations } from "../coze/http/operation.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import { holderKind } from "../kind/holder.ts";
import { bearsIdentity } from "../kind/identity-match.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Project } from "../manifest/load.ts";
import { say } from "../messages/text.ts";
import type { State } from "../state/model.ts";

/** Whether a token has a permission. */
export interface PermissionCheck {
  readonly name: string;
  readonly result: "allowed" | "refused";
}

/** A kind whose permissions couldn't be checked, and why. */
export interface UncheckedKind {
  readonly kind: string;
  readonly because: string;
}

/** What a project uses of Coze, by kind. */
export interface ProjectUsage {
  /** The kinds of resources and of lookups. */
  readonly kinds: ReadonlySet<string>;
  /** The ids in the state and in manifests. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** The lookups of manifests. */
  readonly lookups: ReadonlyMap<string, readonly Values[]>;
  readonly specs: ReadonlyMap<string, readonly Values[]>;
}

/** Collects the kinds, ids and lookups of manifests and state. */
export function findUsage(
  all: readonly Kind<CozeClient>[],
  { resources }: Project,
  state: State,
): ProjectUsage {
  const kinds = new Set<string>();
  const ids = new Map<string, string[]>();
  const lookups = new Map<string, Values[]>();
  const specs = new Map<string, Values[]>();
  for (const { kind, spec } of resources) {
    kinds.add(kind);
    addTo(specs, kind, spec);
    mapLeaves(all.find(({ name }) => name === kind)?.fields ?? {}, spec, ({ shape, value }) => {
      const named = kindLookedUp(shape);
      if (named === undefined) return value;
      if (shape.type === "ref" && typeof value === "string") addTo(ids, named, value);
      if (isLookup(value)) {
        kinds.add(named);
        addTo(lookups, named, value.$lookup);
      }
      return value;
    });
  }
  for (const { kind, id } of Object.values(state.resources)) {
    kinds.add(kind);
    if (id !== undefined) addTo(ids, kind, id);
  }
  return { kinds, ids, lookups, specs };
}

/** The result of reading with one credential. */
export interface ProbeResult {
  readonly permissions: readonly PermissionCheck[];
  readonly untold: readonly UncheckedKind[];
  /** The last error with which Coze refused a permission. */
  readonly refusal?: unknown;
  /** The error that stopped the reading. */
  readonly failure?: unknown;
}

/**
 * The shared data of probes with several credentials: the objects read so far, by kind, and the call records.
 */
export interface ProbeSession {
  readonly kinds: readonly Kind<CozeClient>[];
  readonly usage: ProjectUsage;
  readonly seen: Map<string, readonly Item[]>;
  readonly records: readonly CallRecord[];
}

/**
 * What to probe with a credential. `first` is called before everything else, and its failure ends the probe.
 */
export interface ProbeOptions {
  serves(kind: string): boolean;
  readonly first: (() => Promise<unknown>) | undefined;
}

/**
 * Reads one page of each used kind that a credential serves, and one object of kinds that are read one by one. Coze's
 * refusals show which permissions are missing. Writes nothing.
 */
export async function probePermissions(
  session: ProbeSession,
  api: CozeClient,
  { serves, first }: ProbeOptions,
): Promise<ProbeResult> {
  const record = recordPermissions(session.records);
  try {
    const problem = first && (await record.attempt(first)).problem;
    if (problem !== undefined) throw problem;
    for (const kind of parentsFirst(session.kinds, session.usage.kinds)) {
      if (serves(kind.name)) await probeKind(session, api, kind, record);
    }
    return record.all();
  } catch (failure) {
    if (failure instanceof CallsSpent || failure instanceof Interrupted) throw failure;
    return { ...record.all(), failure };
  }
}

async function probeKind(
  { usage, seen }: ProbeSession,
  api: CozeClient,
  kind: Kind<CozeClient>,
  { attempt, skip }: PermissionRecord,
): Promise<void> {
  const holder = holderKind(kind);
  const parent = holder === undefined ? undefined : chooseParent(seen.get(holder), usage.ids.get(holder));
  if (holder !== undefined && parent === undefined) {
    skip(kind, say("commands/probe-no-parent", { kind: holder }));
    return;
  }
  const specs = usage.lookups.get(kind.name) ?? [];
  const { value: items, problem } = await attempt(() => firstPage(kind.list(api, parent, { specs })));
  if (problem) skip(kind, problem.message);
  seen.set(kind.name, items ?? []);
  const [item] = items ?? [];
  if (!kind.read || !items) return;
  const reading = item ? await attempt(async () => kind.read?.(api, item)) : undefined;
  if (!item) skip(kind, say("commands/probe-no-object", { kind: kind.name }));
  else if (reading?.problem) skip(kind, reading.problem.message);
}

type PermissionRecord = ReturnType<typeof recordPermissions>;

/** Records the permissions that calls needed and whether Coze refused them. */
function recordPermissions(records: readonly CallRecord[]) {
  const found = new Map<string, PermissionCheck>();
  const unchecked: UncheckedKind[] = [];
  let refusal: unknown;

  function add(calls: readonly CallRecord[], error?: unknown): void {
    for (const { operation, status = 0 } of calls) {
      const failed = error instanceof CozeError && error.operation === operation;
      for (const name of operations.get(operation)?.permissions ?? []) {
        if (found.get(name)?.result === "refused") continue;
        // A server that lacks an operation says nothing about its permission.
        if (!failed && status < 400) found.set(name, { name, result: "allowed" });
        else if (error instanceof Forbidden) found.set(name, { name, result: "refused" });
      }
    }
  }

  return {
    skip: ({ name }: { readonly name: string }, because: string) =>
      void unchecked.push({ kind: name, because }),
    /** The value that was read; neither a value nor a problem when the permission was refused. */
    async attempt<T>(read: () => Promise<T>): Promise<{ readonly value?: T; readonly problem?: Error }> {
      const from = records.length;
      try {
        const value = await read();
        add(records.slice(from));
        return { value };
      } catch (error) {
        add(records.slice(from), error);
        if (!(error instanceof Error) || isFinal(error)) throw error;
        if (!(error instanceof Forbidden)) return { problem: error };
        refusal = error;
        return {};
      }
    },
    all: (): ProbeResult => ({
      permissions: [...found.values()],
      untold: unchecked,
      refusal,
    }),
  };
}

/** Whether every further call with this credential would fail. */
const isFinal = (error: Error): boolean =>
  [Unauthenticated, QuotaExhausted, CallsSpent, Interrupted].some((one) => error instanceof one) ||
  // The token exchange needs no permission. When Coze refuses it, it refuses the app.
  (error instanceof Forbidden && operations.get(error.operation)?.permissions === undefined);

/** An object to list the children of: preferably one that exists and that the project uses. */
function chooseParent(seen: readonly Item[] = [], named: readonly string[] = []): string | undefined {
  return (seen.find(({ id }) => named.includes(id)) ?? seen[0])?.id ?? named[0];
}

async function firstPage(pages: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> {
  for await (const page of pages) return page;
  return [];
}

/** The kinds in use and their top-level parents, parents first. */
function parentsFirst(
  all: readonly Kind<CozeClient>[],
  used: ReadonlySet<string>,
): readonly Kind<CozeClient>[] {
  const sorted = new Set<Kind<CozeClient>>();
  const visit = (kind: Kind<CozeClient>): void => {
    const parent = all.find(({ name }) => name === holderKind(kind));
    if (parent && (used.has(parent.name) || parent.parent === undefined)) visit(parent);
    sorted.add(kind);
  };
  for (const kind of all) if (used.has(kind.name)) visit(kind);
  return [...sorted];
}

/** The ids of objects that the project uses, by id or by the identity in a manifest. */
export function findUsedIds({ kinds, usage, seen }: ProbeSession): ReadonlySet<string> {
  const used = new Set([...usage.ids.values()].flat());
  for (const kind of kinds) {
    for (const item of seen.get(kind.name) ?? []) {
      if (usage.specs.get(kind.name)?.some((spec) => bearsIdentity(kind, item, spec))) used.add(item.id);
    }
  }
  return used;
}
