import { findBlamed } from "../core/blame.ts";
import type { Failure } from "../core/failure.ts";
import { formatPath, type Path } from "../core/shape.ts";
import type { Values } from "../core/value.ts";
import { explain } from "../kinds/failure.ts";
import type { CozeKind } from "./coze-kind.ts";
import type { Complaint } from "./door.ts";
import { resourceType } from "./names.ts";
import type { Remote } from "./remote.ts";
import type { CallFailure } from "./resource/apply.ts";
import { comparing, toValues } from "./resource/values.ts";
import { onOneLine, sentence } from "./sentence.ts";

/** A call that failed, and what it was made for. */
export interface FailedCall extends CallFailure {
  readonly planned: Values;
  /** Undefined: there is no object. */
  readonly id: string | undefined;
}

/** A call of a resource's apply that failed: what, of which attribute, in Coze's own words, and the next move. */
export function complainOfCall(
  kind: CozeKind,
  remote: Pick<Remote, "explain">,
  { error, doing, call, sent, planned, id }: FailedCall,
): Complaint {
  const failure = remote.explain(error);
  const blamed = findBlamed(kind, failure, toValues(kind.fields, planned, comparing), sent);
  const what = [verbs[call] ?? call, resourceType(kind), id].filter(Boolean).join(" ");
  // A creation that went on to another call has made something.
  const made = doing === "create" && id !== undefined ? `It is made and stays in the state, as ${id}.` : "";
  return tell(
    failure,
    `could not ${what}`,
    [describeBlamed(blamed), made, id === undefined ? "" : describeGone(failure)],
    blamed,
  );
}

/** Looking at what is in a state failed; `doing` in words: `read 7530`. */
export function complainOfLook(kind: CozeKind, doing: string, error: unknown): Complaint {
  const failure = explain(error);
  return tell(failure, `could not ${doing} (${resourceType(kind)})`, [describeGone(failure)], []);
}

/** The same for what isn't in a state yet; `doing` in words: `import 7530`. */
export const complainOfSearch = (kind: CozeKind, doing: string, error: unknown): Complaint =>
  tell(explain(error), `could not ${doing} (${resourceType(kind)})`, [], []);

/** Calls whose name isn't what is done to the object. */
const verbs: { readonly [call: string]: string } = { settle: "finish" };

function tell(
  failure: Failure,
  what: string,
  notes: readonly string[],
  [path, ...others]: readonly Path[],
): Complaint {
  const { message, hint, parts = [] } = failure;
  const lines = [
    ...parts.map(({ text }) => `- ${onOneLine(text)}`),
    ...notes,
    describeTrace(failure),
    hint === undefined ? "" : sentence(hint),
  ].filter((line) => line !== "");
  return {
    severity: "error",
    summary: onOneLine(`${what}: ${message}`),
    ...(lines.length > 0 ? { detail: lines.join("\n") } : {}),
    ...(path && others.length === 0 ? { path } : {}),
  };
}

/** By which Coze's documentation and support find the call. */
function describeTrace({ operation, code, logid }: Failure): string {
  const facts = [
    ...(operation === undefined ? [] : [operation]),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(logid === undefined ? [] : [`logid ${logid}`]),
  ];
  return facts.length === 0 ? "" : `The call: ${facts.join(", ")}.`;
}

/** Of several attributes none can be pointed at. */
const describeBlamed = (blamed: readonly Path[]): string =>
  blamed.length > 1 ? `It is about one of ${blamed.map(formatPath).join(", ")}.` : "";

const describeGone = ({ maybeGone }: Failure): string =>
  maybeGone ? "If it was deleted in Coze's pages, let go of it: terraform state rm ADDRESS." : "";
