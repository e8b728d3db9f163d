import type { Failure } from "../../core/failure.ts";
import type { Values } from "../../core/value.ts";
import type { CozeClient } from "../../coze/client.ts";
import { holderId } from "../../kind/holder.ts";
import { listLag } from "../../kind/identity-match.ts";
import type { Created, Item, Kind, Place, Published } from "../../kind/kind.ts";
import { TaskFailed } from "../../kind/processing-errors.ts";
import type { Change, FollowUpCall } from "../../kind/schema.ts";
import { cozeProvider } from "../../kinds/index.ts";
import { pollTask } from "../../lifecycle/poll-task.ts";
import { createWaiter, type WaitEnd } from "../../lifecycle/wait-until-ready.ts";
import { type Account, type AccountOptions, openAccount } from "./account.ts";
import { createBatches } from "./batches.ts";
import { type Creation, createCreation } from "./creation.ts";
import { createListings, createWrites } from "./listings.ts";
import { createRefresh, type Refresh } from "./refresh.ts";

/** How the wait for a task ended. */
type FollowEnd =
  | { readonly state: "made"; readonly id: string }
  | { readonly state: "failed"; readonly error: Error }
  | { readonly state: "lost" }
  | Extract<WaitEnd, { readonly state: "left" }>;

/**
 * One account at Coze for all resources of a process. Calls that can be shared are: lists by all that ask for the same,
 * writes that arrive together where one call takes several. Everything throws errors that `explain` understands.
 */
export interface Remote extends Refresh {
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
  /**
   * Makes an object, together with others that arrive at the same time where one call takes several. When no answer
   * came, it searches for the object; `before`: ids of objects of the same identity that were there already, undefined
   * where that isn't known.
   */
  create(kind: Kind<CozeClient>, spec: Values, before: readonly string[] | undefined): Promise<Created>;
  /** Whether an object was made by this process. */
  made(kind: Kind<CozeClient>, at: Place): boolean;
  /** Which of some objects may be what a spec wants, for a kind whose objects don't show their identity. */
  recognise(kind: Kind<CozeClient>, items: readonly Item[], spec: Values): Promise<readonly Item[]>;
  update(kind: Kind<CozeClient>, at: Place, change: Change): Promise<void>;
  /** Gives the version that the call made, if it made one. */
  followUp(
    kind: Kind<CozeClient>,
    name: string,
    at: Place,
    spec: Values,
    call: FollowUpCall,
  ): Promise<Published | undefined>;
  /** Gone already counts as removed. Goes out with others that arrive at the same time. */
  remove(kind: Kind<CozeClient>, at: Place): Promise<void>;
  /** Waits for Coze's own work on an object until `deadline`, epoch milliseconds, or half an hour; looks at all that wait below one parent in one call. */
  settle(kind: Kind<CozeClient>, at: Place, deadline?: number): Promise<WaitEnd>;
  /** Waits for a task that makes an object. */
  follow(kind: Kind<CozeClient>, task: string, deadline?: number): Promise<FollowEnd>;
  /** Uploads a file's content once per process and content; gives Coze's file id. */
  upload(file: {
    readonly name: string;
    readonly sha256: string;
    readonly content: Uint8Array | Blob;
  }): Promise<string>;
  explain(error: unknown): Failure;
  /** Waits, unless the process is to stop. Milliseconds. */
  pause(ms: number): Promise<void>;
  /** Takes note of secrets that are going to be sent: no message and no log shows them. */
  keepSecret(...texts: readonly string[]): void;
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
  const creation = createCreation(account, listings, batches);
  const waiter = createWaiter<CozeClient>(account);
  return {
    ...createRefresh(account, listings, writes),
    async list(kind, parent, spec, after) {
      const end = after === undefined ? undefined : writes.lastEnd({ kind, parent });
      const since = end === undefined ? undefined : end + (after === "lag" ? listLag : 0);
      return (await listings.find(kind, parent, { spec, since })).items;
    },
    create: (kind, spec, before) =>
      writes.during({ kind, parent: holderId(kind, spec) }, () => creation.create(kind, spec, before)),
    made: creation.made,
    recognise: async (kind, items, spec) =>
      items.length === 0 ? [] : ((await kind.copying?.recognise(client, items, { spec, begun: 0 })) ?? items),
    update: (kind, at, change) =>
      writes.during({ kind, parent: at.parent }, async () => kind.update?.(client, at, change)),
    followUp: (kind, name, at, spec, call) =>
      writes.during({ kind, parent: at.parent }, async () => {
        const followUp = kind.followUps?.find((one) => one.name === name);
        return (await followUp?.run(client, at, spec, call)) ?? undefined;
      }),
    remove: (kind, at) => batches.remove(kind, at),
    settle: (kind, place, deadline) => waiter.wait({ api: client, kind, place, deadline }),
    follow: (kind, task, deadline) => followTask(account, creation, kind, { task, deadline }),
    upload: createUpload(account),
    explain: account.explain,
    pause: (ms) => account.sleep(ms),
    keepSecret: (...texts) => options.secrets?.add(...texts),
    stop: () => options.stopping.abort(),
    get stopped() {
      return account.stopped;
    },
  };
}

async function followTask(
  account: Account,
  { began }: Creation,
  kind: Kind<CozeClient>,
  { task, deadline }: { readonly task: string; readonly deadline: number | undefined },
): Promise<FollowEnd> {
  const end = await pollTask(account, account.client, kind, task, { resumed: !began(task), deadline });
  switch (end.state) {
    case "done":
      return { state: "made", id: end.id };
    case "failed": {
      const parts = (end.parts ?? []).map(({ text }) => ({ text }));
      return { state: "failed", error: new TaskFailed(end, parts) };
    }
    case "lost":
    case "left":
      return end;
  }
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
