import type { BodyParts } from "../http/envelope.ts";
import type { ListLag } from "../world/list-lag.ts";
import type { World } from "../world/world.ts";
import {
  alterationBy,
  type FaultedCall,
  type FaultedTokens,
  injectFault,
  isSameBody,
  NoAnswer,
  timingOf,
  truncate,
} from "./fault-actions.ts";
import type { FaultName, FaultRule } from "./fault-rules.ts";

/** A fault that was injected into a request. */
export interface FaultHit {
  readonly rule: FaultRule;
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  /** The emulator's clock, in milliseconds. */
  readonly at: number;
}

/** The faults of an emulator; its rules may be changed at any time. */
export interface Faults {
  readonly rules: readonly FaultRule[];
  /** What happened, oldest first, under these rules and earlier ones; the latest 10,000. */
  readonly hits: readonly FaultHit[];
  /** Replaces the rules; counts and times start from zero. */
  set(rules: readonly FaultRule[]): void;
  clear(): void;
}

/** What faults need of the emulator around them. */
export interface FaultServices {
  readonly world: World;
  readonly lag: ListLag;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly patienceMs: number;
  readonly onFault: (hit: FaultHit) => void;
  readonly tokens: FaultedTokens;
}

/** The faults of one call; its members are used in this order. */
export interface CallFaults {
  /** The names of the faults injected so far. */
  readonly injected: readonly FaultName[];
  /** Before the effect: an answer that replaces the real one. Throws {@link NoAnswer} to cut the connection. */
  before(): Promise<Response | undefined>;
  /** The world that a list is answered from. */
  listedWorld(): World;
  /** Whether a list answers its first page to a request for a later one. */
  repeatsFirstPage(): boolean;
  /** Once the effect is saved: the body of the answer. */
  alterBody(body: BodyParts): BodyParts;
  /** Just before the answer leaves: the answer to send. Throws {@link NoAnswer} to cut the connection. */
  after(response: Response): Promise<Response>;
}

interface ActiveRule {
  readonly rule: FaultRule;
  readonly since: number;
  seen: number;
  hits: number;
  firstHit: number | undefined;
}

const keptHits = 10_000;

/** Makes the faults of an emulator, and the function that selects those of a call. */
export function createFaults(services: FaultServices): {
  readonly faults: Faults;
  readonly faultsOf: (call: FaultedCall) => CallFaults;
} {
  const { world, lag } = services;
  const hits: FaultHit[] = [];
  let active: readonly ActiveRule[] = [];
  const set = (rules: readonly FaultRule[]): void => {
    const since = world.now();
    active = rules.map((rule) => ({ rule, since, seen: 0, hits: 0, firstHit: undefined }));
    lag.remember(longestLag(rules));
  };
  return {
    faults: {
      get rules() {
        return active.map(({ rule }) => rule);
      },
      hits,
      set,
      clear: () => set([]),
    },
    faultsOf: (call) =>
      createCallFaults(services, active, call, (hit) => {
        hits.push(hit);
        services.onFault(hit);
        hits.splice(0, Math.max(0, hits.length - keptHits));
      }),
  };
}

const longestLag = (rules: readonly FaultRule[]): number =>
  Math.max(0, ...rules.map((rule) => (rule.fault === "list-lag" ? rule.ms : 0)));

function createCallFaults(
  services: FaultServices,
  active: readonly ActiveRule[],
  call: FaultedCall,
  report: (hit: FaultHit) => void,
): CallFaults {
  const { world, lag } = services;
  const { operation } = call;
  const { injected, isDue, hit, hitAll } = createHits(services, active, call, report);
  const { wait, endIfTooLate } = createPatience(services);

  async function inject(timing: "before" | "after"): Promise<Response | undefined> {
    for (const one of active) {
      if (timingOf(one.rule) !== timing || !isDue(one)) continue;
      hit(one);
      const answer = await injectFault(one.rule, timing, { ...services, call, wait });
      if (answer) return answer;
    }
    return undefined;
  }

  return {
    injected,
    async before() {
      const answer = await inject("before");
      if (answer) endIfTooLate();
      return answer;
    },
    listedWorld() {
      if (!operation.lists) return world;
      const ms = longestLag(hitAll("list-lag"));
      if (ms === 0) return world;
      // Changes that tests made to the world directly are recorded here.
      lag.record();
      return lag.worldBefore(operation.lists, ms);
    },
    repeatsFirstPage: () => hitAll("repeat-page").length > 0,
    alterBody(body) {
      if (body.code !== 0) return body;
      return active.reduce((before, one) => {
        const alter = alterationBy(one.rule);
        const altered = alter?.(before) ?? before;
        if (!alter || isSameBody(before, altered) || !isDue(one)) return before;
        hit(one);
        return altered;
      }, body);
    },
    async after(response) {
      let answer = (await inject("after")) ?? response;
      endIfTooLate();
      for (const one of active) {
        if ((one.rule.fault !== "truncate" && one.rule.fault !== "empty") || !isDue(one)) continue;
        hit(one);
        answer = await shorten(answer, one.rule);
      }
      return answer;
    },
  };
}

/** The hits of one call. */
function createHits(
  { world, random }: FaultServices,
  active: readonly ActiveRule[],
  call: FaultedCall,
  report: (hit: FaultHit) => void,
) {
  const { method, path, operation } = call;
  const injected: FaultName[] = [];
  const isDue = (one: ActiveRule): boolean => countCall(one, call, world.now(), random);
  const hit = (one: ActiveRule): void => {
    const at = world.now();
    one.hits += 1;
    one.firstHit ??= at;
    injected.push(one.rule.fault);
    report({ rule: one.rule, method, path, operation: operation.name, at });
  };
  const hitAll = (fault: FaultName): readonly FaultRule[] => {
    const found = active.filter((one) => one.rule.fault === fault && isDue(one));
    found.forEach(hit);
    return found.map(({ rule }) => rule);
  };
  return { injected, isDue, hit, hitAll };
}

async function shorten(
  answer: Response,
  rule: Extract<FaultRule, { readonly fault: "truncate" | "empty" }>,
): Promise<Response> {
  const text = await answer.text();
  const bytes = rule.fault === "empty" ? "" : truncate(text, rule.inside_character ?? false);
  return new Response(bytes, { status: answer.status, headers: answer.headers });
}

// A caller that counts time by the emulator's clock has no timer of its own that could end its waiting.
function createPatience({ sleep, patienceMs }: FaultServices) {
  let waited = 0;
  return {
    async wait(ms: number): Promise<void> {
      waited += ms;
      await sleep(ms);
    },
    endIfTooLate(): void {
      if (waited > patienceMs) throw new NoAnswer("no answer within the time", "ETIMEDOUT");
    },
  };
}

/** Counts a call, and says whether the rule applies to it. */
function countCall(one: ActiveRule, call: FaultedCall, now: number, random: () => number): boolean {
  const { calls = {}, operation } = one.rule;
  const passed = now - one.since;
  const sinceFirst = one.firstHit === undefined ? 0 : now - one.firstHit;
  const isOpen =
    [operation].flat().some((name) => matchesOperation(name, call)) &&
    passed >= (calls.from_ms ?? 0) &&
    passed < (calls.until_ms ?? Number.POSITIVE_INFINITY) &&
    sinceFirst < (calls.for_ms ?? Number.POSITIVE_INFINITY) &&
    one.hits < (calls.times ?? Number.POSITIVE_INFINITY);
  if (!isOpen) return false;
  one.seen += 1;
  const counted = one.seen - (calls.skip ?? 0);
  if (counted <= 0 || counted % (calls.every ?? 1) !== 0) return false;
  return calls.probability === undefined || random() < calls.probability;
}

// The token endpoints answer in their own form, so only their names select them.
function matchesOperation(name: string, { operation }: FaultedCall): boolean {
  if (name === operation.name) return true;
  if (operation.oauth) return false;
  return name === "*" || (name === "writes" && operation.writes) || (name === "reads" && !operation.writes);
}
