import type { Address } from "../core/address.ts";
import { asError } from "../kind/batch-outcome.ts";
import { bearsIdentity, keyOfPlace, listAll, placesOf } from "../kind/identity-match.ts";
import type { Item } from "../kind/kind.ts";
import { pausesOfSearch } from "../lifecycle/backoff.ts";
import { tooMany } from "../plan/steps/removal.ts";
import { entryOf, forgetCreation, rememberCreated, type StepRun } from "./step-run.ts";

/** A creation whose answer got lost. */
export interface LostCreate<Api> {
  readonly making: StepRun<Api>;
  readonly error: Error;
}

/** How a search ended; a creation whose result can't be told has failed and is in neither list. */
export interface LostSearch<Api> {
  readonly found: readonly StepRun<Api>[];
  /** Nothing of these has appeared. */
  readonly missing: readonly LostCreate<Api>[];
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
export async function searchLostCreates<Api>(
  lost: readonly LostCreate<Api>[],
  time: number,
): Promise<LostSearch<Api>> {
  const found: StepRun<Api>[] = [];
  let missing = lost;
  for (const pause of [0, ...pausesOfSearch(time)]) {
    const { clock, signal } = missing[0]?.making.run.engine ?? {};
    if (pause > 0) await clock?.sleep(pause, signal);
    const looked = await lookOnce(missing);
    found.push(...looked.found);
    missing = looked.missing;
    if (missing.length === 0 || signal?.aborted) break;
  }
  return { found, missing };
}

/** Looks through one listing for what lost creations made, and remembers what is found. */
export async function lookOnce<Api>(lost: readonly LostCreate<Api>[]): Promise<LostSearch<Api>> {
  const found: StepRun<Api>[] = [];
  const missing: LostCreate<Api>[] = [];
  try {
    const items = await listAround(lost);
    for (const one of lost) {
      const { making } = one;
      const [only, ...others] = await findAppeared(making, items);
      if (only && others.length === 0)
        found.push(rememberCreated(making, { id: only.id }, forgetCreation(making)));
      else if (only) making.run.failed(making.node, new Ambiguous(making.step.address, [only, ...others]));
      else missing.push(one);
    }
  } catch (cause) {
    // Nobody can tell, and they stay as unknown as they are.
    const open = lost.filter(({ making }) => !found.includes(making));
    for (const { making } of open) making.run.failed(making.node, asError(cause));
    return { found, missing: [] };
  }
  return { found, missing };
}

/** Lists what holds them all. */
async function listAround<Api>(lost: readonly LostCreate<Api>[]): Promise<readonly Item[]> {
  const [first] = lost;
  if (!first) return [];
  const { kind, run, spec } = first.making;
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  const specs = lost.map(({ making }) => making.spec);
  const holder = typeof parent === "string" ? parent : undefined;
  return await listAll(run.engine.apiOf(kind), kind, holder, specs);
}

/** Objects that appeared since, bear the identity and are nobody's. */
async function findAppeared<Api>(making: StepRun<Api>, items: readonly Item[]): Promise<readonly Item[]> {
  const { kind, run, step } = making;
  const entry = entryOf(making);
  // Its manifest may have changed since it was begun.
  const spec = entry?.status === "unknown" ? entry.spec : making.spec;
  const owned = new Set(Object.values(run.store.state.resources).flatMap(placesOf).map(keyOfPlace));
  const before = entry?.before ?? step.before ?? [];
  const appeared = items.filter(
    (item) => !owned.has(keyOfPlace(item)) && !before.includes(item.id) && bearsIdentity(kind, item, spec),
  );
  if (!kind.copying || appeared.length === 0) return appeared;
  return await kind.copying.recognise(run.engine.apiOf(kind), appeared, { spec, begun: entry?.begun ?? 0 });
}
