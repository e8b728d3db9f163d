import { commandLine } from "../../core/command-line.ts";
import { explain, say } from "../../messages/text.ts";
import { holdLock } from "../held-locks.ts";
import { Locked } from "../lock.ts";
import { isDead, type LockHolder, parseHolder } from "../lock-holder.ts";
import { StateError } from "../model.ts";
import { checkUnlocking, hintToUnlock, noLock, type Unlocking } from "../unlocking.ts";
import { unwritable } from "./requests.ts";
import type { Bucket, StoredObject } from "./s3-bucket.ts";
import type { BackendContext } from "./settings.ts";

/** A lock that this run took. */
export interface HeldLock {
  /** Reads the lock. Throws {@link StateError} when it is lost. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** How often a lock is renewed, and since when one that isn't renewed is probably that of a dead run; milliseconds. */
const renewalMs = 60_000;
const probablyDeadMs = 5 * 60_000;

/**
 * Takes the lock and renews it until it is released. Throws {@link Locked}, or `StateUnwritable` when it can't be taken
 * or the store has no conditional writes.
 */
export async function takeLock(
  bucket: Bucket,
  key: string,
  holder: LockHolder,
  context: BackendContext,
): Promise<HeldLock> {
  try {
    const etag = await putLock(bucket, key, holder, context);
    await probeConditions(bucket, key, holder, context);
    return holdObject(bucket.in("patient"), key, holder, { etag, context });
  } catch (error) {
    // It may have been taken all the same.
    if (context.signal?.aborted) await removeOwn(bucket.in("hurried"), key, holder);
    throw error instanceof Locked ? error : unwritable(error);
  }
}

const encode = (holder: LockHolder, { clock }: BackendContext): Uint8Array =>
  Buffer.from(JSON.stringify({ ...holder, renewed: new Date(clock.now()).toISOString() }));

const holderOf = ({ body }: StoredObject): LockHolder | undefined =>
  parseHolder(Buffer.from(body).toString());

async function putLock(
  bucket: Bucket,
  key: string,
  holder: LockHolder,
  context: BackendContext,
): Promise<string> {
  for (;;) {
    const taken = await bucket.put(key, encode(holder, context), { absent: true });
    if (taken !== undefined) return taken;
    const found = await bucket.get(key);
    // Released in the meantime.
    if (!found) continue;
    const other = holderOf(found);
    // The answer to an earlier attempt was lost.
    if (other?.id === holder.id) return found.etag;
    if (!other || !isDead(other, holder)) throw refuse(bucket.nameObject(key), found, context);
    const replaced = await bucket.put(key, encode(holder, context), { etag: found.etag });
    if (replaced !== undefined) return replaced;
  }
}

function refuse(place: string, found: StoredObject, { environment }: BackendContext): Locked {
  const holder = holderOf(found);
  if (found.age <= probablyDeadMs) return new Locked(place, holder, hintToUnlock(holder, environment));
  const line = commandLine(["state", "unlock", holder?.id ?? "ID"], { environment });
  const minutes = Math.floor(found.age / 60_000);
  return new Locked(place, holder, say("state/probably-dead", { minutes, commandLine: line }));
}

/** Without conditional writes, the second of two runs would overwrite the lock of the first. */
async function probeConditions(
  bucket: Bucket,
  key: string,
  holder: LockHolder,
  context: BackendContext,
): Promise<void> {
  const conditions = [{ absent: true }, { etag: '"00000000000000000000000000000000"' }] as const;
  for (const condition of conditions) {
    if ((await bucket.put(key, encode(holder, context), condition)) === undefined) continue;
    await bucket.remove(key);
    throw new StateError(bucket.nameObject(key), explain("state/s3-no-conditions"));
  }
}

function holdObject(
  bucket: Bucket,
  key: string,
  holder: LockHolder,
  { etag: first, context }: { readonly etag: string; readonly context: BackendContext },
): HeldLock {
  const { clock } = context;
  const ending = new AbortController();
  let etag = first;
  let lost: StateError | undefined;
  /** Adopts the lock if it is still this run's. */
  async function look(): Promise<void> {
    const found = await bucket.get(key);
    if (found && holderOf(found)?.id === holder.id) {
      etag = found.etag;
    } else {
      lost = new StateError(bucket.nameObject(key), explain("state/lock-lost"));
    }
  }
  async function renew(): Promise<void> {
    const renewed = await bucket.put(key, encode(holder, context), { etag });
    if (renewed === undefined) return look();
    etag = renewed;
  }
  const renewing = (async () => {
    for (;;) {
      await clock.sleep(renewalMs, ending.signal).catch(() => {});
      if (ending.signal.aborted || lost) return;
      // The next time may succeed, and until then no other run takes the lock by itself.
      await renew().catch(() => {});
    }
  })();
  return {
    async check() {
      if (!lost) await look();
      if (lost) throw lost;
    },
    release: holdLock(async () => {
      ending.abort();
      await renewing;
      await removeOwn(bucket, key, holder);
    }),
  };
}

/** Doesn't throw: the next run says whose lock is left. */
async function removeOwn(bucket: Bucket, key: string, holder: LockHolder): Promise<void> {
  try {
    const found = await bucket.get(key);
    await removeLock(bucket, key, found, holder.id);
  } catch {}
}

/** Removes a lock, also one that is renewed meanwhile, but none that another run takes. */
async function removeLock(
  bucket: Bucket,
  key: string,
  found: StoredObject | undefined,
  id: string | undefined,
): Promise<void> {
  if (!found || holderOf(found)?.id !== id || (await bucket.remove(key, found.etag))) return;
  const next = await bucket.get(key);
  if (next?.etag !== found.etag) return removeLock(bucket, key, next, id);
  // The store doesn't compare its own ETags.
  await bucket.remove(key);
}

/** Removes the lock of another run by its id. */
export async function breakLock(
  bucket: Bucket,
  key: string,
  id: string,
  unlocking: Unlocking,
): Promise<LockHolder> {
  const place = bucket.nameObject(key);
  const found = await bucket.get(key);
  if (!found) throw noLock(place);
  const holder = checkUnlocking(place, holderOf(found), id, unlocking);
  try {
    await removeLock(bucket, key, found, id);
  } catch (error) {
    throw unwritable(error);
  }
  return holder;
}
