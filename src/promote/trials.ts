import pLimit from "p-limit";
import type { Address } from "../core/address.ts";
import type { Kind, Place, TrialState } from "../core/kind.ts";
import type { Check } from "../core/resource.ts";
import type { Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import type { Tried } from "../engine/events.ts";
import { findKind } from "../engine/kinds.ts";
import { growPause } from "../engine/pauses.ts";

/** An object to try: its checks, and the values that they may depend on. */
export interface Subject {
  readonly address: Address;
  readonly kind: string;
  readonly place: Place;
  readonly spec: Values;
  readonly checks: readonly Check[];
}

/** What tells whether a reply is as a check expects: what it lacks, in words. */
export type Judge = (reply: string, expect: Check["expect"]) => readonly string[];

/**
 * Asks what checks ask, several at a time, and judges the answers. Once no call works any more, or the run is
 * interrupted, the checks that are left don't pass. Throws nothing of Coze's.
 */
export async function runChecks<Api>(
  engine: Engine<Api>,
  subjects: readonly Subject[],
  judge: Judge,
): Promise<readonly Tried[]> {
  const limit = pLimit(engine.parallelism);
  const all = subjects.flatMap((subject) => subject.checks.map((check) => ({ subject, check })));
  return Promise.all(
    all.map(({ subject, check }) =>
      limit(async () => {
        const { address } = subject;
        const begun = engine.clock.now();
        engine.onEvent({ type: "check-started", at: begun, address, check });
        const ended = await tryOne(engine, subject, check, judge);
        const tried: Tried = { address, check, ...ended, ms: engine.clock.now() - begun };
        engine.onEvent({ type: "check-finished", at: engine.clock.now(), tried });
        return tried;
      }),
    ),
  );
}

type Ended = Omit<Tried, "address" | "check" | "ms">;

async function tryOne<Api>(
  engine: Engine<Api>,
  subject: Subject,
  check: Check,
  judge: Judge,
): Promise<Ended> {
  if (engine.signal?.aborted) return { passed: false, reason: "the run was interrupted before it" };
  try {
    const begun = engine.clock.now();
    const state = await awaitAnswer(engine, subject, check);
    if (state.state === "failed") return { passed: false, ...tellFailure(state) };
    if (state.state === "working") return tellLate(engine, check);
    const late = engine.clock.now() - begun > check.within * 1000;
    if (late) return { ...tellLate(engine, check), reply: state.reply };
    const lacks = judge(state.reply, check.expect);
    return lacks.length === 0
      ? { passed: true, reply: state.reply }
      : { passed: false, reply: state.reply, reason: `the answer isn't as expected: ${lacks.join("; ")}` };
  } catch (error) {
    const failure = engine.provider.explain(error);
    const hint = failure.hint === undefined ? {} : { hint: failure.hint };
    return { passed: false, reason: failure.message, ...hint, failure };
  }
}

const tellFailure = ({ reason, hint }: Extract<TrialState, { readonly state: "failed" }>) => ({
  reason,
  ...(hint === undefined ? {} : { hint }),
});

function tellLate<Api>({ signal }: Engine<Api>, { within }: Check): Ended {
  if (signal?.aborted) return { passed: false, reason: "the run was interrupted before the answer came" };
  const hint = "ask again, or give it longer: within";
  return { passed: false, reason: `no answer came within ${within} seconds`, hint };
}

/** Asks and looks, at growing intervals, until there is an answer or no time is left. */
async function awaitAnswer<Api>(engine: Engine<Api>, subject: Subject, check: Check): Promise<TrialState> {
  const { clock, signal } = engine;
  const kind = findKind(engine.provider, subject.kind);
  const { trial } = kind;
  if (!trial) throw new Error(`${subject.kind} can't be asked anything`);
  const deadline = clock.now() + check.within * 1000;
  let state = await ask(engine, kind, subject, check);
  for (let pause = growPause(0); state.state === "working"; pause = growPause(pause)) {
    const left = deadline - clock.now();
    if (left <= 0 || signal?.aborted) return state;
    await clock.sleep(Math.min(pause, left), signal);
    state = await lookAgain(engine, kind, state);
  }
  return state;
}

/** That no answer came to a look says nothing of what is looked at. */
async function lookAgain<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  state: Extract<TrialState, { readonly state: "working" }>,
): Promise<TrialState> {
  try {
    return (await kind.trial?.follow(engine.apiOf(kind), state.token)) ?? state;
  } catch (error) {
    const { type, transient } = engine.provider.explain(error);
    if (transient || type === "unknown-outcome") return state;
    throw error;
  }
}

/** Each question is paid for, so one whose answer got lost is asked once more and then no more. */
async function ask<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  { place, spec }: Subject,
  { say, input }: Check,
): Promise<TrialState> {
  const begin = async (): Promise<TrialState> => {
    if (!kind.trial) throw new Error(`${kind.name} can't be asked anything`);
    const question = { ...(say === undefined ? {} : { say }), ...(input === undefined ? {} : { input }) };
    return kind.trial.begin(engine.apiOf(kind), place, spec, question);
  };
  try {
    return await begin();
  } catch (error) {
    if (engine.provider.explain(error).type !== "unknown-outcome" || engine.signal?.aborted) throw error;
    return begin();
  }
}
