import { ExplainedError } from "../../core/explained-error.ts";
import { canonicalJson, type Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import { keyOfPlace } from "../../kind/identity-match.ts";
import type { BatchOutcome, Created, Item, Place } from "../../kind/kind.ts";
import { asError } from "../../lifecycle/batching.ts";
import {
  type CreateFailure,
  type CreateHost,
  type CreateTrace,
  createWithRecovery,
  searchFor,
} from "../../lifecycle/create-with-recovery.ts";
import { longestSearch } from "../../lifecycle/poll-intervals.ts";
import { type Explained, explain } from "../../messages/text.ts";
import { anyOf, type CozeKind, importId } from "../schema/names.ts";
import type { Account } from "./account.ts";
import type { Batches } from "./batches.ts";
import type { Listings } from "./listings.ts";

/** Creates objects, also when the answers get lost. */
export interface Creation {
  create(kind: CozeKind, spec: Values, before: readonly string[] | undefined): Promise<Created>;
  /** Whether a task was begun by this process. */
  began(task: string): boolean;
  /** Whether an object was made by this process. */
  made(kind: CozeKind, at: Place): boolean;
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
    if (claims.has(key)) {
      const identity = kind.identity.map((name) => [name, spec[name]].join(" ")).join(", ");
      throw new ExplainedError(explain("terraform-resource/already-created", { identity }));
    }
    claims.add(key);
    return key;
  }

  function note(creation: PendingCreate, created: Created): void {
    if ("task" in created) tasks.add(created.task);
    else made.add(keyOf(creation.kind, placeOf(creation, created.id)));
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
      findFree: (creation, items) =>
        items.filter(({ id }) => !made.has(keyOf(creation.kind, placeOf(creation, id)))),
      async searchSlow(lost) {
        const missing = await searchFor(account, host, lost, Math.min(longestSearch, account.timeout));
        for (const { creation, error } of missing) {
          creation.reject(new ExplainedError(describeOpenCreation(creation, error), error));
        }
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
    made: (kind, at) => made.has(keyOf(kind, at)),
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

const placeOf = ({ kind, spec }: PendingCreate, id: string): Place => ({ id, parent: holderId(kind, spec) });

const keyOf = (kind: CozeKind, at: Place): string => `${kind.name}/${keyOfPlace(at)}`;

function errorOf(creation: PendingCreate, failure: CreateFailure): Error {
  switch (failure.why) {
    case "refused":
    case "lost":
      return failure.error;
    case "ambiguous":
      return new ExplainedError(describeAmbiguity(creation, failure.items), failure.error);
    case "unsearched": {
      const [error, cause] = [failure.error.message, failure.cause.message];
      const values = { error, cause, id: importId(creation.kind, creation.spec, "ID") };
      return new ExplainedError(explain("terraform-resource/unsearched-creation", values), failure.error);
    }
  }
}

/** Several objects could be the result of a creation, or one that may have been there before. */
function describeAmbiguity({ kind, spec }: PendingCreate, items: readonly Item[]): Explained {
  const ids = items.map(({ id }) => id);
  const imports = anyOf(ids.map((id) => importId(kind, spec, id)));
  return ids.length === 1
    ? explain("terraform-resource/doubtful-creation", { id: ids.join(), imports })
    : explain("terraform-resource/ambiguous-creation", { ids: ids.join(", "), imports });
}

/** The object of a lost creation may still appear. */
function describeOpenCreation({ kind, spec }: PendingCreate, { message: error }: Error): Explained {
  const count = Math.ceil((kind.listing?.appearsWithin ?? 0) / 60);
  return explain("terraform-resource/open-creation", { error, count, id: importId(kind, spec, "ID") });
}
