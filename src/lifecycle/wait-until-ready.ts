import type { Kind, Place, Settlement } from "../kind/kind.ts";
import { ContentRefused, ProcessingFailed } from "../kind/processing-errors.ts";
import { growPause } from "./poll-intervals.ts";
import type { WaitLeft } from "./poll-task.ts";
import { isTransient, type Port } from "./port.ts";

/** How a wait for Coze's own work on an object ended. */
export type WaitEnd =
  | { readonly state: "ready" }
  | { readonly state: "failed"; readonly error: ProcessingFailed }
  | WaitLeft;

/** What Coze says of work that goes on. */
export type Progress = Extract<Settlement, { readonly state: "working" }>;

/** One object to wait for. */
interface WaitRequest<Api> {
  readonly api: Api;
  readonly kind: Pick<Kind<Api>, "name" | "settle">;
  readonly place: Place;
  /** When waiting ends, epoch milliseconds; after the port's time-out by default. */
  readonly deadline?: number | undefined;
  /** Called with each progress that differs from the one before. */
  onProgress?(progress: Progress): void;
}

/** Waits until objects are ready. */
export interface Waiter<Api> {
  /**
   * Ends with the object's work, its time-out or the port's stop. A transient failure of a look says nothing of that
   * work; with any other it rejects.
   */
  wait(request: WaitRequest<Api>): Promise<WaitEnd>;
}

/** A waiter that looks at all objects of one kind below one parent in one call. */
export function createWaiter<Api>(port: Port): Waiter<Api> {
  const groups = new Map<string, WaitGroup<Api>>();
  return {
    wait: (request) =>
      new Promise((resolve, reject) => {
        const { kind, place, deadline = port.now() + port.timeout } = request;
        const member = { request, deadline, resolve, reject };
        const key = JSON.stringify([kind.name, place.parent ?? null]);
        const group = groups.get(key);
        if (group) return joinGroup(group, member, port);
        const first = openGroup(member, port);
        groups.set(key, first);
        void runGroup(port, first, () => groups.delete(key));
      }),
  };
}

interface Member<Api> {
  readonly request: WaitRequest<Api>;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** The last progress, as text. */
  progress?: string;
  resolve(end: WaitEnd): void;
  reject(error: unknown): void;
}

/** Objects that wait together, and when they are looked at next. */
interface WaitGroup<Api> {
  readonly members: Set<Member<Api>>;
  pause: number;
  /** Epoch milliseconds. */
  due: number;
  /** Fires when the next look has become due earlier. */
  sooner: AbortController;
  /** How the last look failed, if it did. */
  trouble: { readonly error?: unknown };
}

function openGroup<Api>(member: Member<Api>, { now }: Port): WaitGroup<Api> {
  // Work is never done at once, so a look before the first pause would be wasted.
  const pause = growPause(0);
  return {
    members: new Set([member]),
    pause,
    due: now() + pause,
    sooner: new AbortController(),
    trouble: {},
  };
}

/** A new member is looked at as soon as if it waited alone. */
function joinGroup<Api>(group: WaitGroup<Api>, member: Member<Api>, { now }: Port): void {
  group.members.add(member);
  group.pause = growPause(0);
  group.due = Math.min(group.due, now() + group.pause);
  group.sooner.abort();
  group.sooner = new AbortController();
}

async function runGroup<Api>(port: Port, group: WaitGroup<Api>, end: () => void): Promise<void> {
  while (group.members.size > 0) {
    leave(group, "timed-out", ({ deadline }) => group.due > deadline);
    const left = group.due - port.now();
    if (port.stopped) leave(group, "interrupted", () => true);
    else if (left > 0) await port.sleep(left, group.sooner.signal);
    else await lookAtAll(port, group);
  }
  end();
}

function leave<Api>(
  { members, trouble }: WaitGroup<Api>,
  why: WaitLeft["why"],
  isOver: (member: Member<Api>) => boolean,
): void {
  for (const member of [...members].filter(isOver)) {
    members.delete(member);
    member.resolve({ state: "left", why, ...(why === "timed-out" ? trouble : {}) });
  }
}

async function lookAtAll<Api>(port: Port, group: WaitGroup<Api>): Promise<void> {
  const members = [...group.members];
  // Set before the call: a new member may bring the next look forward meanwhile.
  group.pause = growPause(group.pause);
  group.due = port.now() + group.pause;
  try {
    const settlements = await look(members);
    group.trouble = {};
    members.forEach((member, index) => {
      const end = endOf(member, settlements[index]);
      if (!end) return;
      group.members.delete(member);
      member.resolve(end);
    });
  } catch (error) {
    group.trouble = { error };
    if (isTransient(port, error)) return;
    for (const member of members) {
      group.members.delete(member);
      member.reject(error);
    }
  }
}

async function look<Api>(members: readonly Member<Api>[]): Promise<readonly Settlement[]> {
  const [first] = members;
  if (!first) return [];
  const { kind, api } = first.request;
  return (
    (await kind.settle?.(
      api,
      members.map(({ request }) => request.place),
    )) ?? []
  );
}

/** How a member's wait ended; undefined while Coze is still at work. */
function endOf<Api>(member: Member<Api>, settlement: Settlement = { state: "ready" }): WaitEnd | undefined {
  switch (settlement.state) {
    case "ready":
      return { state: "ready" };
    case "failed":
      return { state: "failed", error: describeEnd(settlement) };
    case "working": {
      const progress = JSON.stringify([settlement.detail, settlement.percent]);
      if (progress !== member.progress) member.request.onProgress?.(settlement);
      member.progress = progress;
      return undefined;
    }
  }
}

function describeEnd({
  reason,
  refused,
}: Extract<Settlement, { readonly state: "failed" }>): ProcessingFailed {
  return refused ? new ContentRefused(reason) : new ProcessingFailed(reason);
}
