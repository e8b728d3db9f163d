import { canonicalJson, type Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import { keyOfPlace } from "../../kind/identity-match.ts";
import type { BatchOutcome, Created, Item } from "../../kind/kind.ts";
import { asError } from "../../lifecycle/batching.ts";
import {
  type CreateFailure,
  type CreateHost,
  type CreateTrace,
  createWithRecovery,
  searchFor,
} from "../../lifecycle/create-with-recovery.ts";
import { longestSearch } from "../../lifecycle/poll-intervals.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import type { Batches } from "./batches.ts";
import type { Listings } from "./listings.ts";

/** Creates objects, also when the answers get lost. */
export interface Creation {
  create(kind: CozeKind, spec: Values, before: readonly string[] | undefined): Promise<Created>;
  /** Whether a task was begun by this process. */
  began(task: string): boolean;
}

/** A resource's creation. */
interface PendingCreate extends CreateTrace {
  readonly kind: CozeKind;
  resolve(created: Created): void;
  reject(error: Error): void;
}

/** Creations of one account. */
export function createCreation(account: Account, listings: Listings, batches: Batches): Creation {
  const made = new Set<string>();
  const tasks = new Set<string>();
  const claims = new Set<string>();

  /** Two resources for one object that Coze keeps once would undo each other's changes. */
  function claim(kind: CozeKind, spec: Values): string | undefined {
    if (!kind.unique) return undefined;
    const key = canonicalJson([kind.name, ...kind.identity.map((name) => spec[name] ?? null)]);
    if (claims.has(key)) throw new Claimed(kind, spec);
    claims.add(key);
    return key;
  }

  function note(creation: PendingCreate, created: Created): void {
    if ("task" in created) tasks.add(created.task);
    else made.add(keyOf(creation, created.id));
    creation.resolve(created);
  }

  function openHost(
    kind: CozeKind,
    claimed: string | undefined,
  ): CreateHost<Account["client"], PendingCreate> {
    const host: CreateHost<Account["client"], PendingCreate> = {
      api: account.client,
      kind,
      create: (creations) => Promise.all(creations.map(({ spec }) => outcomeOf(batches.create(kind, spec)))),
      async list([first]) {
        if (!first) return [];
        const { spec } = first;
        return (await listings.find(kind, holderId(kind, spec), { spec, since: account.now() })).items;
      },
      trace: (creation) => creation,
      findFree: (creation, items) => items.filter(({ id }) => !made.has(keyOf(creation, id))),
      async searchSlow(lost) {
        const missing = await searchFor(account, host, lost, Math.min(longestSearch, account.timeout));
        for (const { creation, error } of missing) creation.reject(new StillOpen(creation, error));
        return [];
      },
      created: note,
      found: (creation, { id }) => note(creation, { id }),
      failed(creation, failure) {
        if (failure.why === "refused" && claimed !== undefined) claims.delete(claimed);
        creation.reject(errorOf(creation, failure));
      },
    };
    return host;
  }

  return {
    began: (task) => tasks.has(task),
    create: (kind, spec, before) =>
      new Promise((resolve, reject) => {
        const host = openHost(kind, claim(kind, spec));
        const begun = Math.floor(account.now() / 1000);
        createWithRecovery(account, host, [{ kind, spec, before, begun, resolve, reject }]).catch(reject);
      }),
  };
}

const outcomeOf = <T>(call: Promise<T>): Promise<BatchOutcome<T>> =>
  call.then(
    (value) => ({ value }),
    (cause: unknown) => ({ error: asError(cause) }),
  );

function keyOf({ kind, spec }: PendingCreate, id: string): string {
  return `${kind.name} ${keyOfPlace({ id, parent: holderId(kind, spec) })}`;
}

/** The id with which an object can be imported. */
const importId = ({ kind, spec }: PendingCreate, id: string): string =>
  [holderId(kind, spec) ?? [], id].flat().join("/");

function errorOf(creation: PendingCreate, failure: CreateFailure): Error {
  switch (failure.why) {
    case "refused":
    case "lost":
      return failure.error;
    case "ambiguous":
      return new Ambiguous(creation, failure.error, failure.items);
    case "unsearched":
      return new Unsearched(creation, failure.error, failure.cause);
  }
}

/** Another resource has created the object that a resource is to create. */
class Claimed extends Error {
  override readonly name = "Claimed";
  readonly hint = "leave one of the two out";

  constructor(kind: CozeKind, spec: Values) {
    const words = kind.identity.map((name) => `${name} ${String(spec[name])}`).join(", ");
    super(`another resource of this configuration has made it already: ${words}`);
  }
}

/** Several objects could be the result of a creation, or one that may have been there before. */
class Ambiguous extends Error {
  override readonly name = "Ambiguous";
  readonly hint: string;

  constructor(creation: PendingCreate, cause: Error, items: readonly Item[]) {
    const ids = items.map(({ id }) => id);
    const [isOne, list] = [ids.length === 1, ids.join(", ")];
    const doubt = isOne
      ? `${list} is what came of it or was there before`
      : `${list} could each be what came of it`;
    super(`the creation got no answer, and ${doubt}`, { cause });
    const names = ids.map((id) => importId(creation, id)).join(" or ");
    const which = isOne ? "whether it is new and if so" : "which of them it is and";
    this.hint = `see in Coze ${which} import that (id ${names}): another apply makes one more`;
  }
}

/** The search for the object of a lost creation failed. */
class Unsearched extends Error {
  override readonly name = "Unsearched";
  readonly hint: string;

  constructor(creation: PendingCreate, lost: Error, cause: Error) {
    super(`${lost.message}; what came of it couldn't be looked for: ${cause.message}`, { cause: lost });
    this.hint = `see in Coze whether it is there, and if so import it (id ${importId(creation, "ID")}): another apply makes one more`;
  }
}

/** The object of a lost creation may still appear. */
class StillOpen extends Error {
  override readonly name = "StillOpen";
  readonly hint: string;

  constructor(creation: PendingCreate, cause: Error) {
    super(`${cause.message}; nothing came of it so far, and what it made may still appear`, { cause });
    const minutes = Math.ceil((creation.kind.listing?.appearsWithin ?? 0) / 60);
    this.hint = `see in Coze for ${minutes} minutes whether it appears, and if so import it (id ${importId(creation, "ID")}): another apply makes one more`;
  }
}
