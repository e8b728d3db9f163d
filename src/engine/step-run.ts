import type { Address } from "../core/address.ts";
import { rememberSpec, rememberValue } from "../core/digest.ts";
import { formatPath, leavesOf, mapLeaves, valueAt } from "../core/spec-walk.ts";
import { isFileContent, isReference, type Json, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderId } from "../kind/holder.ts";
import type { Created, Kind, Place } from "../kind/kind.ts";
import { createdFields } from "../kind/planned-calls.ts";
import type { NotTaken } from "../kind/processing-errors.ts";
import type { Entry, StoredForm } from "../kind/state-entry.ts";
import { restrictToOwn } from "../plan/diff.ts";
import type { InForm, PlannedSpec, PlannedTarget, Step } from "../plan/plan.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply-run.ts";
import type { StepFile } from "./file-handles.ts";
import type { Turn } from "./scheduler.ts";

/** A step's `spec` with ids for references: the wanted values, files as in the manifest. This is what is remembered. */
type WantedSpec = InForm<"wanted">;

/** A step's `target` with ids for references: the object's whole configuration, files as in the manifest. */
type WholeSpec = InForm<"whole">;

/** What calls send from: the whole configuration, or the wanted values of an object to be made, files as handles. */
type CallSpec = InForm<"call">;

/** A step that may begin: everything that it refers to has an id. */
export interface PreparedStep<Api> {
  readonly run: ApplyRun<Api>;
  readonly kind: Kind<Api>;
  readonly node: Node;
  readonly step: Step;
  readonly wanted: WantedSpec;
  /** Undefined when the plan doesn't say. */
  readonly whole: WholeSpec | undefined;
  readonly toSend: CallSpec;
  /** The files in it. */
  readonly files: readonly StepFile[];
}

/** A step in progress. */
export interface StepRun<Api> extends PreparedStep<Api> {
  /** The turn of its unit among those that run. */
  readonly turn: Turn;
}

/** Whether everything that a step refers to has an id, so that it may be prepared. */
export function isPreparable<Api>({ engine, store }: ApplyRun<Api>, { step }: Node): boolean {
  const { fields } = findKind(engine.provider, step.kind);
  const leaves = [step.spec ?? {}, step.target ?? {}].flatMap((values) => leavesOf(fields, values));
  return leaves.every(
    ({ value }) => !isReference(value) || store.state.resources[value.$ref]?.id !== undefined,
  );
}

/** Begins a step. Throws when something that it refers to has no id. */
export const beginStepRun = <Api>(run: ApplyRun<Api>, node: Node, turn: Turn): StepRun<Api> => ({
  ...prepareStep(run, node),
  turn,
});

/** Prepares a step. Throws when something that it refers to has no id. */
export function prepareStep<Api>(run: ApplyRun<Api>, node: Node): PreparedStep<Api> {
  const { step } = node;
  const kind = findKind(run.engine.provider, step.kind);
  const withIds = (values: PlannedSpec | PlannedTarget): Values =>
    mapLeaves(kind.fields, values, ({ value }) => (isReference(value) ? idOf(run, step, value.$ref) : value));
  const wanted: WantedSpec = withIds(step.spec ?? {});
  const whole: WholeSpec | undefined = step.target && withIds(step.target);
  const files: StepFile[] = [];
  const toSend: CallSpec = mapLeaves(kind.fields, whole ?? wanted, ({ shape, value }) => {
    if (shape.type !== "file" || !isFileContent(value)) return value;
    const file = run.files(value, kind);
    files.push(file);
    return file as unknown as Json;
  });
  return { run, kind, node, step, wanted, whole, toSend, files };
}

/**
 * Whether a call of a step that Coze refused is to be made once more: it was given uploads of earlier runs, which Coze
 * may have dropped, and which are now uploaded again.
 */
export function renewUploads<Api>({ run, files }: StepRun<Api>, error: unknown): boolean {
  const { type, transient, about, operation } = run.engine.provider.explain(error);
  const isRefused = type === "rejected" || type === "not-found";
  if (!isRefused || transient || about === "texts" || operation === undefined) return false;
  return files.map((file) => file.renew()).includes(true);
}

function idOf<Api>(run: ApplyRun<Api>, step: Step, address: string): string {
  const id = run.store.state.resources[address]?.id;
  if (id === undefined) throw new Error(`${step.address} was begun before ${address} had an id`);
  return id;
}

/** The remembered form of a step's wanted values, or of some fields: only what its own manifest says. */
export function rememberedSpec<Api>(
  { run, kind, step, wanted }: StepRun<Api>,
  fields?: readonly string[],
): Values {
  const applied = Object.entries(restrictToOwn(kind.fields, wanted, step.own));
  const chosen = fields ? applied.filter(([name]) => fields.includes(name)) : applied;
  return rememberSpec(kind.fields, Object.fromEntries(chosen), run.store.state.lineage);
}

/** The state entry of a step's resource. */
export const entryOf = <Api>({ run, step }: PreparedStep<Api>): Entry | undefined =>
  run.store.state.resources[step.address];

/** The place of a step's object. Throws while it has no id. */
export function placeOfRun<Api>(stepRun: StepRun<Api>): Place {
  const { id, parent } = entryOf(stepRun) ?? {};
  if (id === undefined) throw new Error(`${stepRun.step.address} has no id yet`);
  return { id, parent };
}

/** A change of a state entry; undefined removes a part. */
export type EntryChange = { readonly [Part in keyof Entry]?: Entry[Part] | undefined };

/** Changes the state entry of one resource; `published`: because a call published it. */
export function remember<Api>(
  stepRun: StepRun<Api>,
  note: string,
  change: EntryChange,
  published?: true,
): void {
  stepRun.run.store.put(note, { [stepRun.step.address]: draftEntry(stepRun, change, published) });
}

/** Changes the state entries of several as one line of the journal; `others` are put along with them. */
export function rememberAll<Api>(
  stepRuns: readonly PreparedStep<Api>[],
  note: string,
  change: (stepRun: PreparedStep<Api>) => EntryChange,
  others: { readonly [address: Address]: Entry } = {},
): void {
  const [first] = stepRuns;
  if (!first) return;
  const entries = stepRuns.map(
    (stepRun) => [stepRun.step.address, draftEntry(stepRun, change(stepRun))] as const,
  );
  first.run.store.put(note, { ...Object.fromEntries(entries), ...others });
}

/** Remembers fields as applied. */
export function rememberFields<Api>(
  stepRun: StepRun<Api>,
  note: string,
  fields: readonly string[],
  more: EntryChange = {},
  published?: true,
): void {
  const applied = Object.entries(entryOf(stepRun)?.spec ?? {});
  const others = Object.fromEntries(applied.filter(([name]) => !fields.includes(name)));
  remember(stepRun, note, { ...more, spec: { ...others, ...rememberedSpec(stepRun, fields) } }, published);
}

/** The change that drops what was remembered of a creation; `begun` stays while side products are to be searched. */
export function forgetCreation<Api>(stepRun: StepRun<Api>): EntryChange {
  const { before = [], spec = {}, parent } = entryOf(stepRun) ?? {};
  const present = () =>
    Object.values(stepRun.run.store.state.resources).flatMap(({ id, parent: holder }) =>
      id && holder === parent ? [id] : [],
    );
  const comesAlone = stepRun.kind.copying?.sideProducts.none(spec, [...before, ...present()]) ?? true;
  return { before: undefined, ...(comesAlone ? { begun: undefined } : {}) };
}

/** Remembers the result of a creating call: an object, or a task that makes one. */
export function rememberCreated<Api>(
  stepRun: StepRun<Api>,
  created: Created,
  forgotten: EntryChange = { before: undefined, begun: undefined },
): void {
  const { kind, step } = stepRun;
  const spec = rememberedSpec(stepRun, createdFields(kind));
  if ("task" in created) {
    remember(stepRun, "task-begun", { id: undefined, status: "pending", spec, task: created.task });
    return;
  }
  const status = created.pending ? "pending" : step.calls.length > 1 ? "incomplete" : "ready";
  remember(stepRun, "created", {
    id: created.id,
    status,
    spec,
    // A run that is cut off now leaves nothing for another one to do.
    ...(status === "ready" ? { done: kind.followUps?.map(({ name }) => name) } : {}),
    task: undefined,
    note: created.pending,
    ...(created.notTaken ? { read: storedForms(stepRun, created.notTaken) } : {}),
    ...forgotten,
  });
}

/** What Coze holds of a field for the values that were sent. */
export function storedForms<Api>(
  { kind, wanted, run }: StepRun<Api>,
  { field, live }: NotTaken,
): Entry["read"] {
  const salt = run.store.state.lineage;
  const sent = leavesOf(kind.fields, wanted).filter(({ path }) => path[0] === field);
  const forms = sent.flatMap(({ path, value }): readonly [string, StoredForm][] => {
    const is = live === undefined ? undefined : valueAt({ [field]: live }, path);
    if (is === undefined) return [];
    return [[formatPath(path), { of: rememberValue(value, salt), is: rememberValue(is, salt) }]];
  });
  return Object.fromEntries(forms);
}

/** The state entry that a step is about to write. */
function draftEntry<Api>(stepRun: PreparedStep<Api>, change: EntryChange, published?: true): Entry {
  const { kind, run, wanted, step, whole } = stepRun;
  // An object stays where it is, whatever its manifest says; a new one is made where it is wanted.
  const creates = step.calls[0]?.call === "create";
  const parent = creates ? holderId(kind, wanted) : step.place?.parent;
  const before = run.store.state.resources[step.address];
  const begun: Partial<Entry> = before ?? { status: "incomplete", spec: {} };
  const merged = {
    ...begun,
    ...(begun.id === undefined && step.place ? { id: step.place.id } : {}),
    kind: step.kind,
    parent: parent ?? begun.parent,
    dependencies: step.dependencies,
    preventDestroy: step.preventDestroy,
    ...change,
  };
  const after = withoutUndefined(merged) as Entry;
  const own = restrictToOwn(kind.fields, wanted, step.own);
  return run.options.record?.({ kind, step, before, after, whole, wanted: own, published }) ?? after;
}

const withoutUndefined = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
