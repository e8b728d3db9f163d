import pLimit from "p-limit";
import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import type { Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import type { Tried } from "../engine/events.ts";
import { describeFatal, isFatal } from "../engine/fatal-failures.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind, Place, ProbeState } from "../kind/kind.ts";
import type { Check } from "../kind/resource.ts";
import type { ProbeInput } from "../kind/schema.ts";
import { growPause } from "../lifecycle/backoff.ts";

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
    all.map((asking) =>
      limit(async () => {
        const { address } = asking.subject;
        const { check } = asking;
        const begun = engine.clock.now();
        engine.onEvent({ type: "check-started", at: begun, address, check });
        const ended = end ? leave(describeFatal(end)) : conceal(check, await tryOne(engine, asking, judge));
        if (ended.failure && isFatal.has(ended.failure.type)) end ??= ended.failure;
        const tried: Tried = { address, check, ...ended, ms: engine.clock.now() - begun };
        engine.onEvent({ type: "check-finished", at: engine.clock.now(), tried });
        return tried;
      }),
    ),
  );
}

/** One check of a subject. */
interface Asking {
  readonly subject: Subject;
  readonly check: Check;
}

type Ended = Omit<Tried, "address" | "check" | "ms">;

const leave = (because: string): Ended => ({ passed: false, reason: `not asked: ${because}` });

const unexpected = "the answer isn't as expected";

/** An answer to something of the environment's, and what is missing in it, may well repeat that. */
function conceal({ hidden }: Check, ended: Ended): Ended {
  if (!hidden || ended.reply === undefined) return ended;
  const { reply: _, ...rest } = ended;
  return rest.reason?.startsWith(unexpected) ? { ...rest, reason: unexpected } : rest;
}

async function tryOne<Api>(engine: Engine<Api>, asking: Asking, judge: Judge): Promise<Ended> {
  if (engine.signal?.aborted) return leave("the run was interrupted");
  const asked = { again: false };
  const ended = await judgeAnswer(engine, asking, judge, asked);
  return asked.again
    ? { ...ended, note: "asked twice, since the first question or its answer got lost" }
    : ended;
}

/** Whether a question was asked again. */
interface Repetition {
  again: boolean;
}

async function judgeAnswer<Api>(
  engine: Engine<Api>,
  asking: Asking,
  judge: Judge,
  asked: Repetition,
): Promise<Ended> {
  const { check } = asking;
  try {
    const { state, late } = await awaitAnswer(engine, asking, asked);
    if (state.state === "failed") return { passed: false, ...tellFailure(engine, state) };
    if (state.state === "working") return tellLate(engine, check);
    const { reply } = state;
    if (late) return { ...tellLate(engine, check), reply };
    const lacks = judge(reply, check.expect);
    if (lacks.length === 0) return { passed: true, reply };
    return { passed: false, reply, reason: `${unexpected}: ${lacks.join("; ")}` };
  } catch (error) {
    return { passed: false, ...tellError(engine, error) };
  }
}

function tellError<Api>(engine: Engine<Api>, error: unknown) {
  const failure = engine.provider.explain(error);
  return { reason: failure.message, ...(failure.hint === undefined ? {} : { hint: failure.hint }), failure };
}

function tellFailure<Api>(
  engine: Engine<Api>,
  { reason, hint, cause }: Extract<ProbeState, { readonly state: "failed" }>,
) {
  const failure = cause && engine.provider.explain(cause);
  return { reason, ...(hint === undefined ? {} : { hint }), ...(failure ? { failure } : {}) };
}

function tellLate<Api>({ signal }: Engine<Api>, { within }: Check): Ended {
  if (signal?.aborted) return { passed: false, reason: "the run was interrupted before the answer came" };
  const hint = "run again, or give the check more time: within";
  return { passed: false, reason: `no answer came within ${within} seconds`, hint };
}

/** What was answered, or what there is instead; `late`: it came at once, but later than it may. */
interface Answer {
  readonly state: ProbeState;
  readonly late: boolean;
}

/** Asks and looks, at growing intervals, until there is an answer or no time is left. */
async function awaitAnswer<Api>(
  engine: Engine<Api>,
  { subject, check }: Asking,
  asked: Repetition,
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
    state = await lookAgain(engine, kind, state);
  }
  return { state, late };
}

/** That no answer came to a look says nothing of what is looked at. */
async function lookAgain<Api>(
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
  { subject: { place, spec }, check }: Asking,
  asked: Repetition,
): Promise<ProbeState> {
  const { say, input, within } = check;
  const question: ProbeInput = {
    ...(say === undefined ? {} : { say }),
    ...(input === undefined ? {} : { input }),
  };
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
