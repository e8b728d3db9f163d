import { codes, Refusal } from "./envelope.ts";

/** The limits of an emulator's calls. */
export interface LimitOptions {
  /** Of all operations together. */
  readonly perSecond?: number | undefined;
  /** Of single operations, by their names. */
  readonly operations?: { readonly [operation: string]: number } | undefined;
  /** How many calls of an operation may be under way at once; by default as many as the reference says. */
  readonly concurrency?: { readonly [operation: string]: number } | undefined;
  /** After this many calls, failed ones included, every further call fails: the free plan has a lifetime quota of 500. */
  readonly totalCalls?: number | undefined;
  /** Refusals carry `Retry-After` with this many seconds; without the header unless given. */
  readonly retryAfterSeconds?: number | undefined;
}

/** The operations that refuse concurrent calls according to their pages. */
const publishedConcurrency: NonNullable<LimitOptions["concurrency"]> = {
  add_enterprise_member: 1,
  remove_enterprise_member: 1,
  add_organization_people: 1,
  remove_organization_member: 1,
};

/** The limits that the reference gives for single operations, as personal plans have them. */
export const publishedLimits: LimitOptions = {
  operations: {
    upload_files: 10,
    add_bot_collaborator: 5,
    remove_bot_collaborator: 5,
    add_app_collaborator: 5,
    remove_app_collaborator: 5,
    add_workflow_collaborator: 5,
    remove_workflow_collaborator: 5,
  },
  concurrency: publishedConcurrency,
};

/** Counts calls and refuses those beyond the limits. */
export interface CallLimits {
  /** Counts a new call; throws a {@link Refusal} if it exceeds a limit. Returns the function to call at its end. */
  enter(operation: string): () => void;
}

/**
 * Limits over sliding windows of one second, so that bursts are refused. For rates below one call a second, the window is
 * as long as the interval of calls. Refused calls don't count.
 */
export function createLimits(options: LimitOptions, now: () => number): CallLimits {
  const overall = createWindow(options.perSecond ?? Number.POSITIVE_INFINITY, now);
  const windows = new Map(
    Object.entries(options.operations ?? {}).map(([name, perSecond]) => [name, createWindow(perSecond, now)]),
  );
  const underWay = new Map<string, number>();
  let calls = 0;
  return {
    enter(operation) {
      calls += 1;
      if (calls > (options.totalCalls ?? Number.POSITIVE_INFINITY)) {
        throw new Refusal(codes.freeQuotaUsed, "The free quota of API calls has been used up");
      }
      const own = windows.get(operation);
      const running = underWay.get(operation) ?? 0;
      const most = { ...publishedConcurrency, ...options.concurrency }[operation] ?? Number.POSITIVE_INFINITY;
      if (overall.isFull() || own?.isFull() || running >= most) throw tooMany(options.retryAfterSeconds);
      overall.add();
      own?.add();
      underWay.set(operation, running + 1);
      return () => underWay.set(operation, (underWay.get(operation) ?? 1) - 1);
    },
  };
}

function tooMany(retryAfterSeconds: number | undefined): Refusal {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return new Refusal(codes.tooManyCalls, "The request frequency exceeds the limit", { headers });
}

function createWindow(perSecond: number, now: () => number) {
  const most = Math.max(1, Math.floor(perSecond));
  const lengthMs = 1000 * Math.max(1, 1 / perSecond);
  let taken: number[] = [];
  return {
    isFull(): boolean {
      const since = now() - lengthMs;
      taken = taken.filter((at) => at > since);
      return taken.length >= most;
    },
    add(): void {
      if (perSecond !== Number.POSITIVE_INFINITY) taken.push(now());
    },
  };
}
