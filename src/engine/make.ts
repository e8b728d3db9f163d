import { rememberSpec } from "../core/digest.ts";
import type { Entry } from "../core/entry.ts";
import type { Created, Kind, Outcome, Place } from "../core/kind.ts";
import { mapLeaves } from "../core/shape.ts";
import { isFileContent, isReference, type Json, type Values } from "../core/value.ts";
import { createdFields } from "../plan/calls.ts";
import type { PlannedCall, Step } from "../plan/plan.ts";
import type { Node } from "../plan/schedule.ts";
import type { Run } from "./apply.ts";
import { findKind } from "./kinds.ts";
import { attemptAll } from "./remove.ts";
import { settleAll } from "./settle.ts";

/** A step being done: its specs with references as ids. */
export interface Making<Api> {
  readonly run: Run<Api>;
  readonly kind: Kind<Api>;
  readonly node: Node;
  readonly step: Step;
  /** Wanted values, files as in the manifest: what is remembered. */
  readonly spec: Values;
  /** What calls send from, files as handles. */
  readonly target: Values;
}

/** Makes or changes the objects of a unit: one call creates them all where the kind allows, the rest goes one by one. */
export async function makeUnit<Api>(run: Run<Api>, nodes: readonly Node[]): Promise<void> {
  const makings = nodes.map((node) => beginMaking(run, node));
  for (const { node, step } of makings) run.started(node, verbOf(step));
  const creating = makings.filter(({ step }) => step.calls[0]?.call === "create");
  const made = creating.length > 0 ? await createObjects(creating) : [];
  const present = makings.filter((making) => !creating.includes(making));
  for (const making of present) {
    const status = stillToCome(making, 0) ? "incomplete" : "ready";
    const updates = callsOf(making, "update").length > 0;
    remember(making, "begun", { status, before: undefined, ...(updates ? { done: undefined } : {}) });
  }

  let going = [...made, ...present];
  going = await eachOf(going, (making) => callsOf(making, "update"), callUpdate);
  const settling = going.filter(({ step }) => step.calls.some(({ call }) => call === "settle"));
  const settled = settling.length > 0 ? new Set(await settleAll(settling)) : new Set<Making<Api>>();
  going = going.filter((making) => !settling.includes(making) || settled.has(making));
  going = await eachOf(going, (making) => callsOf(making, "follow-up"), callFollowUp);
  for (const making of going) complete(making);
}

const verbOf = (step: Step): string =>
  step.calls[0]?.call === "create" ? "create" : step.action === "adopt" ? "adopt" : "update";

function beginMaking<Api>(run: Run<Api>, node: Node): Making<Api> {
  const { step } = node;
  const kind = findKind(run.engine.provider, step.kind);
  const withIds = (values: Values): Values =>
    mapLeaves(kind.fields, values, ({ value }) => (isReference(value) ? idOf(run, step, value.$ref) : value));
  const spec = withIds(step.spec ?? {});
  const target = mapLeaves(kind.fields, withIds(step.target ?? step.spec ?? {}), ({ shape, value }) =>
    shape.type === "file" && isFileContent(value) ? (run.files(value) as unknown as Json) : value,
  );
  return { run, kind, node, step, spec, target };
}

function idOf<Api>(run: Run<Api>, step: Step, address: string): string {
  const id = run.store.state.resources[address]?.id;
  if (id === undefined) throw new Error(`${step.address} was begun before ${address} had an id`);
  return id;
}

async function createObjects<Api>(makings: readonly Making<Api>[]): Promise<Making<Api>[]> {
  const [first] = makings;
  if (!first) return [];
  const { run, kind } = first;
  const earlier = makings.map(({ step }) => run.store.state.resources[step.address]);
  rememberAll(makings, "about to create", (making) => ({
    id: undefined,
    status: "unknown",
    spec: {},
    done: undefined,
    note: undefined,
    before: making.step.before ?? [],
    ...(kind.replacement === "create-first" ? { previous: making.step.removes } : {}),
  }));
  const specs = makings.map(({ target }) => target);
  const outcomes: readonly Outcome<Created>[] = await attemptAll(specs, async () => {
    if (kind.createMany) return kind.createMany.run(run.engine.api, specs);
    const [spec] = specs;
    if (!kind.create || !spec) throw new Error(`${kind.name} can't be created`);
    return [{ value: await kind.create(run.engine.api, spec) }];
  });
  return makings.filter((making, index) => {
    const outcome = outcomes[index] ?? {
      error: new Error(`${kind.name}: no answer for ${making.step.address}`),
    };
    if ("value" in outcome) return rememberCreated(making, outcome.value);
    const failure = run.failed(making.node, outcome.error);
    const lost = failure.type === "unknown-outcome";
    if (!lost) run.store.put("not created", { [making.step.address]: earlier[index] ?? null });
    return false;
  });
}

function rememberCreated<Api>(making: Making<Api>, created: Created): true {
  const fields = createdFields(making.kind);
  const spec = Object.fromEntries(Object.entries(making.spec).filter(([name]) => fields.includes(name)));
  remember(making, "created", {
    id: created.id,
    status: created.pending ? "pending" : stillToCome(making, 1) ? "incomplete" : "ready",
    spec: rememberSpec(making.kind.fields, spec, making.run.store.state.lineage),
    before: undefined,
    note: created.pending,
  });
  return true;
}

const stillToCome = <Api>(making: Making<Api>, from: number): boolean => making.step.calls.length > from;

async function callUpdate<Api>(making: Making<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "update") return;
  const change = { spec: making.target, live: making.step.live, changed: new Set(planned.fields) };
  await making.kind.update?.(making.run.engine.api, placeOf(making), change);
  rememberFields(making, "updated", planned.fields);
}

async function callFollowUp<Api>(making: Making<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "follow-up") return;
  const followUp = making.kind.followUps?.find(({ name }) => name === planned.name);
  await followUp?.run(making.run.engine.api, placeOf(making), making.target, planned.one);
  rememberFields(making, planned.name, planned.fields);
}

const callsOf = <Api>(making: Making<Api>, call: PlannedCall["call"]): readonly PlannedCall[] =>
  making.step.calls.filter((one) => one.call === call);

/** Makes each one's calls in turn; returns those that came through. */
async function eachOf<Api>(
  makings: readonly Making<Api>[],
  callsFor: (making: Making<Api>) => readonly PlannedCall[],
  make: (making: Making<Api>, planned: PlannedCall) => Promise<void>,
): Promise<Making<Api>[]> {
  const through = await Promise.all(
    makings.map(async (making) => {
      try {
        for (const planned of callsFor(making)) await make(making, planned);
        return [making];
      } catch (error) {
        making.run.failed(making.node, error);
        return [];
      }
    }),
  );
  return through.flat();
}

function complete<Api>(making: Making<Api>): void {
  const { run, kind, node, step, spec } = making;
  const { lineage } = run.store.state;
  const note = run.store.state.resources[step.address]?.note;
  remember(making, "complete", {
    status: note === undefined ? "ready" : "pending",
    spec: rememberSpec(kind.fields, spec, lineage),
    done: kind.followUps?.map(({ name }) => name),
  });
  const { id } = placeOf(making);
  run.finished(node, verbOf(step), note === undefined ? { id } : { id, note });
}

/** Where the object of a making is, once it has an id. */
export function placeOf<Api>(making: Making<Api>): Place {
  const entry = making.run.store.state.resources[making.step.address];
  if (entry?.id === undefined) throw new Error(`${making.step.address} has no id yet`);
  return entry.parent === undefined ? { id: entry.id } : { id: entry.id, parent: entry.parent };
}

function rememberFields<Api>(making: Making<Api>, note: string, fields: readonly string[]): void {
  const { kind, run, spec, step } = making;
  const applied = Object.fromEntries(
    fields.flatMap((name) => (name in spec ? [[name, spec[name] ?? null]] : [])),
  );
  const kept = Object.entries(run.store.state.resources[step.address]?.spec ?? {});
  const others = Object.fromEntries(kept.filter(([name]) => !fields.includes(name)));
  const { lineage } = run.store.state;
  remember(making, note, { spec: { ...others, ...rememberSpec(kind.fields, applied, lineage) } });
}

/** Changes what is remembered of one resource; an undefined value takes a part out. */
export function remember<Api>(making: Making<Api>, note: string, change: EntryChange): void {
  rememberAll([making], note, () => change);
}

type EntryChange = { readonly [Part in keyof Entry]?: Entry[Part] | undefined };

function rememberAll<Api>(
  makings: readonly Making<Api>[],
  note: string,
  change: (making: Making<Api>) => EntryChange,
): void {
  const [first] = makings;
  if (!first) return;
  const entries = makings.map((making) => [making.step.address, mergeEntry(making, change(making))] as const);
  first.run.store.put(note, Object.fromEntries(entries));
}

function mergeEntry<Api>(making: Making<Api>, change: EntryChange): Entry {
  const { kind, run, spec, step } = making;
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  const begun: Partial<Entry> = run.store.state.resources[step.address] ?? { status: "incomplete", spec: {} };
  const merged = {
    ...begun,
    ...(begun.id === undefined && step.place ? { id: step.place.id } : {}),
    kind: step.kind,
    ...(typeof parent === "string" ? { parent } : {}),
    dependencies: step.dependencies,
    preventDestroy: step.preventDestroy,
    ...change,
  };
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== undefined),
  ) as unknown as Entry;
}
