import type { Failure } from "../../core/failure.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import type { Values } from "../../core/value.ts";
import { findFailureFields } from "../../kind/failure-fields.ts";
import { holderKind } from "../../kind/holder.ts";
import { explainFailure } from "../../kinds/call-errors.ts";
import { say } from "../../messages/text.ts";
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
import { onOneLine, sentence } from "./text.ts";

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
  const object = [resourceType(kind), id ?? []].flat().join(" ");
  const problem = failure.message;
  const summary =
    call === "settle"
      ? say("terraform-provider/processing-failed", { object, problem })
      : say("terraform-provider/call-failed", { call, object, problem });
  const notes = [
    describeFailureFields(failureFields),
    // A creation that went on to another call has made something.
    doing === "create" && id !== undefined ? say("terraform-provider/created-all-the-same", { id }) : "",
    id === undefined ? "" : describeMaybeGone(failure),
    describeAllMissing(missing),
  ];
  const isExplained = missing.length > 0 && failure.type === "not-found";
  return describeFailure(summary, isExplained ? { ...failure, hint: undefined } : failure, {
    notes,
    fields: failureFields,
  });
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
  say("terraform-provider/check-reference", {
    field: formatPath(path),
    id,
    type: resourceType({ name: shape.kind }),
    reference: describeReference(shape),
  });

function describeAllMissing([first, ...others]: readonly Reference[]): string {
  if (first === undefined) return "";
  return others.length === 0 ? describeMissing(first) : sentence(say("terraform-provider/check-ids"));
}

/** What holds an object that is to be made isn't there, as a look at it while planning shows. */
export function warnOfMissingParent(kind: CozeKind, id: string, failure: Failure): ProviderDiagnostic {
  const [holder] = parentReferencesIn(kind, id);
  const notes = [say("terraform-provider/will-fail"), holder ? describeMissing(holder) : ""];
  const type = resourceType({ name: holderKind(kind) ?? "" });
  return {
    severity: "warning",
    summary: say("terraform-provider/not-found", { type, id }),
    detail: linesOf({ ...failure, hint: undefined }, notes).join("\n"),
    path: holder?.path,
  };
}

const parentReferencesIn = ({ fields, parent }: CozeKind, id: string | undefined): readonly Reference[] =>
  parent === undefined || id === undefined ? [] : referencesIn(fields, { [parent]: id });

/**
 * While planning, Coze couldn't be asked for what is there already. `parent`: where it would be; `isDemanded`: nothing may
 * be created without knowing, which makes it an error.
 */
export function diagnoseFailedListing(
  kind: CozeKind,
  failure: Failure,
  parent: string | undefined,
  { isDemanded = false }: { readonly isDemanded?: boolean } = {},
): ProviderDiagnostic {
  // What may only not be listed may be made, each process has calls of its own, and Coze's own trouble may pass.
  const mayPass =
    ["forbidden", "not-found", "out-of-calls"].includes(failure.type) ||
    (failure.transient === true && failure.code !== undefined);
  const outlook = isDemanded
    ? say("terraform-provider/existing-unknown")
    : mayPass
      ? say("terraform-provider/may-fail")
      : say("terraform-provider/will-fail");
  // What isn't there may look the same.
  const holders = failure.type === "forbidden" ? parentReferencesIn(kind, parent) : [];
  const notes = [outlook, describeAllMissing(holders)];
  const lines = [sentence(onOneLine(failure.message)), ...linesOf(failure, notes)];
  return {
    severity: isDemanded ? "error" : "warning",
    summary: say("terraform-provider/listing-failed"),
    detail: lines.join("\n"),
  };
}

/** Reading an object that is in a state failed. */
export function diagnoseRead(kind: CozeKind, id: string, error: unknown): ProviderDiagnostic {
  const failure = explainFailure(error);
  const values = { id, type: resourceType(kind), problem: failure.message };
  const notes = [describeMaybeGone(failure)];
  return describeFailure(say("terraform-provider/read-failed", values), failure, { notes });
}

/** Importing the object of this id, which may be any text, failed. */
export function diagnoseImport(kind: CozeKind, id: string, error: unknown): ProviderDiagnostic {
  const failure = explainSearch(error);
  const type = resourceType(kind);
  // A long summary is split behind a colon.
  const object = [type, id].join(type.length + id.length < 43 ? " " : ": ");
  const values = { object, problem: failure.message };
  return describeFailure(say("terraform-provider/import-failed", values), failure);
}

/** Looking for the object of a data source failed. */
export function diagnoseLookup(kind: CozeKind, error: unknown): ProviderDiagnostic {
  const failure = explainSearch(error);
  const values = { type: resourceType(kind), problem: failure.message };
  return describeFailure(say("terraform-provider/lookup-failed", values), failure);
}

/** What is searched for isn't in a state yet, and may be mistaken. */
function explainSearch(error: unknown): Failure {
  const failure = explainFailure(error);
  return failure.type === "not-found" ? { ...failure, hint: say("terraform-provider/check-ids") } : failure;
}

interface FailureDetails {
  readonly notes?: readonly string[];
  readonly fields?: readonly Path[];
}

function describeFailure(
  summary: string,
  failure: Failure,
  { notes = [], fields: [path, ...others] = [] }: FailureDetails = {},
): ProviderDiagnostic {
  const lines = linesOf(failure, notes);
  return {
    severity: "error",
    summary: onOneLine(summary),
    detail: lines.length > 0 ? lines.join("\n") : undefined,
    path: others.length === 0 ? path : undefined,
  };
}

/** What else a failure tells; the last is the next move. */
function linesOf(failure: Failure, notes: readonly string[]): readonly string[] {
  const { type, parts = [] } = failure;
  const hint = type === "out-of-calls" ? say("terraform-provider/calls-spent") : failure.hint;
  const lines = [
    ...parts.map(({ text }) => `- ${onOneLine(text)}`),
    ...notes,
    describeTrace(failure),
    hint === undefined ? "" : sentence(hint),
  ];
  return lines.filter((line) => line !== "");
}

/** By which Coze's documentation and support find the call. */
function describeTrace({ operation, code, logid }: Failure): string {
  const facts = [
    operation ?? [],
    code === undefined ? [] : say("terraform-provider/call-code", { code }),
    logid === undefined ? [] : say("terraform-provider/call-logid", { logid }),
  ].flat();
  return facts.length === 0 ? "" : say("terraform-provider/call", { facts: facts.join(", ") });
}

/** Of several attributes none can be pointed at. */
const describeFailureFields = (failureFields: readonly Path[]): string =>
  failureFields.length > 1
    ? say("terraform-provider/one-of-fields", { fields: failureFields.map(formatPath).join(", ") })
    : "";

const describeMaybeGone = ({ maybeGone }: Failure): string =>
  maybeGone ? say("terraform-provider/maybe-deleted") : "";
