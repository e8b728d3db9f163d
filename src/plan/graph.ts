import type { Address } from "../core/address.ts";
import { addTo } from "../core/group.ts";
import type { Step } from "./plan.ts";

/** Edges by node: what each waits for. Names that are no nodes are ignored. */
export type Edges<Id extends string = string> = ReadonlyMap<Id, Iterable<Id>>;

/** Nodes in an order in which each comes after what it waits for; among equals by name. Throws on a cycle. */
export function sortByDependency<Id extends string>(edges: Edges<Id>): readonly Id[] {
  const levels = levelNodes(edges);
  return [...levels.keys()].sort(
    (a, b) => (levels.get(a) ?? 0) - (levels.get(b) ?? 0) || (a < b ? -1 : a > b ? 1 : 0),
  );
}

/**
 * The length of the longest way down from each node: nodes of one level never wait for each other.
 * Throws on a cycle, which earlier checks rule out.
 */
export function levelNodes<Id extends string>(edges: Edges<Id>): ReadonlyMap<Id, number> {
  const levels = assignLevels(edges);
  if (levels.size === edges.size) return levels;
  const stuck = [...edges.keys()].filter((node) => !levels.has(node));
  throw new Error(`a cycle that should have been refused earlier: ${stuck.sort().join(", ")}`);
}

/** Whether some nodes wait for each other. */
export const hasCycle = (edges: Edges): boolean => assignLevels(edges).size !== edges.size;

/** Whether one node waits for another, over however many steps. */
export function reaches(edges: Edges, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === to) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...(edges.get(node) ?? []));
  }
  return false;
}

function assignLevels<Id extends string>(edges: Edges<Id>): ReadonlyMap<Id, number> {
  const waitsFor = new Map<Id, Set<Id>>();
  const waitedFor = new Map<Id, Id[]>();
  for (const [node, targets] of edges) {
    const known = new Set([...targets].filter((target) => edges.has(target)));
    waitsFor.set(node, known);
    for (const target of known) addTo(waitedFor, target, node);
  }
  const levels = new Map<Id, number>();
  let free = [...waitsFor].filter(([, targets]) => targets.size === 0).map(([node]) => node);
  for (let level = 0; free.length > 0; level += 1) {
    const next: Id[] = [];
    for (const node of free) {
      levels.set(node, level);
      for (const waiting of waitedFor.get(node) ?? []) {
        const left = waitsFor.get(waiting);
        left?.delete(node);
        if (left?.size === 0) next.push(waiting);
      }
    }
    free = next;
  }
  return levels;
}

/** By address, the steps whose object hangs on it, or did when last applied. */
export function indexDependents(steps: readonly Step[]): ReadonlyMap<Address, readonly Step[]> {
  const index = new Map<Address, Step[]>();
  for (const step of steps) {
    for (const address of new Set([...step.dependencies, ...(step.formerDependencies ?? [])])) {
      const known = index.get(address);
      if (known) known.push(step);
      else index.set(address, [step]);
    }
  }
  return index;
}
