import { commandLine } from "../core/command-line.ts";
import type { Location } from "../core/diagnostic.ts";
import { ExplainedError } from "../core/explained-error.ts";
import type { Failure, Whereabouts } from "../core/failure.ts";
import { formatPath, type Path } from "../core/spec-walk.ts";
import { type FailureFields, findFailureFields } from "../kind/failure-fields.ts";
import { say } from "../messages/text.ts";
import type { Step } from "../plan/plan.ts";

/** Failures after which no call will work. */
export const isFatal: ReadonlySet<Failure["type"]> = new Set(["signed-out", "billing", "out-of-calls"]);

/** Why the rest of a run isn't done. */
export function describeFatal({ type, message }: Failure): string {
  if (type === "billing") return say("engine/billing");
  return type === "signed-out" ? say("engine/token-rejected") : message;
}

/** The failure of a step that Coze's answer to a call for several leaves out. */
export const describeMissing = (step: Step | undefined): string =>
  say("engine/no-outcome", { address: step?.address ?? "" });

/** The error of a step whose content Coze rejects. */
export const explainRefusal = (message = say("engine/refused")): ExplainedError =>
  new ExplainedError({ message, hint: say("engine/refused.hint") });

/** Where a part of a resource's spec is written; undefined for resources that no longer have a manifest. */
export type Locate = (address: string, path: Path) => Location | undefined;

/** The project's resource for an object at Coze, in any environment; undefined when there is none. */
export type LocateId = (id: string) => Promise<Whereabouts | undefined>;

/**
 * A step's failure with the fields that it is about, and with the next move if the step's object may be gone; `sent`:
 * top-level fields of the call that failed.
 */
export function locateFailure(
  kind: FailureFields,
  step: Step,
  failure: Failure,
  { sent, locate }: { readonly sent: readonly string[]; readonly locate: Locate },
): Failure {
  const fields = findFailureFields(kind, failure, step.spec ?? {}, sent).flatMap((path) => {
    const at = locate(step.address, path);
    return at ? [{ path: formatPath(path), at }] : [];
  });
  const isThere = step.calls[0]?.call !== "create" && (step.place ?? step.removes[0]) !== undefined;
  return {
    ...failure,
    fields: fields.length > 0 ? fields : failure.fields,
    hint: adviseForget(failure, isThere ? step.address : undefined),
  };
}

/** The hint of a failure, with how to forget a resource whose object may be gone. */
export function adviseForget({ hint, maybeGone }: Failure, address: string | undefined): string | undefined {
  if (!maybeGone || address === undefined) return hint;
  return [hint, say("engine/forget", { address, commandLine: commandLine(["state", "rm", address]) })]
    .filter(Boolean)
    .join("; ");
}

/** What a failed observation was about: a resource, or the place of a token that Coze doesn't accept. */
export interface ObserveSubject {
  readonly subject?: string | undefined;
  readonly at?: Location | undefined;
}

/** An observation of Coze that failed. */
export class ObserveError extends Error {
  override readonly name = "LookFailed";
  readonly failure: Failure;
  readonly hint: string | undefined;
  /** The resource, or the source of the token that Coze doesn't accept. */
  readonly subject: string | undefined;
  readonly at: Location | undefined;

  constructor(failure: Failure, { subject, at }: ObserveSubject, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
    this.hint = failure.hint;
    this.subject = subject;
    this.at = at;
  }
}
