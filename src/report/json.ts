import type { Failure } from "../core/failure.ts";
import { writeJson } from "../core/json-output.ts";
import { isoTime } from "../core/time.ts";
import type { RunEvent } from "../engine/events.ts";
import { countActions, type Plan, type PlannedCalls } from "../plan/plan.ts";

/** One event as one line of JSON. It contains only the properties named here: no specs and no secrets. */
export const renderEventJson = (event: RunEvent): string => `${writeJson(describe(event))}\n`;

function describe(event: RunEvent): { readonly [key: string]: unknown } {
  const { type } = event;
  const at = new Date(event.at).toISOString();
  switch (event.type) {
    case "run-started":
      return { type, at, steps: event.steps, counts: event.counts };
    case "run-finished":
      return { type, at, ms: event.ms, calls: event.calls };
    case "drift-found":
      return { type, at, address: event.address, paths: event.paths, accepted: event.accepted };
    case "check-started":
      return { type, at, address: event.address, check: event.check.name };
    case "check-finished": {
      const { address, check, failure, ...ended } = event.tried;
      const failed = failure ? { failure: describeFailure(failure) } : {};
      return { type, at, address, check: check.name, place: check.at, ...ended, ...failed };
    }
    case "came-along":
      return { type, at, addresses: event.addresses, object: event.object };
    case "not-looked-for":
      return { type, at, addresses: event.addresses, failure: describeFailure(event.failure) };
    case "not-read-back":
      return { type, at, failure: describeFailure(event.failure) };
    default: {
      const { address, kind, action } = event.step;
      return { type, at, address, kind, action, ...describeStep(event) };
    }
  }
}

type StepEvent = Extract<RunEvent, { readonly step: unknown }>;

function describeStep(event: StepEvent): { readonly [key: string]: unknown } {
  switch (event.type) {
    case "step-started":
      return { doing: event.doing };
    case "step-progressed":
      return { detail: event.detail, percent: event.percent, ...describeUntil(event) };
    case "step-finished":
      return {
        doing: event.doing,
        id: event.id,
        leaves: event.step.leaves,
        ms: event.ms,
        note: event.note,
      };
    case "step-failed":
      return { ms: event.ms, failure: describeFailure(event.failure) };
    case "step-prepared":
      return { ms: event.ms };
    case "step-skipped":
      return { because: event.because };
    case "step-pending":
      return { detail: event.detail, ...describeUntil(event) };
  }
}

const describeUntil = ({ until }: { readonly until?: number | undefined }) =>
  until === undefined ? {} : { until: isoTime(until / 1000) };

const describeFailure = ({ type, message, operation, code, logid, hint, fields, parts }: Failure) => ({
  type,
  operation,
  code,
  message,
  logid,
  hint,
  fields,
  parts,
});

/** The plan of a run as one line of JSON before its events. */
export function renderPlannedJson(at: number, plan: Plan, calls: PlannedCalls): string {
  const { "no-op": _unchanged, ...counts } = countActions(plan.steps);
  const answered = plan.answered.map(({ guard, addresses, ids, options }) => ({
    guard,
    addresses,
    ids,
    options,
  }));
  const facts = answered.length > 0 ? { counts, calls, answered } : { counts, calls };
  return `${writeJson({ type: "planned", at: new Date(at).toISOString(), ...facts })}\n`;
}
