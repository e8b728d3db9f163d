import type { Failure } from "../../core/failure.ts";
import type { Values } from "../../core/value.ts";
import type { CozeClient } from "../../coze/client.ts";
import { listLag } from "../../kind/identity-match.ts";
import type { Created, Item, Kind, Place } from "../../kind/kind.ts";
import type { Change, FollowUpCall } from "../../kind/schema.ts";
import { cozeProvider } from "../../kinds/index.ts";
import { type Account, type AccountOptions, openAccount } from "./account.ts";
import { createBatches } from "./batches.ts";
import { createRecovery } from "./create-with-recovery.ts";
import { createListings } from "./listings.ts";
import { locateObject } from "./locate-object.ts";
import { createRefresh } from "./refresh.ts";
import { createWaiter } from "./waiter.ts";
import { createWrites } from "./writes.ts";

/** What is remembered of an object when it is looked at. */
export interface Known {
  /** What was last seen or applied; a listing asks for no more than such specs need. */
  readonly spec: Values;
  /** The revision at which the whole object was last read. */
  readonly revision?: number;
  /** When it was made, epoch seconds: a list may not show it yet. */
  readonly made?: number;
}

/** An object as it is found. */
export type Sighting =
  | { readonly status: "absent" }
  | {
      readonly status: "present";
      readonly live: Values;
      /** Absent: it must be read whole the next time. */
      readonly revision?: number;
      /** `false`: `live` is only what the list tells; the rest is as it was. */
      readonly whole: boolean;
      readonly health?: Item["health"];
    };

/** What became of waiting for Coze's own work. */
export type Waited =
  | { readonly state: "ready" }
  | { readonly state: "failed"; readonly error: Error }
  | { readonly state: "left"; readonly why: string };

/**
 * One account at Coze for all resources of a process. Calls that can be shared are: lists by everyone who asks for the
 * same, writes that arrive together where one call takes several. Everything throws errors that `explain` understands.
 */
export interface Remote {
  /** Looks at one object: from a list shared by all, and by a call of its own only when it changed. */
  look(kind: Kind<CozeClient>, at: Place, known: Known): Promise<Sighting>;
  /** Looks after a write: nothing that was seen before counts, and what is written by now is past at Coze. */
  lookAgain(kind: Kind<CozeClient>, at: Place, known: Known): Promise<Sighting>;
  /**
   * All objects below a parent as this process last listed them. What it wrote itself since shows where `after` is
   * "writes"; and where lists lag, once that time has passed, with "lag".
   */
  list(
    kind: Kind<CozeClient>,
    parent: string | undefined,
    spec: Values,
    after?: "writes" | "lag",
  ): Promise<readonly Item[]>;
  /** Where the object of an id is, searched through everything that the token sees; undefined when nowhere. */
  locate(kind: Kind<CozeClient>, id: string): Promise<Place | undefined>;
  /**
   * Makes an object, together with others that arrive at the same time where one call takes several. When no answer
   * came, it looks for what came of it; `before`: ids of objects of the same identity that were there already, undefined
   * where that isn't known.
   */
  create(kind: Kind<CozeClient>, spec: Values, before: readonly string[] | undefined): Promise<Created>;
  update(kind: Kind<CozeClient>, at: Place, change: Change): Promise<void>;
  followUp(kind: Kind<CozeClient>, name: string, at: Place, spec: Values, call: FollowUpCall): Promise<void>;
  /** Gone already counts as removed. Goes out with others that arrive at the same time. */
  remove(kind: Kind<CozeClient>, at: Place): Promise<void>;
  /** Waits for Coze's own work on an object; looks at all that wait below one parent in one call. */
  settle(kind: Kind<CozeClient>, at: Place): Promise<Waited>;
  /** Waits for a task that makes an object. */
  follow(
    kind: Kind<CozeClient>,
    task: string,
  ): Promise<Waited | { readonly state: "made"; readonly id: string } | { readonly state: "lost" }>;
  /** Uploads a file's content once per process and content; gives Coze's file id. */
  upload(file: {
    readonly name: string;
    readonly sha256: string;
    readonly content: Uint8Array;
  }): Promise<string>;
  explain(error: unknown): Failure;
  /** From here on nothing new is begun: waiting ends, calls not sent yet fail as interrupted. */
  stop(): void;
  readonly stopped: boolean;
}

/** Opens an account for all resources of a process; sends nothing. */
export function createRemote(options: AccountOptions): Remote {
  const account = openAccount(options);
  const { client } = account;
  const writes = createWrites(account.now);
  const listings = createListings(account, writes);
  const batches = createBatches(account);
  const creation = createRecovery(account, listings, batches);
  const upload = createUpload(account);
  return {
    ...createRefresh(account, listings),
    ...createWaiter(account, creation),
    async list(kind, parent, spec, after) {
      const end = after === undefined ? undefined : writes.lastEnd({ kind, parent });
      const ask = end === undefined ? { spec } : { spec, since: end + (after === "lag" ? listLag : 0) };
      return (await listings.find(kind, parent, ask)).items;
    },
    locate: (kind, id) => locateObject({ account, listings, writes }, kind, id),
    create(kind, spec, before) {
      const parent = kind.parent === undefined ? undefined : spec[kind.parent];
      const below = { kind, parent: typeof parent === "string" ? parent : undefined };
      return writes.during(below, () => creation.create(kind, spec, before));
    },
    update: (kind, at, change) =>
      writes.during({ kind, parent: at.parent }, async () => kind.update?.(client, at, change)),
    followUp: (kind, name, at, spec, call) =>
      writes.during({ kind, parent: at.parent }, async () => {
        const followUp = kind.followUps?.find((one) => one.name === name);
        await followUp?.run(client, at, spec, call);
      }),
    remove: (kind, at) => batches.remove(kind, at),
    upload,
    explain: account.explain,
    stop: () => options.stopping.abort(),
    get stopped() {
      return account.stopped;
    },
  };
}

/** Uploads each content once; one that failed may be tried again. */
function createUpload({ client }: Account): Remote["upload"] {
  const uploads = new Map<string, Promise<string>>();
  return ({ name, sha256, content }) => {
    const upload = uploads.get(sha256) ?? cozeProvider.upload(client, { name, content });
    uploads.set(sha256, upload);
    upload.catch(() => uploads.delete(sha256));
    return upload;
  };
}
