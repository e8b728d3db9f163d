import type { Address } from "../core/address.ts";
import type { Entry } from "../core/entry.ts";
import type { Item, Kind } from "../core/kind.ts";
import { bearsIdentity, keyOfPlace, listAll, listLag, placesOf } from "../core/listing.ts";
import { asError } from "../core/outcomes.ts";
import { longestSearch, pausesOfSearch } from "../core/pauses.ts";
import { tooMany } from "../plan/removal.ts";
import { entryOf, forgetCreation, type Making, rememberCreated } from "./making.ts";

/** A creation whose answer got lost. */
export interface Lost<Api> {
  readonly making: Making<Api>;
  readonly error: Error;
}

/** What a search came to; what couldn't be told has failed and is in neither. */
interface Searched<Api> {
  readonly found: readonly Making<Api>[];
  /** Nothing came of these. */
  readonly missing: readonly Lost<Api>[];
}

/** Looks for what came of creations that got no answer, until lists have had the time to catch up. */
export async function searchLost<Api>(lost: readonly Lost<Api>[]): Promise<Searched<Api>> {
  const [first] = lost;
  if (!first) return { found: [], missing: [] };
  const { kind, run } = first.making;
  if (kind.appearsWithin === undefined) return search(lost, listLag);
  const { found, missing } = await search(lost, Math.min(longestSearch, run.options.timeout));
  for (const one of missing) leaveOpen(one);
  return { found, missing: [] };
}

/** Looks for what came of a creation that was begun earlier, for as long as it may still appear. */
export async function settleDoubt<Api>(making: Making<Api>): Promise<Searched<Api>> {
  const { kind, run } = making;
  const { clock, signal } = run.engine;
  const open = 1000 * secondsOpen(kind, entryOf(making), clock.now());
  const error = new Error("its creation got no answer");
  const { found, missing } = await search([{ making, error }], Math.min(open, run.options.timeout));
  if (open <= run.options.timeout && !signal?.aborted) return { found, missing };
  for (const one of missing) leaveOpen(one);
  return { found, missing: [] };
}

/** For how many seconds what a creation of unknown outcome made may still appear. */
export function secondsOpen<Api>(kind: Kind<Api>, entry: Entry | undefined, now: number): number {
  if (kind.appearsWithin === undefined || entry?.status !== "unknown") return 0;
  // A clock that was put back doesn't tell how long ago it was.
  const since = Math.max(0, now / 1000 - (entry.begun ?? 0));
  return Math.max(0, Math.ceil(kind.appearsWithin - since));
}

function leaveOpen<Api>({ making, error }: Lost<Api>): void {
  const { run, kind, node } = making;
  const left = secondsOpen(kind, entryOf(making), run.engine.clock.now());
  run.failed(node, new OutcomeOpen(error, Math.ceil(left / 60)));
}

/** Nobody can say yet whether a creation took effect. */
class OutcomeOpen extends Error {
  override readonly name = "OutcomeOpen";
  readonly hint: string;

  constructor(cause: Error, minutes: number) {
    const isOver = minutes === 0;
    super(
      `${cause.message}; ${isOver ? "nothing came of it" : "nothing came of it so far, and what it made may still appear"}`,
      { cause },
    );
    const time = isOver ? "once more" : `for ${minutes} more minute${minutes === 1 ? "" : "s"}`;
    this.hint = `apply again: it looks ${time}, and repeats the call only when nothing appears`;
  }
}

/** Several objects could be what came of a creation. */
class Ambiguous extends Error {
  override readonly name = "Ambiguous";
  readonly hint: string;

  constructor(address: Address, items: readonly Item[]) {
    super(
      `its creation got no answer, and ${items.map(({ id }) => id).join(", ")} could each be what came of it`,
    );
    this.hint = tooMany(address);
  }
}

/** Searches at once, and again with growing pauses until the time is over, in milliseconds. */
async function search<Api>(lost: readonly Lost<Api>[], time: number): Promise<Searched<Api>> {
  const found: Making<Api>[] = [];
  let missing = lost;
  for (const pause of [0, ...pausesOfSearch(time)]) {
    const { clock, signal } = missing[0]?.making.run.engine ?? {};
    if (pause > 0) await clock?.sleep(pause, signal);
    const left: Lost<Api>[] = [];
    try {
      const items = await listAround(missing);
      for (const one of missing) {
        const [only, ...others] = await findAppeared(one.making, items);
        if (only && others.length === 0)
          found.push(rememberCreated(one.making, { id: only.id }, forgetCreation(one.making)));
        else if (only)
          one.making.run.failed(one.making.node, new Ambiguous(one.making.step.address, [only, ...others]));
        else left.push(one);
      }
    } catch (cause) {
      // Nobody can tell, and they stay as unknown as they are.
      const open = missing.filter(({ making }) => !found.includes(making));
      for (const { making } of open) making.run.failed(making.node, asError(cause));
      return { found, missing: [] };
    }
    missing = left;
    if (missing.length === 0 || signal?.aborted) break;
  }
  return { found, missing };
}

/** Lists what holds them all. */
async function listAround<Api>(lost: readonly Lost<Api>[]): Promise<readonly Item[]> {
  const [first] = lost;
  if (!first) return [];
  const { kind, run, spec } = first.making;
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  const specs = lost.map(({ making }) => making.spec);
  const holder = typeof parent === "string" ? parent : undefined;
  return await listAll(run.engine.apiOf(kind), kind, holder, specs);
}

/** Objects that appeared since, bear the identity and are nobody's. */
async function findAppeared<Api>(making: Making<Api>, items: readonly Item[]): Promise<readonly Item[]> {
  const { kind, run, step } = making;
  const entry = entryOf(making);
  // Its manifest may have changed since it was begun.
  const spec = entry?.status === "unknown" ? entry.spec : making.spec;
  const owned = new Set(Object.values(run.store.state.resources).flatMap(placesOf).map(keyOfPlace));
  const before = entry?.before ?? step.before ?? [];
  const appeared = items.filter(
    (item) => !owned.has(keyOfPlace(item)) && !before.includes(item.id) && bearsIdentity(kind, item, spec),
  );
  if (!kind.recognise || appeared.length === 0) return appeared;
  return await kind.recognise(run.engine.apiOf(kind), appeared, { spec, begun: entry?.begun ?? 0 });
}
