import type { Location } from "../core/diagnostic.ts";
import type { Failure } from "../core/failure.ts";
import { formatPath, type Path } from "../core/spec-walk.ts";
import { type FailureFields, findFailureFields } from "../kind/failure-fields.ts";
import type { Step } from "../plan/plan.ts";

/** Where a part of a resource's spec is written; undefined for resources that have no manifest any more. */
export type Locate = (address: string, path: Path) => Location | undefined;

/**
 * A step's failure with the fields that it is about, and with what to do should the step's object be gone; `sent`:
 * top-level fields of the call that failed.
 */
export function locateFailure(
  kind: FailureFields,
  step: Step,
  failure: Failure,
  { sent, locate }: { readonly sent: readonly string[]; readonly locate: Locate },
): Failure {
  const blamed = findFailureFields(kind, failure, step.spec ?? {}, sent).flatMap((path) => {
    const at = locate(step.address, path);
    return at ? [{ path: formatPath(path), at }] : [];
  });
  const isThere = step.calls[0]?.call !== "create" && (step.place ?? step.removes[0]) !== undefined;
  const forget = `if it was deleted in Coze's pages, forget it with "cozeform state rm ${step.address}"`;
  return {
    ...failure,
    ...(blamed.length > 0 ? { fields: blamed } : {}),
    ...(failure.maybeGone && isThere ? { hint: [failure.hint, forget].filter(Boolean).join("; ") } : {}),
  };
}
