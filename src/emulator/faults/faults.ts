import type { BodyParts, RouteResult } from "../http/envelope.ts";
import type { Operation } from "../http/operation.ts";
import type { TokenRegistry } from "../http/tokens.ts";
import type { ListLag } from "../world/list-lag.ts";
import type { World } from "../world/world.ts";
import { act, momentOf, NoAnswer } from "./fault-actions.ts";
import { changeOf, isSameBody, truncate } from "./fault-answers.ts";
import type { FaultName, FaultRule } from "./fault-rules.ts";

/** A request that a rule met. */
export interface FaultHit {
  readonly rule: FaultRule;
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  /** The emulator's clock, in milliseconds. */
  readonly at: number;
}

/** What goes wrong in an emulator; may be changed at any time. */
export interface Faults {
  readonly rules: readonly FaultRule[];
  /** What happened, oldest first, whatever the rules are by now; the latest 10,000. */
  readonly hits: readonly FaultHit[];
  /** Puts these rules in place of those before; counts and times begin anew. */
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
  readonly tokens: Pick<TokenRegistry, "expireAll" | "revoke" | "admit">;
}

/** The request that rules are held against. */
export interface Met {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly bearer: string | undefined;
  readonly logid: string;
  /** Makes the response of an outcome, with further headers. */
  readonly respond: (outcome: RouteResult, headers: Record<string, string>) => Response;
}

/** The faults of one request, asked for in this order. */
export interface Encounter {
  /** The names of those that struck so far. */
  readonly struck: readonly FaultName[];
  /** Before the effect: an answer in its place, or an error that cuts the connection. */
  before(): Promise<Response | undefined>;
  /** The world to answer a list from. */
  look(): World;
  /** Whether a list that is asked for a later page answers the first. */
  turnsBack(): boolean;
  /** Once the effect is saved: what the answer says. */
  bend(body: BodyParts): BodyParts;
  /** Just before the answer leaves: another one, or an error that cuts the connection. */
  after(response: Response): Promise<Response>;
}

interface Watch {
  readonly rule: FaultRule;
  readonly since: number;
  seen: number;
  hits: number;
  firstHit: number | undefined;
}

const keptHits = 10_000;

/** Makes the faults of an emulator, and the function that holds a request against them. */
export function createFaults(services: FaultServices): {
  readonly faults: Faults;
  readonly meet: (met: Met) => Encounter;
} {
  const { world, lag } = services;
  const hits: FaultHit[] = [];
  let watches: readonly Watch[] = [];
  const set = (rules: readonly FaultRule[]): void => {
    const since = world.now();
    watches = rules.map((rule) => ({ rule, since, seen: 0, hits: 0, firstHit: undefined }));
    lag.keep(Math.max(0, ...rules.map((rule) => (rule.fault === "list-lag" ? rule.ms : 0))));
  };
  return {
    faults: {
      get rules() {
        return watches.map(({ rule }) => rule);
      },
      hits,
      set,
      clear: () => set([]),
    },
    meet: (met) =>
      createEncounter(services, watches, met, (hit) => {
        hits.push(hit);
        services.onFault(hit);
        hits.splice(0, Math.max(0, hits.length - keptHits));
      }),
  };
}

function createEncounter(
  services: FaultServices,
  watches: readonly Watch[],
  met: Met,
  keep: (hit: FaultHit) => void,
): Encounter {
  const { world, lag } = services;
  const { method, path, operation } = met;
  const struck: FaultName[] = [];
  const due = (watch: Watch): boolean => isDue(watch, met, world.now(), services.random);
  const strike = (watch: Watch): void => {
    const at = world.now();
    watch.hits += 1;
    watch.firstHit ??= at;
    struck.push(watch.rule.fault);
    keep({ rule: watch.rule, method, path, operation: operation.name, at });
  };
  const strikeAll = (fault: FaultName): readonly FaultRule[] => {
    const found = watches.filter((watch) => watch.rule.fault === fault && due(watch));
    found.forEach(strike);
    return found.map(({ rule }) => rule);
  };
  const { wait, giveUp } = createWaiting(services);

  async function pass(moment: "before" | "after"): Promise<Response | undefined> {
    for (const watch of watches) {
      if (momentOf(watch.rule) !== moment || !due(watch)) continue;
      strike(watch);
      const answer = await act(watch.rule, moment, { ...services, met, wait });
      if (answer) return answer;
    }
    return undefined;
  }

  return {
    struck,
    async before() {
      const answer = await pass("before");
      if (answer) giveUp();
      return answer;
    },
    look() {
      if (!operation.lists) return world;
      const rules = strikeAll("list-lag");
      const ms = Math.max(0, ...rules.map((rule) => (rule.fault === "list-lag" ? rule.ms : 0)));
      if (ms === 0) return world;
      // What was changed by hand is noticed here.
      lag.record();
      return lag.look(operation.lists, ms);
    },
    turnsBack: () => strikeAll("repeat-page").length > 0,
    bend(body) {
      if (body.code !== 0) return body;
      return watches.reduce((bent, watch) => {
        const change = changeOf(watch.rule);
        const changed = change?.(bent) ?? bent;
        if (!change || isSameBody(bent, changed) || !due(watch)) return bent;
        strike(watch);
        return changed;
      }, body);
    },
    async after(response) {
      let answer = (await pass("after")) ?? response;
      giveUp();
      for (const watch of watches) {
        const { rule } = watch;
        if ((rule.fault !== "truncate" && rule.fault !== "empty") || !due(watch)) continue;
        strike(watch);
        const text = await answer.text();
        const bytes = rule.fault === "empty" ? "" : truncate(text, rule.inside_character ?? false);
        answer = new Response(bytes, { status: answer.status, headers: answer.headers });
      }
      return answer;
    },
  };
}

// A caller that counts time by the emulator's clock has no timer of its own that could end its waiting.
function createWaiting({ sleep, patienceMs }: FaultServices) {
  let waited = 0;
  return {
    async wait(ms: number): Promise<void> {
      waited += ms;
      await sleep(ms);
    },
    giveUp(): void {
      if (waited > patienceMs) throw new NoAnswer("no answer within the time", "ETIMEDOUT");
    },
  };
}

function isDue(watch: Watch, met: Met, now: number, random: () => number): boolean {
  const { calls = {}, operation } = watch.rule;
  const passed = now - watch.since;
  const spent = watch.firstHit === undefined ? 0 : now - watch.firstHit;
  const isOpen =
    [operation].flat().some((name) => concerns(name, met)) &&
    passed >= (calls.from_ms ?? 0) &&
    passed < (calls.until_ms ?? Number.POSITIVE_INFINITY) &&
    spent < (calls.for_ms ?? Number.POSITIVE_INFINITY) &&
    watch.hits < (calls.times ?? Number.POSITIVE_INFINITY);
  if (!isOpen) return false;
  watch.seen += 1;
  const counted = watch.seen - (calls.skip ?? 0);
  if (counted <= 0 || counted % (calls.every ?? 1) !== 0) return false;
  return calls.probability === undefined || random() < calls.probability;
}

// The token endpoints answer in a way of their own: they are met by name only.
function concerns(name: string, { operation }: Met): boolean {
  if (name === operation.name) return true;
  if (operation.oauth) return false;
  return name === "*" || (name === "writes" && operation.writes) || (name === "reads" && !operation.writes);
}
