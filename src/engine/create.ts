import { rememberSpec } from "../core/digest.ts";
import type { Entry } from "../core/entry.ts";
import type { Created, Item, Outcome } from "../core/kind.ts";
import { createdFields } from "../plan/calls.ts";
import { type Making, remember, rememberAll } from "./making.ts";
import { asError, attemptAll } from "./outcomes.ts";
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
    intend(left);
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
    const { found, missing } = await searchLost(lost);
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

/** Remembers what is about to be tried, under the identity by which it can be found. */
function intend<Api>(makings: readonly Making<Api>[]): void {
  const now = makings[0]?.run.engine.clock.now() ?? 0;
  rememberAll(makings, "about to create", ({ kind, step, spec, run }) => {
    const identity = Object.entries(spec).filter(([name]) => kind.identity.includes(name));
    return {
      id: undefined,
      status: "unknown",
      spec: rememberSpec(kind.fields, Object.fromEntries(identity), run.store.state.lineage),
      done: undefined,
      note: undefined,
      before: step.before ?? [],
      begun: Math.floor(now / 1000),
      ...(kind.replacement === "create-first" ? { previous: step.removes } : {}),
    };
  });
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
): Promise<{ readonly found: readonly Making<Api>[]; readonly missing: readonly Lost<Api>[] }> {
  const found: Making<Api>[] = [];
  let missing = lost;
  for (const pause of [0, listLag]) {
    const { clock, signal } = missing[0]?.making.run.engine ?? {};
    if (pause > 0) await clock?.sleep(pause, signal);
    const items = await listAround(missing);
    if (!items) return { found, missing: [] };
    missing = missing.filter(({ making }) => {
      const [only, ...others] = findFresh(making, items);
      if (only && others.length === 0) found.push(rememberCreated(making, { id: only.id }));
      else if (only) making.run.failed(making.node, new Ambiguous([only, ...others]));
      return only === undefined;
    });
    if (missing.length === 0) break;
  }
  return { found, missing };
}

/** Several objects could be what came of a creation. */
class Ambiguous extends Error {
  override readonly name = "Ambiguous";
  readonly hint = "delete those that are too many in Coze, then apply again";

  constructor(items: readonly Item[]) {
    super(
      `its creation got no answer, and ${items.map(({ id }) => id).join(", ")} could each be what came of it`,
    );
  }
}

/** Lists what holds them all; when that fails nobody can tell, and they stay as unknown as they are. */
async function listAround<Api>(lost: readonly Lost<Api>[]): Promise<readonly Item[] | undefined> {
  const [first] = lost;
  if (!first) return [];
  const { kind, run, spec } = first.making;
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  const specs = lost.map(({ making }) => making.spec);
  try {
    return await listAll(run.engine.api, kind, typeof parent === "string" ? parent : undefined, specs);
  } catch (cause) {
    for (const { making } of lost) making.run.failed(making.node, asError(cause));
    return undefined;
  }
}

/** Objects that appeared since, bear the identity and are nobody's. */
function findFresh<Api>({ kind, run, spec, step }: Making<Api>, items: readonly Item[]): readonly Item[] {
  const entries = Object.values(run.store.state.resources).filter((entry) => entry.kind === step.kind);
  const owned = new Set(entries.map(keyOfPlace));
  const isNew = (item: Item) => !owned.has(keyOfPlace(item)) && !step.before?.includes(item.id);
  return items.filter((item) => isNew(item) && bearsIdentity(kind, item, spec));
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
