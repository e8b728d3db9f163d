import pLimit from "p-limit";
import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import type { Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import type { Tried } from "../engine/events.ts";
import { describeFatal, isFatal } from "../engine/failures.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind, Place, ProbeState } from "../kind/kind.ts";
import type { Check } from "../kind/resource.ts";
import type { ProbeInput } from "../kind/schema.ts";
import { growPause } from "../lifecycle/poll-intervals.ts";
import { explain, say } from "../messages/text.ts";

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
 * interrupted, the checks that are left aren't asked and don't pass. Throws nothing of Coze's.
 */
export async function runChecks<Api>(
  engine: Engine<Api>,
  subjects: readonly Subject[],
  judge: Judge,
): Promise<readonly Tried[]> {
  const limit = pLimit(engine.parallelism);
  let end: Failure | undefined;
  const all = subjects.flatMap((subject) => subject.checks.map((check) => ({ subject, check })));
  return Promise.all(
    all.map((run) =>
      limit(async () => {
        const { address } = run.subject;
        const { check } = run;
        const begun = engine.clock.now();
        engine.onEvent({ type: "check-started", at: begun, address, check });
        const outcome = end ? notAsked(describeFatal(end)) : await runCheck(engine, run, judge);
        if (outcome.failure && isFatal.has(outcome.failure.type)) end ??= outcome.failure;
        // An answer to something of the environment's may well repeat that.
        const reply = check.hidden ? undefined : outcome.reply;
        const tried: Tried = { address, check, ...outcome, reply, ms: engine.clock.now() - begun };
        engine.onEvent({ type: "check-finished", at: engine.clock.now(), tried });
        return tried;
      }),
    ),
  );
}

/** One check of a subject. */
interface CheckRun {
  readonly subject: Subject;
  readonly check: Check;
}

type CheckOutcome = Omit<Tried, "address" | "check" | "ms">;

const notAsked = (why: string): CheckOutcome => ({
  passed: false,
  reason: say("promote/check-not-asked", { why }),
});

async function runCheck<Api>(engine: Engine<Api>, run: CheckRun, judge: Judge): Promise<CheckOutcome> {
  if (engine.signal?.aborted) return notAsked(say("promote/interrupted"));
  const asked = { again: false };
  const outcome = await judgeAnswer(engine, run, judge, asked);
  return asked.again ? { ...outcome, note: say("promote/check-asked-twice") } : outcome;
}

/** Whether a question was asked again. */
interface AskCount {
  again: boolean;
}

async function judgeAnswer<Api>(
  engine: Engine<Api>,
  run: CheckRun,
  judge: Judge,
  asked: AskCount,
): Promise<CheckOutcome> {
  const { check } = run;
  try {
    const { state, late } = await awaitAnswer(engine, run, asked);
    if (state.state === "failed") {
      const { reason, hint, cause } = state;
      return { passed: false, reason, hint, failure: cause && engine.provider.explain(cause) };
    }
    if (state.state === "working") return timeoutOutcome(engine, check);
    const { reply } = state;
    if (late) return { ...timeoutOutcome(engine, check), reply };
    const lacks = judge(reply, check.expect);
    if (lacks.length === 0) return { passed: true, reply };
    const reason = check.hidden
      ? say("promote/check-unexpected")
      : say("promote/check-unexpected-because", { lacks: lacks.join("; ") });
    return { passed: false, reply, reason };
  } catch (error) {
    const failure = engine.provider.explain(error);
    return { passed: false, reason: failure.message, hint: failure.hint, failure };
  }
}

function timeoutOutcome<Api>({ signal }: Engine<Api>, { within }: Check): CheckOutcome {
  if (signal?.aborted) return { passed: false, reason: say("promote/check-interrupted") };
  const { message: reason, hint } = explain("promote/check-timed-out", { seconds: within });
  return { passed: false, reason, hint };
}

/** What was answered, or what there is instead; `late`: it came at once, but later than it may. */
interface Answer {
  readonly state: ProbeState;
  readonly late: boolean;
}

/** Asks and looks, at growing intervals, until there is an answer or no time is left. */
async function awaitAnswer<Api>(
  engine: Engine<Api>,
  { subject, check }: CheckRun,
  asked: AskCount,
): Promise<Answer> {
  const { clock, signal } = engine;
  const kind = findKind(engine.provider, subject.kind);
  const deadline = clock.now() + check.within * 1000;
  let state = await ask(engine, kind, { subject, check }, asked);
  const late = clock.now() > deadline;
  for (let pause = growPause(0); state.state === "working"; pause = growPause(pause)) {
    const left = deadline - clock.now();
    if (left <= 0 || signal?.aborted) break;
    // The last look is made when the time is over, and what it finds was done by then.
    await clock.sleep(Math.min(pause, left), signal);
    state = await pollAnswer(engine, kind, state);
  }
  return { state, late };
}

/** That no answer came to a look says nothing of what is looked at. */
async function pollAnswer<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  state: Extract<ProbeState, { readonly state: "working" }>,
): Promise<ProbeState> {
  try {
    return (await kind.replyProbe?.follow(engine.apiOf(kind), state.token)) ?? state;
  } catch (error) {
    const { type, transient } = engine.provider.explain(error);
    if (transient || type === "unknown-outcome") return state;
    throw error;
  }
}

/**
 * Each question is paid for: one that got lost, or whose answer did, is asked once more and then no more. After half
 * of its time it isn't: what is given up for taking so long would be so again.
 */
async function ask<Api>(
  { clock, provider, apiOf, signal }: Engine<Api>,
  kind: Kind<Api>,
  { subject: { place, spec }, check }: CheckRun,
  asked: AskCount,
): Promise<ProbeState> {
  const { input, within } = check;
  const question: ProbeInput = { say: check.say, input };
  const begin = async (): Promise<ProbeState> => {
    if (!kind.replyProbe) throw new Error(`${kind.name} can't be asked anything`);
    return kind.replyProbe.begin(apiOf(kind), place, spec, question);
  };
  const begun = clock.now();
  try {
    return await begin();
  } catch (error) {
    const spent = (clock.now() - begun) / 1000;
    if (provider.explain(error).type !== "unknown-outcome" || signal?.aborted || spent > within / 2)
      throw error;
    asked.again = true;
    return begin();
  }
}
