import { headerLine, type Journal, type JournalHeader } from "../journal.ts";
import type { BackendContext } from "./settings.ts";

/** How the lines of a journal are written to a store where each write takes a while. */
export interface LineWriting {
  /** Writes lines durably, each with its line feed; the next lines wait until it ends. The first begin with the header. */
  write(lines: readonly Uint8Array[]): Promise<void>;
  /** Lines that nothing waits for are written this many milliseconds after the last write. */
  readonly pauseMs: number;
  /** Each write takes the whole state: only {@link Journal.synced} is worth one at once. */
  readonly isWhole?: boolean;
}

/**
 * Begins a journal whose lines gather while a write is under way, and go with the next one: the number of writes doesn't
 * grow with the number of lines. After a write has failed nothing more is written.
 */
export function openGatheredJournal(
  header: JournalHeader,
  { write, pauseMs, isWhole = false }: LineWriting,
  clock: BackendContext["clock"],
): Journal {
  const closing = new AbortController();
  let gathered = [encodeLine(headerLine(header))];
  let isNew = false;
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let isWaiting = false;
  let lastEnd = clock.now();
  let failure: { readonly error: unknown } | undefined;

  async function writeGathered(): Promise<void> {
    if (failure || !isNew) return;
    const lines = gathered;
    gathered = [];
    isNew = false;
    writing = write(lines)
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        writing = undefined;
        lastEnd = clock.now();
      });
    await writing;
  }
  /** Resolves when the lines so far are written, or can't be. */
  function flush(): Promise<void> {
    if (!isNew && !next) return writing ?? Promise.resolve();
    next ??= (writing ?? Promise.resolve()).then(() => {
      next = undefined;
      return writeGathered();
    });
    return next;
  }
  const dueIn = (): number => Math.max(0, lastEnd + pauseMs - clock.now());
  async function flushLater(): Promise<void> {
    isWaiting = true;
    // A write that doesn't wait takes the lines along, and begins the pause again.
    while (!closing.signal.aborted && isNew && (dueIn() > 0 || writing))
      await (writing ?? clock.sleep(dueIn(), closing.signal).catch(() => {}));
    isWaiting = false;
    if (!closing.signal.aborted) await flush();
  }
  const check = (): void => {
    if (failure) throw failure.error;
  };
  const synced = async (): Promise<void> => {
    await flush();
    check();
  };
  return {
    append(record) {
      check();
      gathered.push(encodeLine(record));
      isNew = true;
      if (pauseMs === 0) void flush();
      else if (!isWaiting) void flushLater();
    },
    kept: isWhole ? async () => check() : synced,
    synced,
    dueIn,
    async close() {
      closing.abort();
      await (next ?? writing);
    },
  };
}

const encodeLine = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);
