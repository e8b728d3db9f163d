import type { Location } from "../../core/diagnostic.ts";
import { addTo } from "../../core/group.ts";
import { explain } from "../../messages/text.ts";
import type { Assembled } from "../assemble.ts";
import type { Report } from "../problems.ts";

type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * Loops of a graph, each as the nodes on it in order from its smallest. Loops that share a node with one
 * already found are left out: mending that one may break them too.
 */
export function findCycles(graph: Graph): readonly (readonly string[])[] {
  const rest = findCyclicNodes(graph);
  const cycles: (readonly string[])[] = [];
  for (const node of [...rest].sort()) {
    const cycle = rest.has(node) ? shortestCycle(graph, node, rest) : undefined;
    if (cycle) cycles.push(cycle);
    for (const done of cycle ?? [node]) rest.delete(done);
  }
  return cycles;
}

/** The nodes that are on a loop or lead to one. */
function findCyclicNodes(graph: Graph): Set<string> {
  const users = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [node, needs] of graph) {
    const known = needs.filter((need) => graph.has(need));
    open.set(node, known.length);
    for (const need of known) addTo(users, need, node);
  }
  const ready = [...open].filter(([, count]) => count === 0).map(([node]) => node);
  const rest = new Set(graph.keys());
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    rest.delete(node);
    for (const user of users.get(node) ?? []) {
      const count = (open.get(user) ?? 0) - 1;
      open.set(user, count);
      if (count === 0) ready.push(user);
    }
  }
  return rest;
}

function shortestCycle(
  graph: Graph,
  start: string,
  within: ReadonlySet<string>,
): readonly string[] | undefined {
  const before = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return pathTo(node, before, start);
      if (!within.has(next) || before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}

function pathTo(end: string, before: ReadonlyMap<string, string>, start: string): readonly string[] {
  const path = [end];
  for (let node = end; node !== start; ) {
    node = before.get(node) ?? start;
    path.unshift(node);
  }
  return path;
}

/** Reports each loop of dependencies at the place of one of its references. */
export function reportCycles(assembled: readonly Assembled[], report: Report): void {
  const edges = new Map(assembled.map((one) => [one.resource.address, one.edges]));
  const graph = new Map(assembled.map(({ resource }) => [resource.address, resource.dependencies]));
  const seen = new Set<Location>();
  for (const cycle of findCycles(graph)) {
    const [first = "", second = first] = cycle;
    const at = edges.get(first)?.get(second);
    // Items of one for_each that depend on themselves do so in one line.
    if (!at || seen.has(at)) continue;
    seen.add(at);
    report(at, { code: "cycle", ...explain("manifest/cycle", { cycle: [...cycle, first].join(" -> ") }) });
  }
}
