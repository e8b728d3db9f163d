import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findLoops } from "../../src/manifest/cycles.ts";
import { boxManifest, brief, loadFiles, manifest } from "./toy-project.ts";

const thing = (name: string, ...spec: readonly string[]): string =>
  manifest("Thing", name, ["box: crate", `name: ${name}`, ...spec]);
const load = (...things: readonly string[]) =>
  loadFiles({ "a.yaml": boxManifest, "t.yaml": things.join("---\n") });

describe("a reference", () => {
  test("is a resource, an id or a lookup", async () => {
    const { diagnostics, resources } = await load(
      thing("a", 'friends: [b, {id: "42"}, {lookup: {name: 茶杯}}]', 'tool: {lookup: {box: "7", name: saw}}'),
      thing("b"),
    );
    expect(diagnostics).toEqual([]);
    const [, a] = resources;
    expect(a?.spec).toMatchObject({
      box: { $ref: "Box.crate" },
      friends: [{ $ref: "Thing.b" }, "42", { $lookup: { name: "茶杯" } }],
      tool: { $lookup: { box: "7", name: "saw" } },
    });
    expect(a?.dependencies).toEqual(["Box.crate", "Thing.b"]);
  });

  test("to a faulty manifest is still known", async () => {
    const { diagnostics, resources } = await load(thing("a", "friends: [b]"), thing("b", "size: 99"));
    expect(diagnostics.map(brief)).toEqual(["t.yaml:15:9 out-of-range"]);
    expect(resources.map(({ address }) => address)).toEqual(["Box.crate", "Thing.a"]);
  });

  test("to a manifest whose YAML is broken is still known", async () => {
    const { diagnostics } = await load(thing("a", "friends: [b]"), thing("b", "note: 'x"));
    expect(diagnostics.map(brief)).toEqual(["t.yaml:15:9 yaml-syntax"]);
  });

  test("can be put in", async () => {
    const files = {
      "a.yaml": boxManifest,
      "t.yaml": thing("a", "friends: ['${var.friend}']"),
      "u.yaml": thing("b"),
    };
    const { diagnostics, resources } = await loadFiles(files, { variables: { friend: "b" } });
    expect(diagnostics).toEqual([]);
    expect(resources[1]?.dependencies).toEqual(["Box.crate", "Thing.b"]);
    const wrong = await loadFiles(files, { variables: { friend: "nobody" } });
    expect(wrong.diagnostics[0]?.message).toBe("there is no Thing called this value");
  });
});

describe("a loop is named", () => {
  test("of several", async () => {
    const { diagnostics } = await load(
      thing("c", "friends: [a]"),
      thing("a", "friends: [b]"),
      thing("b", "friends: [c]"),
      thing("d", "friends: [a]"),
    );
    expect(diagnostics.map(brief)).toEqual(["t.yaml:15:13 cycle"]);
    expect(diagnostics[0]?.message).toBe(
      "these resources wait for each other: Thing.a -> Thing.b -> Thing.c -> Thing.a",
    );
  });

  test("of one", async () => {
    const { diagnostics } = await load(thing("a", "friends: [a]"));
    expect(diagnostics[0]?.message).toBe("these resources wait for each other: Thing.a -> Thing.a");
  });

  test("by depends_on", async () => {
    const { diagnostics } = await load(
      thing("a").replace("{name: a}", "{name: a, depends_on: [Thing.b]}"),
      thing("b", "friends: [a]"),
    );
    expect(diagnostics.map(brief)).toEqual(["t.yaml:3:34 cycle"]);
  });

  test("once for all items of a for_each", async () => {
    const { diagnostics } = await load(
      thing("a").replace("{name: a}", "{name: a, for_each: [x, y, z], depends_on: [Thing.a]}"),
    );
    expect(diagnostics.map(brief)).toEqual(["t.yaml:3:55 cycle"]);
  });

  test("wherever there is one, and nowhere else", () => {
    const nodes = ["a", "b", "c", "d", "e", "f"];
    const graphs = fc.dictionary(fc.constantFrom(...nodes), fc.subarray(nodes, { maxLength: 2 }));
    fc.assert(
      fc.property(graphs, (edges) => {
        const graph = new Map(Object.entries(edges));
        const loops = findLoops(graph);
        for (const loop of loops) {
          loop.forEach((node, index) => {
            expect(graph.get(node)).toContain(loop[(index + 1) % loop.length]);
          });
        }
        expect(loops.length > 0).toBe(nodes.some((node) => reaches(graph, node, node)));
      }),
    );
  });
});

function reaches(
  graph: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
  seen = new Set<string>(),
): boolean {
  return (graph.get(from) ?? []).some((next) => {
    if (next === to) return graph.has(to);
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(graph, next, to, seen);
  });
}
