import type { Failure } from "../../core/failure.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import type { Values } from "../../core/value.ts";
import { findFailureFields } from "../../kind/failure-fields.ts";
import { holderKind } from "../../kind/holder.ts";
import { explain } from "../../kinds/call-errors.ts";
import type { Remote } from "../remote/remote.ts";
import type { CallFailure } from "../resource/apply.ts";
import { comparing, toValues } from "../resource/attribute-conversion.ts";
import {
  type CozeKind,
  describeReference,
  type Reference,
  referencesIn,
  resourceType,
} from "../schema/names.ts";

import type { ProviderDiagnostic } from "./provider-interface.ts";
import { longestSummary, onOneLine, sentence } from "./text.ts";

/** A call that failed, and what it was made for. */
export interface FailedCall extends CallFailure {
  readonly planned: Values;
  /** Undefined: there is no object. */
  readonly id: string | undefined;
}

/** A call of a resource's apply that failed: what, of which attribute, in Coze's own words, and the next move. */
export function diagnoseCall(
  kind: CozeKind,
  remote: Pick<Remote, "explain">,
  { error, doing, call, sent, planned, id }: FailedCall,
): ProviderDiagnostic {
  const failure = remote.explain(error);
  const spec = toValues(kind.fields, planned, comparing);
  // What is to be made can't be what isn't there.
  const missing = call === "create" ? findMissing(kind, failure, spec) : [];
  const found = findFailureFields(kind, failure, spec, sent);
  const failureFields = found.length > 0 ? found : missing.map(({ path }) => path);
  const what = [verbs[call] ?? call, resourceType(kind), id].filter(Boolean).join(" ");
  // A creation that went on to another call has made something.
  const made = doing === "create" && id !== undefined ? `It is made and stays in the state, as ${id}.` : "";
  return describeFailure(
    missing.length > 0 && failure.type === "not-found" ? { ...failure, hint: undefined } : failure,
    `could not ${what}`,
    [
      describeFailureFields(failureFields),
      made,
      id === undefined ? "" : describeMaybeGone(failure),
      describeAllMissing(missing),
    ],
    failureFields,
  );
}

/** Ids of which one may be of nothing: those that Coze's own words name, else all. */
function findMissing(kind: CozeKind, { type, said = "" }: Failure, spec: Values): readonly Reference[] {
  if (type !== "not-found" && type !== "forbidden") return [];
  const all = referencesIn(kind.fields, spec);
  const numbers = said.split(/\D+/u);
  const named = all.filter(({ id }) => numbers.includes(id));
  if (named.length > 0) return named;
  // With a missing permission, ids are only mentioned where Coze's message names them.
  return type === "not-found" ? all : [];
}

const describeMissing = ({ path, shape, id }: Reference): string =>
  `Check ${formatPath(path)}, ${id}: it must be the id of a ${resourceType({ name: shape.kind })} that the token may see, such as ${describeReference(shape)}.`;

const checkIdsHint = "check that each id is of something that the token may see";

function describeAllMissing([first, ...others]: readonly Reference[]): string {
  if (first === undefined) return "";
  return others.length === 0 ? describeMissing(first) : sentence(checkIdsHint);
}

/** What holds an object that is to be made isn't there, as a look at it while planning shows. */
export function warnOfMissingParent(kind: CozeKind, id: string, failure: Failure): ProviderDiagnostic {
  const [holder] = parentReferencesIn(kind, id);
  const notes = ["Applying will fail unless that is mended.", holder ? describeMissing(holder) : ""];
  return {
    severity: "warning",
    summary: `Coze shows no ${resourceType({ name: holderKind(kind) ?? "" })} ${id}`,
    detail: linesOf({ ...failure, hint: undefined }, notes).join("\n"),
    path: holder?.path,
  };
}

const parentReferencesIn = ({ fields, parent }: CozeKind, id: string | undefined): readonly Reference[] =>
  parent === undefined || id === undefined ? [] : referencesIn(fields, { [parent]: id });

/** While planning, Coze couldn't be asked for what is there already; `parent`: where it would be. */
export function warnOfFailedListing(
  kind: CozeKind,
  failure: Failure,
  parent: string | undefined,
): ProviderDiagnostic {
  // What may only not be listed may be made, each process has calls of its own, and Coze's own trouble may pass.
  const mayPass =
    ["forbidden", "not-found", "out-of-calls"].includes(failure.type) ||
    (failure.transient === true && failure.code !== undefined);
  const outlook = mayPass
    ? "Whether it has what is to be made already isn't known, and applying may fail as well."
    : "Applying will fail unless that is mended.";
  // What isn't there may look the same.
  const holders = failure.type === "forbidden" ? parentReferencesIn(kind, parent) : [];
  const notes = [outlook, describeAllMissing(holders)];
  const lines = [sentence(onOneLine(failure.message)), ...linesOf(failure, notes)];
  return {
    severity: "warning",
    summary: "Coze couldn't be asked what is there already",
    detail: lines.join("\n"),
  };
}

/** Looking at what is in a state failed; `doing` in words: `read 7530`. */
export function diagnoseRead(kind: CozeKind, doing: string, error: unknown): ProviderDiagnostic {
  const failure = explain(error);
  return describeFailure(
    failure,
    `could not ${doing} (${resourceType(kind)})`,
    [describeMaybeGone(failure)],
    [],
  );
}

/** The same for what isn't in a state yet; `given`: what it is looked for by. */
export function diagnoseSearch(kind: CozeKind, verb: string, error: unknown, given = ""): ProviderDiagnostic {
  const what = `could not ${verb} ${resourceType(kind)}`;
  const whole = given === "" ? what : `${what} ${given}`;
  const failure = explain(error);
  const hint = failure.type === "not-found" ? checkIdsHint : failure.hint;
  return describeFailure(
    { ...failure, hint },
    whole.length <= longestSummary ? whole : `${what}: ${given}`,
    [],
    [],
  );
}

/** Calls whose name isn't what is done to the object. */
const verbs: { readonly [call: string]: string } = { settle: "finish" };

function describeFailure(
  failure: Failure,
  what: string,
  notes: readonly string[],
  [path, ...others]: readonly Path[],
): ProviderDiagnostic {
  const lines = linesOf(failure, notes);
  return {
    severity: "error",
    summary: onOneLine(`${what}: ${failure.message}`),
    detail: lines.length > 0 ? lines.join("\n") : undefined,
    path: others.length === 0 ? path : undefined,
  };
}

/** What else a failure tells; the last is the next move. */
function linesOf(failure: Failure, notes: readonly string[]): readonly string[] {
  const { hint, parts = [] } = failure;
  const lines = [
    ...parts.map(({ text }) => `- ${onOneLine(text)}`),
    ...notes,
    describeTrace(failure),
    hint === undefined ? "" : sentence(inTerraform(hint)),
  ];
  return lines.filter((line) => line !== "");
}

/** A hint that says a thing in the command line's words and in Terraform's: without the former. */
const inTerraform = (hint: string): string => hint.replaceAll(/--[a-z-]+, or in Terraform /gu, "");

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
const describeFailureFields = (failureFields: readonly Path[]): string =>
  failureFields.length > 1 ? `It is about one of ${failureFields.map(formatPath).join(", ")}.` : "";

const describeMaybeGone = ({ maybeGone }: Failure): string =>
  maybeGone ? "If it was deleted in Coze's pages, let go of it: terraform state rm ADDRESS." : "";
