import type { Address } from "../core/address.ts";
import { rememberSpec } from "../core/digest.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isFileContent, isReference, type Json, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Created, Kind, Place } from "../kind/kind.ts";
import { createdFields } from "../kind/planned-calls.ts";
import type { Entry } from "../kind/state-entry.ts";
import { restrictTo } from "../plan/managed-fields.ts";
import type { Step } from "../plan/plan.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply.ts";
import type { Turn } from "./scheduler.ts";

/** A step being done: its specs with references as ids. */
export interface StepRun<Api> {
  readonly run: ApplyRun<Api>;
  readonly kind: Kind<Api>;
  readonly node: Node;
  readonly step: Step;
  /** The place of its unit among those that run. */
  readonly turn: Turn;
  /** Wanted values, files as in the manifest: what is remembered. */
  readonly spec: Values;
  /** What calls send from, files as handles. */
  readonly target: Values;
  /** The same, files as in the manifest; undefined where the plan doesn't tell. */
  readonly whole: Values | undefined;
}

/** Begins a step: everything that it refers to has an id by now. */
export function beginStepRun<Api>(run: ApplyRun<Api>, node: Node, turn: Turn): StepRun<Api> {
  const { step } = node;
  const kind = findKind(run.engine.provider, step.kind);
  const withIds = (values: Values): Values =>
    mapLeaves(kind.fields, values, ({ value }) => (isReference(value) ? idOf(run, step, value.$ref) : value));
  const spec = withIds(step.spec ?? {});
  const whole = step.target && withIds(step.target);
  const target = mapLeaves(kind.fields, whole ?? spec, ({ shape, value }) =>
    shape.type === "file" && isFileContent(value) ? (run.files(value, kind) as unknown as Json) : value,
  );
  return { run, kind, node, step, turn, spec, target, whole };
}

/** What is remembered of some of its wanted fields: as applied, and only what its manifest itself speaks of. */
export function rememberedSpec<Api>(
  { run, kind, step, spec }: StepRun<Api>,
  fields?: readonly string[],
): Values {
  const applied = Object.entries(restrictTo(kind.fields, spec, step.own));
  const chosen = fields ? applied.filter(([name]) => fields.includes(name)) : applied;
  return rememberSpec(kind.fields, Object.fromEntries(chosen), run.store.state.lineage);
}

function idOf<Api>(run: ApplyRun<Api>, step: Step, address: string): string {
  const id = run.store.state.resources[address]?.id;
  if (id === undefined) throw new Error(`${step.address} was begun before ${address} had an id`);
  return id;
}

/** What is remembered of a making's resource. */
export const entryOf = <Api>({ run, step }: StepRun<Api>): Entry | undefined =>
  run.store.state.resources[step.address];

/** What there is once nothing came of a creation: what it was to replace, or nothing. */
export function restoreKept<Api>(making: StepRun<Api>): Entry | null {
  const { kept = [], kind, dependencies, preventDestroy, history } = entryOf(making) ?? {};
  const last = kept.at(-1);
  if (!last || kind === undefined) return null;
  const others = kept.slice(0, -1);
  return {
    ...last,
    kind,
    status: "ready",
    dependencies: dependencies ?? [],
    ...(preventDestroy ? { preventDestroy } : {}),
    ...(others.length > 0 ? { kept: others } : {}),
    ...(history ? { history } : {}),
  };
}

/** What is remembered once an object that was replaced and stayed takes its place again; nothing in any other step. */
export function retakeKept<Api>({ run, step }: StepRun<Api>): EntryChange {
  const entry = run.store.state.resources[step.address];
  const { kept = [], id, parent, spec, brought } = entry ?? {};
  const again = kept.find((one) => one.id === step.place?.id);
  if (!again || id === undefined || spec === undefined) return {};
  const left = { id, ...(parent === undefined ? {} : { parent }), spec, ...(brought ? { brought } : {}) };
  return {
    id: again.id,
    spec: again.spec,
    brought: again.brought,
    kept: [...kept.filter((one) => one !== again), left],
  };
}

/** Where the object of a making is, once it has an id. */
export function placeOfRun<Api>(making: StepRun<Api>): Place {
  const entry = making.run.store.state.resources[making.step.address];
  if (entry?.id === undefined) throw new Error(`${making.step.address} has no id yet`);
  return entry.parent === undefined ? { id: entry.id } : { id: entry.id, parent: entry.parent };
}

/** Remembers fields as applied. */
export function rememberFields<Api>(
  making: StepRun<Api>,
  note: string,
  fields: readonly string[],
  more: EntryChange = {},
): void {
  const kept = Object.entries(entryOf(making)?.spec ?? {});
  const others = Object.fromEntries(kept.filter(([name]) => !fields.includes(name)));
  remember(making, note, { ...more, spec: { ...others, ...rememberedSpec(making, fields) } });
}

/** Changes what is remembered of one resource. */
export function remember<Api>(making: StepRun<Api>, note: string, change: EntryChange): void {
  rememberAll([making], note, () => change);
}

/** What is forgotten of a creation once there is an object: when it was begun, only when nothing can have come along. */
export function forgetCreation<Api>(making: StepRun<Api>): EntryChange {
  const { before = [], spec = {}, parent } = entryOf(making) ?? {};
  const others = Object.values(making.run.store.state.resources);
  const there = () => others.flatMap(({ id, parent: holder }) => (id && holder === parent ? [id] : []));
  const comesAlone = making.kind.copying?.sideProducts.none(spec, [...before, ...there()]) ?? true;
  return { before: undefined, ...(comesAlone ? { begun: undefined } : {}) };
}

/** Remembers what a creating call gave: an object, or a task that makes one. */
export function rememberCreated<Api>(
  making: StepRun<Api>,
  created: Created,
  forgotten: EntryChange = { before: undefined, begun: undefined },
): StepRun<Api> {
  const { kind, step } = making;
  const spec = rememberedSpec(making, createdFields(kind));
  if ("task" in created) {
    remember(making, "begun at Coze", { id: undefined, status: "pending", spec, task: created.task });
    return making;
  }
  remember(making, "created", {
    id: created.id,
    status: created.pending ? "pending" : step.calls.length > 1 ? "incomplete" : "ready",
    spec,
    task: undefined,
    note: created.pending,
    ...forgotten,
  });
  return making;
}

/** Parts of an entry; undefined takes a part out. */
type EntryChange = { readonly [Part in keyof Entry]?: Entry[Part] | undefined };

/** Changes what is remembered of several, as one line of the journal; `others` are put along with them. */
export function rememberAll<Api>(
  makings: readonly StepRun<Api>[],
  note: string,
  change: (making: StepRun<Api>) => EntryChange,
  others: { readonly [address: Address]: Entry } = {},
): void {
  const [first] = makings;
  if (!first) return;
  const entries = makings.map((making) => [making.step.address, mergeEntry(making, change(making))] as const);
  first.run.store.put(note, { ...Object.fromEntries(entries), ...others });
}

function mergeEntry<Api>(making: StepRun<Api>, change: EntryChange): Entry {
  const { kind, run, spec, step, whole } = making;
  // An object stays where it is, whatever its manifest says of that; a new one is made where it is wanted.
  const creates = step.calls[0]?.call === "create";
  const parent = creates ? kind.parent && spec[kind.parent] : step.place?.parent;
  const before = run.store.state.resources[step.address];
  const begun: Partial<Entry> = before ?? { status: "incomplete", spec: {} };
  const merged = {
    ...begun,
    ...(begun.id === undefined && step.place ? { id: step.place.id } : {}),
    kind: step.kind,
    ...(typeof parent === "string" ? { parent } : {}),
    dependencies: step.dependencies,
    preventDestroy: step.preventDestroy,
    ...change,
  };
  const after = Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== undefined),
  ) as unknown as Entry;
  return run.options.record?.({ kind, step, before, after, whole }) ?? after;
}
