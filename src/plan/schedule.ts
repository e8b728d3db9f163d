import type { Address } from "../core/address.ts";
import { groupBy } from "../core/group.ts";
import { canonicalJson, type Json } from "../core/value.ts";
import { awaitingFields } from "../kind/awaited-contents.ts";
import { indexKinds, type Kinds } from "../kind/find-kind.ts";
import type { PlannedCall } from "../kind/planned-calls.ts";
import type { KindSchema } from "../kind/schema.ts";
import { packItems } from "../lifecycle/batching.ts";
import { hasCycle, indexDependents, levelNodes, reaches } from "./graph.ts";
import type { Plan, Step } from "./plan.ts";
import { findRemovalsAlong, hasRemoval } from "./removals-along.ts";

/**
 * A part of a step: making and changing (`main`), or removing what goes (`old`). In phases, the calls that let callers
 * see a change are a part by themselves (`switch`).
 */
export interface Node {
  readonly id: string;
  readonly part: "main" | "switch" | "old";
  readonly step: Step;
  /** The step's calls that this part makes. */
  readonly calls: readonly PlannedCall[];
  /** The step isn't done with it: its `switch` is still to come. */
  readonly unfinished?: true | undefined;
  /** Nodes without whose success this one is skipped. */
  readonly waitsFor: readonly NodeName[];
  /** Its objects go with those of another node of the unit, without a call of their own. */
  readonly goesAlong?: true | undefined;
}

/** A node by its id, with the address of its step. */
interface NodeName {
  readonly id: string;
  readonly address: Address;
  /** It is awaited only because callers would otherwise get an object whose contents aren't ready. */
  readonly contents?: true | undefined;
}

/** Nodes that run together: several when one call takes them all. Starts once what it waits for has ended. */
export interface Unit {
  readonly id: string;
  readonly part: Node["part"];
  readonly kind: string;
  readonly nodes: readonly Node[];
  readonly waitsFor: readonly string[];
}

/** A node, and those that go along with it. */
interface LinkedNode extends Node {
  readonly along: readonly Node[];
}

const mainOf = (address: Address): NodeName => ({ id: address, address });
const oldOf = (address: Address): NodeName => ({ id: `${address} (old)`, address });
const switchOf = (address: Address): NodeName => ({ id: `${address} (switch)`, address });

/**
 * The units of a plan, in an order in which each comes after what it waits for. Only nodes of one level of
 * the graph share a unit, so that joining them never makes a cycle.
 */
export function scheduleSteps(plan: Plan, kinds: readonly KindSchema[]): readonly Unit[] {
  const kindOf = indexKinds(kinds);
  return formUnits(linkNodes(plan, kindOf, splitStep), kindOf, new Set());
}

/** The units of a plan in two phases: what no caller sees yet, and then what lets them see it, and removals. */
export interface Phases {
  readonly prepare: readonly Unit[];
  readonly switch: readonly Unit[];
}

/** As {@link scheduleSteps}, in phases. What has to go before something new can come goes in the first one. */
export function schedulePhases(plan: Plan, kinds: readonly KindSchema[]): Phases {
  const kindOf = indexKinds(kinds);
  const nodes = linkNodes(plan, kindOf, splitInPhases);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const early = new Set<string>();
  const prepare = (node: Node): void => {
    if (early.has(node.id)) return;
    early.add(node.id);
    for (const { id } of node.waitsFor) {
      const needed = byId.get(id);
      if (needed) prepare(needed);
    }
  };
  for (const node of nodes) if (node.part === "main") prepare(node);
  const late = new Set(nodes.filter(({ id }) => !early.has(id)).map(({ id }) => id));
  const units = formUnits(nodes, kindOf, late);
  const isLate = ({ nodes: [first] }: Unit): boolean => first !== undefined && late.has(first.id);
  return { prepare: units.filter((unit) => !isLate(unit)), switch: units.filter(isLate) };
}

/** Nodes of one level share a unit where a call takes several; `late` ones none with others. */
function formUnits(nodes: readonly LinkedNode[], kindOf: Kinds, late: ReadonlySet<string>): readonly Unit[] {
  const levels = levelNodes(edgesOf(nodes));
  const groups = groupBy(nodes, (node) =>
    JSON.stringify([levels.get(node.id), late.has(node.id), groupKey(node, kindOf.get(node.step.kind))]),
  );
  const chunks = [...groups.values()].flatMap((group) => chunkNodes(group, kindOf));
  const unitOf = new Map(chunks.flatMap((chunk) => chunk.map((node) => [node.id, unitId(chunk)] as const)));
  const units = chunks.map((chunk): Unit => {
    const targets = chunk.flatMap((node) => node.waitsFor).flatMap(({ id }) => unitOf.get(id) ?? []);
    const [first] = chunk;
    if (!first) throw new Error("a group of nodes can't be empty");
    const id = unitId(chunk);
    return {
      id,
      part: first.part,
      kind: first.step.kind,
      nodes: [...chunk, ...chunk.flatMap(({ along }) => along)],
      waitsFor: [...new Set(targets)].sort(),
    };
  });
  const level = (unit: Unit) => levels.get(unit.nodes[0]?.id ?? "") ?? 0;
  return units.sort((a, b) => level(a) - level(b) || (a.id < b.id ? -1 : 1));
}

type StepPart = Omit<Node, "waitsFor">;

function splitStep(step: Step): readonly StepPart[] {
  if (step.action === "no-op" || step.action === "undecided") return [];
  const main: StepPart = { id: mainOf(step.address).id, part: "main", step, calls: step.calls };
  const old: StepPart = { id: oldOf(step.address).id, part: "old", step, calls: [] };
  if (step.spec === undefined) return [old];
  return hasRemoval(step) ? [main, old] : [main];
}

function splitInPhases(step: Step): readonly StepPart[] {
  const showing = step.calls.filter(({ call }) => call === "follow-up");
  if (showing.length === 0) return splitStep(step);
  const calls = step.calls.filter((one) => !showing.includes(one));
  const last: StepPart = { id: switchOf(step.address).id, part: "switch", step, calls: showing };
  return splitStep(step).flatMap((part) => {
    if (part.part !== "main") return [part];
    return calls.length > 0 ? [{ ...part, calls, unfinished: true as const }, last] : [last];
  });
}

const edgesOf = (nodes: readonly Node[]): ReadonlyMap<string, readonly string[]> =>
  new Map(nodes.map(({ id, waitsFor }) => [id, waitsFor.map((name) => name.id)]));

/**
 * The nodes with what they wait for. What is wanted now must be in order; that something lets go before what it
 * hung on goes is a wish, given up where it would close a circle (dependencies that were turned round).
 */
function linkNodes(plan: Plan, kindOf: Kinds, split: typeof splitStep): readonly LinkedNode[] {
  const holders = findRemovalsAlong(plan.steps, kindOf);
  const holderOf = ({ part, step }: StepPart): Address | undefined =>
    part === "old" ? holders.get(step)?.address : undefined;
  const all = plan.steps.flatMap(split);
  const along = groupBy(all, holderOf);
  const parts = all.filter((part) => holderOf(part) === undefined);
  const ids = new Set(parts.map(({ id }) => id));
  const dependents = indexDependents(plan.steps);
  const link = (keep: (part: StepPart, wish: NodeName) => boolean): readonly LinkedNode[] =>
    parts.map((part): LinkedNode => {
      const { address } = part.step;
      const others = part.part === "old" ? (along.get(address) ?? []) : [];
      // What objects that go along would wait for, the one that they go with waits for.
      const needs = [part, ...others].map((one) => waitsFor(one, dependents, kindOf));
      const wishes = needs.flatMap((one) => one.wishes).filter((wish) => keep(part, wish));
      const names = [...needs.flatMap(({ musts }) => musts), ...wishes].filter(({ id }) => ids.has(id));
      const known = new Map(names.map((name) => [name.id, name]));
      return {
        ...part,
        waitsFor: [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
        along: others.map((one) => ({ ...one, waitsFor: [{ id: part.id, address }], goesAlong: true })),
      };
    });
  const linked = link(() => true);
  if (!hasCycle(edgesOf(linked))) return linked;
  const edges = new Map([...edgesOf(link(() => false))].map(([id, targets]) => [id, new Set(targets)]));
  return link((part, wish) => {
    if (reaches(edges, wish.id, part.id)) return false;
    edges.get(part.id)?.add(wish.id);
    return true;
  });
}

function waitsFor(
  part: StepPart,
  dependents: ReadonlyMap<Address, readonly Step[]>,
  kindOf: Kinds,
): { readonly musts: readonly NodeName[]; readonly wishes: readonly NodeName[] } {
  const { step } = part;
  const createFirst = replacesCreateFirst(step, kindOf);
  // A document may have been made to depend on the bot: then nothing can be awaited.
  const awaited = (step.awaits ?? []).map((address) => ({ ...mainOf(address), contents: true as const }));
  if (part.part === "switch") {
    return { musts: [mainOf(step.address), ...step.dependencies.flatMap(wholeOf)], wishes: awaited };
  }
  if (part.part === "main") {
    return {
      musts: [...step.dependencies.map(mainOf), ...(createFirst ? [] : [oldOf(step.address)])],
      wishes: awaited,
    };
  }
  const wishes = (dependents.get(step.address) ?? []).flatMap((other) => {
    // Who will hang on the new object waits for it, so what goes before the new one can't wait for them.
    const hangsOnNew = other.spec !== undefined && other.dependencies.includes(step.address);
    if (!createFirst && hangsOnNew) return [];
    // Where something new comes after it, it can't wait until callers see who has let go.
    const inTime = step.spec === undefined || createFirst ? wholeOf(other.address) : [mainOf(other.address)];
    return [...inTime, oldOf(other.address)];
  });
  const released = findReleasing(step, dependents, kindOf).flatMap(({ address }) => [
    ...wholeOf(address),
    oldOf(address),
  ]);
  return { musts: createFirst ? wholeOf(step.address) : [], wishes: [...wishes, ...released] };
}

/** The steps that let go of what holds a processed object: callers use that object until then. */
function findReleasing(
  { kind, dependencies, formerDependencies = [], spec }: Step,
  dependents: ReadonlyMap<Address, readonly Step[]>,
  kindOf: Kinds,
): readonly Step[] {
  if (spec !== undefined || !kindOf.get(kind)?.processed) return [];
  const holders = new Set([...dependencies, ...formerDependencies]);
  return [...holders].flatMap((holder) =>
    (dependents.get(holder) ?? []).filter(
      (other) =>
        awaitingFields(kindOf.get(other.kind) ?? { fields: {} }).length > 0 &&
        (other.spec === undefined || !other.dependencies.includes(holder)),
    ),
  );
}

/** Until callers see it; there is a second part only in phases. */
const wholeOf = (address: Address): readonly NodeName[] => [mainOf(address), switchOf(address)];

function replacesCreateFirst(step: Step, kindOf: Kinds): boolean {
  const kind = kindOf.get(step.kind);
  // What can't be deleted is let go only once there is a new one.
  const stays = step.undo !== undefined && step.removes.length === 0;
  return step.spec !== undefined && (kind?.replacement === "create-first" || stays);
}

/** Nodes with equal keys may share a call. */
function groupKey(node: Node, kind: KindSchema | undefined): string {
  const { step, part } = node;
  const alone = canonicalJson([step.kind, part, step.address]);
  if (part === "old") {
    const batches = kind?.removeMany !== undefined && step.removes.length === 1;
    return batches ? canonicalJson([step.kind, part, step.removes[0]?.parent ?? null]) : alone;
  }
  const creates = part === "main" && step.calls[0]?.call === "create";
  if (!kind?.createMany || !creates || !step.spec) return alone;
  const parent: Json = (kind.parent && step.spec[kind.parent]) ?? null;
  return canonicalJson([step.kind, part, parent, kind.createMany.group?.(step.spec) ?? ""]);
}

function chunkNodes(nodes: readonly LinkedNode[], kindOf: Kinds): readonly (readonly LinkedNode[])[] {
  const [first] = nodes;
  const kind = first && kindOf.get(first.step.kind);
  const limit = (first?.part === "old" ? kind?.removeMany?.limit : kind?.createMany?.limit) ?? 1;
  const weigh = first?.part === "main" ? kind?.createMany?.weight : undefined;
  const ordered = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  return packItems(ordered, {
    limit,
    weigh: ({ step }) => (step.spec && weigh?.(step.spec)) ?? 0,
    most: kind?.createMany?.maxWeight,
  });
}

const unitId = (nodes: readonly Node[]): string =>
  nodes.length > 1 ? `${nodes[0]?.id} +${nodes.length - 1}` : (nodes[0]?.id ?? "");
