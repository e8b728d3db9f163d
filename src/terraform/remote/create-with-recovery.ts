import { canonicalJson, type Values } from "../../core/value.ts";
import { asError } from "../../kind/batch-outcome.ts";
import { bearsIdentity, keyOfPlace, listLag } from "../../kind/identity-match.ts";
import type { Created, Item } from "../../kind/kind.ts";
import { longestSearch, pausesOfSearch } from "../../lifecycle/backoff.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import type { Batches } from "./batches.ts";
import type { Listings } from "./listings.ts";

/** A creation whose answer was lost is repeated at the most this often, and only when nothing came of it. */
const mostAttempts = 2;

/** Makes objects, whatever becomes of the answers. */
export interface Creation {
  create(kind: CozeKind, spec: Values, before: readonly string[] | undefined): Promise<Created>;
  /** Whether a task was begun by this process. */
  began(task: string): boolean;
}

/** Nothing was made yet. */
export function createRecovery(account: Account, listings: Listings, batches: Batches): Creation {
  const made = new Set<string>();
  const tasks = new Set<string>();

  const claims = new Set<string>();

  /** Of what Coze keeps once, two resources would be one object, and each undo what the other does. */
  function claim(kind: CozeKind, spec: Values): string {
    const key = canonicalJson([kind.name, ...kind.identity.map((name) => spec[name] ?? null)]);
    if (claims.has(key)) throw new Claimed(kind, spec);
    claims.add(key);
    return key;
  }

  function note(making: PendingCreate, created: Created): Created {
    if ("task" in created) tasks.add(created.task);
    else made.add(keyOf(making, created.id));
    return created;
  }

  /** Objects that appeared since, bear the identity and were made by nobody else here. */
  async function findAppeared(making: PendingCreate): Promise<readonly Item[]> {
    const { kind, spec, before, begun } = making;
    const { items } = await listings.find(kind, parentOf(making), { spec, since: account.now() });
    const isFree = ({ id }: Item) => before?.includes(id) !== true && !made.has(keyOf(making, id));
    const appeared = items.filter((item) => isFree(item) && bearsIdentity(kind, item, spec));
    if (!kind.copying || appeared.length === 0) return appeared;
    const known = await kind.copying.recognise(account.client, appeared, { spec, begun });
    return known.filter(isFree);
  }

  /** Searches at once, and again with growing pauses until lists have had the time to catch up. */
  async function search(making: PendingCreate, lost: Error): Promise<Created | undefined> {
    const isSlow = making.kind.listing?.appearsWithin !== undefined;
    const time = isSlow ? Math.min(longestSearch, account.timeout) : listLag;
    for (const pause of [0, ...pausesOfSearch(time)]) {
      if (pause > 0) await account.rest(pause);
      const [only, ...others] = await findAppeared(making).catch((cause: unknown) => {
        throw new Unsearched(making, lost, asError(cause));
      });
      if (only && others.length === 0 && isNew(making)) return note(making, { id: only.id });
      if (only) throw new Ambiguous(making, lost, [only, ...others]);
    }
    if (isSlow) throw new StillOpen(making, lost);
    return undefined;
  }

  return {
    began: (task) => tasks.has(task),
    async create(kind, spec, before) {
      const sole = kind.unique ? claim(kind, spec) : undefined;
      const making: PendingCreate = { kind, spec, before, begun: Math.floor(account.now() / 1000) };
      for (let attempt = 1; ; attempt += 1) {
        try {
          return note(making, await batches.create(kind, spec));
        } catch (error) {
          if (account.explain(error).type !== "unknown-outcome") {
            if (sole !== undefined) claims.delete(sole);
            throw error;
          }
          const found = await search(making, asError(error));
          if (found) return found;
          if (attempt >= mostAttempts) throw error;
        }
      }
    },
  };
}

interface PendingCreate {
  readonly kind: CozeKind;
  readonly spec: Values;
  /** Ids of objects of the same identity that were there before; undefined where that isn't known. */
  readonly before: readonly string[] | undefined;
  /** Epoch seconds. */
  readonly begun: number;
}

/** Whether what is found can't have been there before, or would be the same one if it had. */
const isNew = ({ kind, before }: PendingCreate): boolean => before !== undefined || kind.unique === true;

function parentOf({ kind, spec }: PendingCreate): string | undefined {
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  return typeof parent === "string" ? parent : undefined;
}

function keyOf(making: PendingCreate, id: string): string {
  const parent = parentOf(making);
  return `${making.kind.name} ${keyOfPlace({ id, ...(parent === undefined ? {} : { parent }) })}`;
}

/** How an import names an object that may be there. */
const importOf = (making: PendingCreate, id: string): string => [parentOf(making) ?? [], id].flat().join("/");

/** Another resource has made the object that a resource is to make. */
class Claimed extends Error {
  override readonly name = "Claimed";
  readonly hint = "leave one of the two out";

  constructor(kind: CozeKind, spec: Values) {
    const words = kind.identity.map((name) => `${name} ${String(spec[name])}`).join(", ");
    super(`another resource of this configuration has made it already: ${words}`);
  }
}

/** Several objects could be what came of a creation, or one that may have been there before. */
class Ambiguous extends Error {
  override readonly name = "Ambiguous";
  readonly hint: string;

  constructor(making: PendingCreate, cause: Error, items: readonly Item[]) {
    const ids = items.map(({ id }) => id);
    const [isOne, list] = [ids.length === 1, ids.join(", ")];
    const doubt = isOne
      ? `${list} is what came of it or was there before`
      : `${list} could each be what came of it`;
    super(`the creation got no answer, and ${doubt}`, { cause });
    const names = ids.map((id) => importOf(making, id)).join(" or ");
    const which = isOne ? "whether it is new and if so" : "which of them it is and";
    this.hint = `see in Coze ${which} import that (id ${names}): another apply makes one more`;
  }
}

/** What came of a creation can't be looked for. */
class Unsearched extends Error {
  override readonly name = "Unsearched";
  readonly hint: string;

  constructor(making: PendingCreate, lost: Error, cause: Error) {
    super(`${lost.message}; what came of it couldn't be looked for: ${cause.message}`, { cause: lost });
    this.hint = `see in Coze whether it is there, and if so import it (id ${importOf(making, "ID")}): another apply makes one more`;
  }
}

/** What a creation made may still appear. */
class StillOpen extends Error {
  override readonly name = "StillOpen";
  readonly hint: string;

  constructor(making: PendingCreate, cause: Error) {
    super(`${cause.message}; nothing came of it so far, and what it made may still appear`, { cause });
    const minutes = Math.ceil((making.kind.listing?.appearsWithin ?? 0) / 60);
    this.hint = `see in Coze for ${minutes} minutes whether it appears, and if so import it (id ${importOf(making, "ID")}): another apply makes one more`;
  }
}
