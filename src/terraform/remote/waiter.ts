import type { Place, Settlement } from "../../kind/kind.ts";
import { ProcessingFailed, TaskFailed } from "../../kind/processing-errors.ts";
import { growPause, mostUnanswered } from "../../lifecycle/backoff.ts";
import { pollTask } from "../../lifecycle/poll.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import type { Creation } from "./create-with-recovery.ts";
import type { Remote, Waited } from "./remote.ts";

/** Waits for Coze's own work. */
export function createWaiter(account: Account, { began }: Creation): Pick<Remote, "settle" | "follow"> {
  const vigils = new Map<string, WaitGroup>();
  return {
    settle: (kind, at) =>
      new Promise((resolve, reject) => {
        const waiter = { place: at, deadline: account.now() + account.timeout, resolve, reject };
        const key = JSON.stringify([kind.name, at.parent ?? null]);
        const vigil = vigils.get(key);
        if (vigil) return join(vigil, waiter, account);
        const first = openVigil(waiter, account);
        vigils.set(key, first);
        void keepVigil(account, kind, first, () => vigils.delete(key));
      }),
    async follow(kind, task) {
      const look = async () => {
        if (!kind.copying) throw new Error(`${kind.name} has no tasks`);
        return await kind.copying.follow(account.client, task);
      };
      const end = await pollTask(task, look, {
        now: account.now,
        sleep: (ms) => account.rest(ms),
        stopped: () => account.stopped,
        timeout: account.timeout,
        resumed: !began(task),
        isTransient: (error) => account.stopped || account.explain(error).transient === true,
      });
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
    },
  };
}

interface Waiter {
  readonly place: Place;
  /** Epoch milliseconds. */
  readonly deadline: number;
  resolve(waited: Waited): void;
  reject(error: unknown): void;
}

/** All that wait below one parent, and when they are looked at next. */
interface WaitGroup {
  readonly waiters: Set<Waiter>;
  pause: number;
  /** Epoch milliseconds. */
  due: number;
  /** Fires when the next look has become due earlier. */
  sooner: AbortController;
  /** Looks without an answer, one after another. */
  unanswered: number;
}

function openVigil(waiter: Waiter, { now }: Account): WaitGroup {
  // Nothing is ever done at once, so looking before the first pause would be a call for nothing.
  const pause = growPause(0);
  const due = now() + pause;
  return { waiters: new Set([waiter]), pause, due, sooner: new AbortController(), unanswered: 0 };
}

/** Whoever is new is looked at as soon as if they waited alone. */
function join(vigil: WaitGroup, waiter: Waiter, { now }: Account): void {
  vigil.waiters.add(waiter);
  vigil.pause = growPause(0);
  vigil.due = Math.min(vigil.due, now() + vigil.pause);
  vigil.sooner.abort();
  vigil.sooner = new AbortController();
}

async function keepVigil(account: Account, kind: CozeKind, vigil: WaitGroup, end: () => void): Promise<void> {
  while (vigil.waiters.size > 0) {
    leaveSome(vigil, "timed out", ({ deadline }) => vigil.due > deadline);
    const left = vigil.due - account.now();
    if (account.stopped) leaveSome(vigil, "interrupted", () => true);
    else if (left > 0) await account.rest(left, vigil.sooner.signal);
    else await lookAtAll(account, kind, vigil);
  }
  end();
}

function leaveSome({ waiters }: WaitGroup, why: string, which: (waiter: Waiter) => boolean): void {
  for (const waiter of [...waiters].filter(which)) {
    waiters.delete(waiter);
    waiter.resolve({ state: "left", why });
  }
}

async function lookAtAll(account: Account, kind: CozeKind, vigil: WaitGroup): Promise<void> {
  const waiters = [...vigil.waiters];
  // Set before the call: whoever joins meanwhile may bring the next look forward.
  vigil.pause = growPause(vigil.pause);
  vigil.due = account.now() + vigil.pause;
  try {
    const settlements = await kind.settle?.(
      account.client,
      waiters.map(({ place }) => place),
    );
    vigil.unanswered = 0;
    waiters.forEach((waiter, index) => {
      const waited = waitedFor(settlements?.[index]);
      if (!waited) return;
      vigil.waiters.delete(waiter);
      waiter.resolve(waited);
    });
  } catch (error) {
    vigil.unanswered += 1;
    const isTransient = account.stopped || account.explain(error).transient === true;
    if (isTransient && vigil.unanswered < mostUnanswered) return;
    for (const waiter of waiters) {
      vigil.waiters.delete(waiter);
      waiter.reject(error);
    }
  }
}

/** Undefined: Coze is still at it. */
function waitedFor(settlement: Settlement = { state: "ready" }): Waited | undefined {
  switch (settlement.state) {
    case "ready":
      return { state: "ready" };
    case "failed":
      return { state: "failed", error: new ProcessingFailed(settlement.reason) };
    case "working":
      return undefined;
  }
}
