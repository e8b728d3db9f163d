import { rememberSpec } from "../core/digest.ts";
import type { Entry } from "../core/entry.ts";
import type { Created, Item, Kind, Outcome } from "../core/kind.ts";
import { createdFields } from "../plan/calls.ts";
import { type Making, remember, rememberAll } from "./making.ts";
import { attemptAll } from "./remove.ts";
import { bearsIdentity, keyOfPlace, listAll, listLag } from "./search.ts";

/** A creation whose answer was lost is repeated at the most this often, and only when nothing came of it. */
const mostAttempts = 2;

/** Creates objects of one kind, together where a call takes several; returns those that have an id. */
export async function createObjects<Api>(makings: readonly Making<Api>[]): Promise<readonly Making<Api>[]> {
  const earlier = new Map(makings.map((making) => [making, entryOf(making)]));
  const made: Making<Api>[] = [];
  let left = makings;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const lost: Lost<Api>[] = [];
    const begun = intend(left);
    const outcomes = await callCreate(left);
    left.forEach((making, index) => {
      const outcome = outcomes[index] ?? { error: new Error(`no answer for ${making.step.address}`) };
      if ("value" in outcome) made.push(rememberCreated(making, outcome.value));
      else if (isUnknown(making, outcome.error)) lost.push({ making, error: outcome.error });
      else {
        making.run.failed(making.node, outcome.error);
        making.run.store.put("not created", { [making.step.address]: earlier.get(making) ?? null });
      }
    });
    if (lost.length === 0) break;
    const { found, missing } = await searchLost(lost, begun);
    made.push(...found);
    const again = attempt < mostAttempts && !makings[0]?.run.engine.signal?.aborted;
    if (!again) for (const { making, error } of missing) making.run.failed(making.node, error);
    left = again ? missing.map(({ making }) => making) : [];
  }
  return made;
}

interface Lost<Api> {
  readonly making: Making<Api>;
  readonly error: Error;
}

const entryOf = <Api>({ run, step }: Making<Api>): Entry | undefined =>
  run.store.state.resources[step.address];

const isUnknown = <Api>({ run }: Making<Api>, error: unknown): boolean =>
  run.engine.provider.explain(error).type === "unknown-outcome";

/** Remembers what is about to be tried, and returns when. */
function intend<Api>(makings: readonly Making<Api>[]): number {
  const begun = makings[0]?.run.engine.clock.now() ?? 0;
  rememberAll(makings, "about to create", ({ kind, step }) => ({
    id: undefined,
    status: "unknown",
    spec: {},
    done: undefined,
    note: undefined,
    before: step.before ?? [],
    begun: Math.floor(begun / 1000),
    ...(kind.replacement === "create-first" ? { previous: step.removes } : {}),
  }));
  return begun;
}

function callCreate<Api>(makings: readonly Making<Api>[]): Promise<readonly Outcome<Created>[]> {
  const specs = makings.map(({ target }) => target);
  return attemptAll(specs, async () => {
    const [first] = makings;
    const [spec] = specs;
    if (!first || !spec) return [];
    const { kind, run } = first;
    if (kind.createMany) return kind.createMany.run(run.engine.api, specs);
    if (!kind.create) throw new Error(`${kind.name} can't be created`);
    return [{ value: await kind.create(run.engine.api, spec) }];
  });
}

/** Looks for what came of creations that got no answer; once more when lists have had the time to catch up. */
async function searchLost<Api>(
  lost: readonly Lost<Api>[],
  begun: number,
): Promise<{ readonly found: readonly Making<Api>[]; readonly missing: readonly Lost<Api>[] }> {
  const { clock, signal } = lost[0]?.making.run.engine ?? {};
  const found: Making<Api>[] = [];
  let missing = lost;
  for (const delay of [0, listLag]) {
    const left = begun + delay - (clock?.now() ?? 0);
    if (left > 0) await clock?.sleep(left, signal);
    const searches = await searchAll(missing.map(({ making }) => making));
    missing = missing.filter(({ making }, index) => {
      const { id, error } = searches[index] ?? {};
      if (id !== undefined) found.push(rememberCreated(making, { id }));
      if (error) making.run.failed(making.node, error);
      return id === undefined && error === undefined;
    });
    if (missing.length === 0) break;
  }
  return { found, missing };
}

interface Search {
  readonly id?: string;
  readonly error?: Error;
}

/** Lists once what holds them all, and tells for each the one object that appeared since and bears its identity. */
async function searchAll<Api>(makings: readonly Making<Api>[]): Promise<readonly Search[]> {
  const [first] = makings;
  if (!first) return [];
  const { kind, run } = first;
  const specs = makings.map(({ spec }) => spec);
  try {
    const items = await listAll(run.engine.api, kind, parentOf(kind, first), specs);
    return makings.map((making) => chooseOne(making, items));
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return makings.map(() => ({ error }));
  }
}

/** An error when several objects fit. */
function chooseOne<Api>({ kind, run, spec, step }: Making<Api>, items: readonly Item[]): Search {
  const entries = Object.values(run.store.state.resources).filter((entry) => entry.kind === step.kind);
  const owned = new Set(entries.map(keyOfPlace));
  const isNew = (item: Item) => !owned.has(keyOfPlace(item)) && !step.before?.includes(item.id);
  const fresh = items.filter((item) => isNew(item) && bearsIdentity(kind, item, spec));
  const [only, ...others] = fresh;
  if (others.length === 0) return only ? { id: only.id } : {};
  const ids = fresh.map(({ id }) => id).join(", ");
  return { error: new Error(`its creation got no answer, and ${ids} could each be what came of it`) };
}

function parentOf<Api>(kind: Kind<Api>, { spec }: Making<Api>): string | undefined {
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  return typeof parent === "string" ? parent : undefined;
}

function rememberCreated<Api>(making: Making<Api>, created: Created): Making<Api> {
  const { kind, run, step } = making;
  const fields = createdFields(kind);
  const spec = Object.fromEntries(Object.entries(making.spec).filter(([name]) => fields.includes(name)));
  remember(making, "created", {
    id: created.id,
    status: created.pending ? "pending" : step.calls.length > 1 ? "incomplete" : "ready",
    spec: rememberSpec(kind.fields, spec, run.store.state.lineage),
    before: undefined,
    begun: undefined,
    note: created.pending,
  });
  return making;
}
