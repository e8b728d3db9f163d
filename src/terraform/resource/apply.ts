import { isShown } from "../../core/equality.ts";
import type { Field, Fields } from "../../core/field.ts";
import { readDuration } from "../../core/time.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import type { Place } from "../../kind/kind.ts";
import { type PlannedCall, planCreation, planUpdate } from "../../kind/planned-calls.ts";
import type { Sighting } from "../../lifecycle/presence.ts";
import { explain, say } from "../../messages/text.ts";
import type { LocalFiles } from "../provider/file-content.ts";
import type {
  ApplyRequest,
  ProviderDiagnostic,
  ResourceState,
  StoredResource,
} from "../provider/provider-interface.ts";
import { warningAt } from "../provider/text.ts";
import type { Remote } from "../remote/remote.ts";
import { type CozeKind, timeoutsName } from "../schema/names.ts";
import { ownFields } from "../schema/resource-schema.ts";
import { unknown } from "../values/unknown.ts";
import { findUnmet, widenListing, withLeftOutCleared } from "./adoption.ts";
import { given, secretTexts, withoutGuesses, withSecrets } from "./applied-values.ts";
import { comparing, type Purpose, toValues } from "./attribute-conversion.ts";
import { type CallRun, makeCalls, nameOfCall, type Progress, StillAtWork } from "./calls.ts";
import { assumeWanted, isConfigEqual, takeForms } from "./config-equality.ts";
import { fillIn } from "./merge-live.ts";
import { type PrivateNotes, readNotes, writeNotes } from "./private-state.ts";
import { placeIn } from "./read.ts";
import { lookBack, readBack, storeSeen } from "./read-back.ts";
import {
  type PartialObject,
  partialObjectIn,
  type ReplacementHandoff,
  unfinishedCallsIn,
} from "./replacement-handoff.ts";

/** What applies share for the lifetime of a process. */
export interface SharedContext {
  readonly remote: Remote;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Half-made objects that a replacement removed, for their successors to continue. */
  readonly handoff: ReplacementHandoff;
  readonly allowOwnershipTransfer: boolean;
}

/** What one apply of a configuration takes. */
export interface ApplyContext extends SharedContext {
  /** Those that the configuration names. */
  readonly files: LocalFiles;
}

/** The result of an apply; after a failure the state is what exists all the same. */
export interface Applied extends StoredResource {
  readonly diagnostics: readonly ProviderDiagnostic[];
  readonly failure?: CallFailure | undefined;
}

/** A call that failed. */
export interface CallFailure {
  readonly error: unknown;
  readonly doing: "create" | "update" | "remove";
  /** By its name: `create`, `settle`, or that of a follow-up. */
  readonly call: string;
  /** Top-level fields that it sent. */
  readonly sent: readonly string[];
}

/** A creation or an update. */
interface WriteRequest extends ApplyRequest {
  readonly planned: ResourceState;
  readonly config: ResourceState;
}

/** Creates the planned object, or continues a creation that was interrupted. */
export async function createResource(
  kind: CozeKind,
  context: ApplyContext,
  { prior, planned, config, privateState }: WriteRequest,
): Promise<Applied> {
  const notes = readNotes(privateState);
  const whole = withSecrets(kind.fields, planned, config);
  context.remote.keepSecret(...secretTexts(kind.fields, whole));
  const spec = toValues(kind.fields, given(kind.fields, whole, config), sending(context));
  const partial = prior ? partialObjectIn(kind, prior) : context.handoff.take(kind, spec);
  if (!partial && notes.adopt !== undefined) {
    const adopted = await adoptObject(kind, context, { spec, planned, config, privateState }, notes.adopt);
    if (adopted) return adopted;
  }
  const run: CallRun = {
    kind,
    remote: context.remote,
    target: spec,
    live: partial?.place && partial.spec,
    before: notes.before,
    deadline: deadlineOf(context, config, "create"),
  };
  const progress = await makeCalls(run, creatingCalls(kind, spec, partial), partial);
  const made = Math.floor(context.now() / 1000);
  const { place, left, pending, failed } = progress;
  if (!place && progress.task === undefined) {
    const failure = failureOf(kind, progress, "create", spec);
    return { state: null, privateState, diagnostics: [], failure };
  }
  // Terraform would replace what ended with an error.
  const error = place && progress.error instanceof StillAtWork ? undefined : progress.error;
  const reached = error === undefined ? planned : mixed({}, planned, left);
  const isPending = pending !== undefined || undefined;
  const isLeft = left.length > 0 && error === undefined;
  const kept: PrivateNotes = {
    made,
    set: notes.set ?? [],
    pending: isPending,
    failed,
  };
  const seen = await lookBack(kind, context.remote, reached, kept, progress);
  // The list was read anyway, and the answer to the creation may not tell.
  const other = progress.notTaken ?? kind.findNotTaken?.(spec, seen.live);
  const notTaken = other && planned[other.field] !== null ? other : undefined;
  const held = notTaken?.live === undefined ? undefined : { [notTaken.field]: notTaken.live };
  return {
    ...storeSeen(kind, seen, { prior: {}, reached }, { ...kept, notTaken: held }, progress),
    diagnostics: [
      pending === undefined ? [] : warningAt({ message: say("terraform-resource/pending"), hint: pending }),
      notTaken ? warningAt(notTaken, [notTaken.field]) : [],
      isLeft ? warningAt(explain("terraform-resource/still-processing")) : [],
    ].flat(),
    failure: failureOf(kind, { ...progress, error }, "create", spec),
  };
}

/**
 * Takes an object that is there already into the state: updates it to what was planned, and makes the calls that follow a
 * creation. Undefined when it is gone. After a failure it isn't in the state, so that Terraform doesn't remove it.
 */
async function adoptObject(
  kind: CozeKind,
  context: ApplyContext,
  request: Pick<WriteRequest, "planned" | "config" | "privateState"> & { readonly spec: Values },
  id: string,
): Promise<Applied | undefined> {
  const { spec, planned, config, privateState } = request;
  const { remote } = context;
  const place: Place = { id, parent: holderId(kind, spec) };
  const wanted = toValues(kind.fields, given(kind.fields, planned, config), comparing);
  const untouched = { state: null, privateState, diagnostics: [] };
  let seen: Sighting;
  try {
    seen = await remote.look(kind, place, { spec: widenListing(kind, wanted) });
  } catch (error) {
    return { ...untouched, failure: { error, doing: "update", call: "adopt", sent: [] } };
  }
  if (seen.status === "absent") return undefined;
  const { live, health } = seen;
  const target = withLeftOutCleared(kind.fields, spec, live);
  const changed = findUnmet(kind.fields, withLeftOutCleared(kind.fields, wanted, live), live);
  const waits = kind.settle !== undefined && health !== "ready";
  const change = { spec: target, live, changed: new Set(changed) };
  const calls = planUpdate(kind, change, Object.keys(target), () => false, waits);
  const deadline = deadlineOf(context, config, "create");
  const progress = await makeCalls({ kind, remote, target, live, before: [], deadline }, calls, { place });
  const error = progress.error instanceof StillAtWork ? undefined : progress.error;
  const failure = failureOf(kind, { ...progress, error }, "update", target);
  if (error !== undefined && !progress.failed) return { ...untouched, failure };
  const { set = [] } = readNotes(privateState);
  const kept: PrivateNotes = { adopted: context.now(), set, failed: progress.failed };
  const isLeft = progress.left.length > 0 && error === undefined;
  return {
    ...(await readBack(kind, context.remote, { prior: {}, reached: planned }, kept, progress)),
    diagnostics: isLeft ? [warningAt(explain("terraform-resource/still-processing"))] : [],
    failure,
  };
}

/** Updates the object to what was planned. */
export async function updateResource(
  kind: CozeKind,
  context: ApplyContext,
  { prior, planned, config, privateState }: WriteRequest & { readonly prior: ResourceState },
): Promise<Applied> {
  const { imported, wasSet = [], told: _told, ...notes } = readNotes(privateState);
  const whole = withSecrets(kind.fields, planned, config);
  context.remote.keepSecret(...secretTexts(kind.fields, whole));
  const sent = withoutGuesses(kind.fields, whole, config, new Set(wasSet));
  const target = toValues(kind.fields, sent, sending(context));
  const live = toValues(kind.fields, prior, comparing);
  const wanted = toValues(kind.fields, planned, comparing);
  const known = imported ? takeForms(kind.fields, assumeWanted(kind.fields, live, wanted), wanted) : live;
  const changed = changedFields(kind.fields, known, wanted);
  const left = unfinishedCallsIn(prior);
  const managed = Object.keys(target).filter((name) => config[name] !== null || changed.includes(name));
  const isDone = (followUp: string) => !left.includes(followUp);
  const resent = left.includes("update") ? laterFields(kind) : [];
  const change = { spec: target, live, changed: new Set([...changed, ...resent]) };
  const calls = planUpdate(kind, change, managed, isDone, left.includes("settle"));
  const place = placeIn(kind, prior);
  const deadline = deadlineOf(context, config, "update");
  const run: CallRun = { kind, remote: context.remote, target, live, before: [], deadline };
  const progress = await makeCalls(run, calls, { place });
  const failure = failureOf(kind, progress, "update", target);
  const isWhole = progress.left.length === 0;
  // What was taken out of the configuration and isn't unset yet is still to be unset.
  const remaining: PrivateNotes = isWhole
    ? notes
    : { ...notes, set: [...new Set([...(notes.set ?? []), ...wasSet])] };
  if (progress.done.length === 0 && progress.error !== undefined) {
    const unchanged = imported ? { ...remaining, imported } : remaining;
    return { state: prior, privateState: writeNotes(unchanged), diagnostics: [], failure };
  }
  if (calls.length === 0) {
    const state = fillIn(kind.fields, mixed(prior, planned, []), {});
    return { state, privateState: writeNotes(notes), diagnostics: [] };
  }
  const reached = isWhole ? planned : mixed(prior, planned, progress.left);
  const stored = await readBack(kind, context.remote, { prior, reached }, remaining, progress);
  return { ...stored, diagnostics: [], failure };
}

/** When an operation that has just begun is to end, where the configuration says how long it may take. */
function deadlineOf(
  { now }: SharedContext,
  config: ResourceState,
  operation: "create" | "update",
): number | undefined {
  const timeouts = config[timeoutsName];
  const given = isObject(timeouts) ? timeouts[operation] : undefined;
  const ms = typeof given === "string" ? readDuration(given) : undefined;
  return ms === undefined ? undefined : now() + ms;
}

const sending = ({ files, remote }: ApplyContext): Purpose => ({
  fileOf: (path, sha256) => files.handle(path, sha256, remote),
  secrets: "sent",
});

/** The calls that make an object, or those that are left of a creation that was begun before. */
function creatingCalls(
  kind: CozeKind,
  spec: Values,
  partial: PartialObject | undefined,
): readonly PlannedCall[] {
  const names = Object.keys(spec);
  const { calls } = planCreation(kind, { spec, live: undefined, changed: new Set(names) });
  if (!partial?.place) return calls;
  const differing = names.filter((name) => {
    const field = kind.fields[name];
    return field && !field.immutable && !isShown(field, spec[name] ?? null, partial.spec[name] ?? null);
  });
  const later = partial.left.includes("update") ? laterFields(kind) : [];
  const changed = new Set([...differing, ...later.filter((name) => name in spec)]);
  const change = { spec, live: partial.spec, changed };
  return planUpdate(kind, change, names, (name) => !partial.left.includes(name), kind.settle !== undefined);
}

/** Fields that the creating call doesn't take. */
const laterFields = (kind: CozeKind): readonly string[] =>
  Object.entries(kind.fields).flatMap(([name, { settable }]) => (settable === "update" ? [name] : []));

/** Top-level fields of which an object that stays can get what was planned. */
function changedFields(fields: Fields, known: Values, wanted: Values): readonly string[] {
  return Object.entries(ownFields(fields)).flatMap(([name, field]) => {
    const [one, other] = [known[name], wanted[name]].map((value) => changeable(field, value));
    if (other === undefined && field.clearable === false) return [];
    return isConfigEqual(field, one, other) ? [] : [name];
  });
}

/** A value without what can't change in place. */
function changeable(field: Field, value: Json | undefined): Json | undefined {
  if (value === undefined || field.presence === "computed") return undefined;
  if (field.immutable || field.settable === "create") return undefined;
  if (field.type !== "object" || !isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, part]): [string, Json][] => {
    const own = field.fields[name];
    const remaining = own ? changeable(own, part) : part;
    return remaining === undefined ? [] : [[name, remaining]];
  });
  return Object.fromEntries(entries);
}

/** What was reached when some calls were left: their fields are as they were. */
function mixed(prior: ResourceState, planned: ResourceState, left: readonly PlannedCall[]): ResourceState {
  const open = new Set(left.flatMap((call) => ("fields" in call ? call.fields : [])));
  const entries = Object.entries(planned).map(([name, value]): [string, Json] => [
    name,
    open.has(name) || value === unknown ? (prior[name] ?? null) : value,
  ]);
  return Object.fromEntries(entries);
}

function failureOf(
  kind: CozeKind,
  { error, left: [call] }: Progress,
  doing: CallFailure["doing"],
  spec: Values,
): CallFailure | undefined {
  if (error === undefined) return undefined;
  const sent = call && "fields" in call ? call.fields : Object.keys(spec);
  return { error, doing, call: call ? nameOfCall(call) : kind.name, sent };
}
