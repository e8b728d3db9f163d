import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findCycles } from "../../src/manifest/checks/cycles.ts";
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

  test.each([
    ["a manifest", "crate", "Box.crate"],
    ["a key of one", "'shelf[\"a\"]'", 'Box.shelf["a"]'],
    ["an id", '{id: "77"}', "77"],
    ["digits", '"77"', "77"],
  ])("is looked up within %s", async (_title, box, parent) => {
    const shelf = manifest("Box", "shelf", ["name: shelf"]).replace(
      "{name: shelf}",
      "{name: shelf, for_each: [a]}",
    );
    const loose = manifest("Thing", "a", [
      'box: {id: "1"}',
      "name: a",
      `tool: {lookup: {box: ${box}, name: saw}}`,
    ]);
    const { diagnostics, resources } = await load(shelf, loose);
    expect(diagnostics).toEqual([]);
    const thing = resources.find(({ kind }) => kind === "Thing");
    expect(thing?.spec.tool).toEqual({ $lookup: { box: parent, name: "saw" } });
    expect(thing?.dependencies).toEqual(parent === "77" ? [] : [parent]);
  });

  test("is looked up within what stands beside it", async () => {
    const { diagnostics, resources } = await load(
      thing("a", 'parts: [{tool: {id: "8"}, part: {lookup: {name: lid}}}]'),
    );
    expect(diagnostics).toEqual([]);
    expect(resources[1]?.spec.parts).toEqual([{ tool: "8", part: { $lookup: { tool: "8", name: "lid" } } }]);
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
      "these resources depend on each other: Thing.a -> Thing.b -> Thing.c -> Thing.a",
    );
  });

  test("of one", async () => {
    const { diagnostics } = await load(thing("a", "friends: [a]"));
    expect(diagnostics[0]?.message).toBe("these resources depend on each other: Thing.a -> Thing.a");
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
      thing("a")
        .replace("{name: a}", "{name: a, for_each: [x, y, z], depends_on: [Thing.a]}")
        .replace("name: a\n", 'name: "${each.key}"\n'),
    );
    expect(diagnostics.map(brief)).toEqual(["t.yaml:3:55 cycle"]);
  });

  test("wherever there is one, and nowhere else", () => {
    const nodes = ["a", "b", "c", "d", "e", "f"];
    const graphs = fc.dictionary(fc.constantFrom(...nodes), fc.subarray(nodes, { maxLength: 2 }));
    fc.assert(
      fc.property(graphs, (edges) => {
        const graph = new Map(Object.entries(edges));
        const loops = findCycles(graph);
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

describe("a word that Coze's documentation doesn't know", () => {
  test.each([
    ["pres", "did you mean press?"],
    ["loom", "it is sent unchanged; documented: hand, press"],
  ])("is sent as it is, with a warning: %s", async (word, hint) => {
    const { diagnostics, resources } = await load(thing("a", `make: ${word}`), thing("b", "make: press"));
    const message = `"${word}" isn't in Coze's documentation`;
    expect(diagnostics).toMatchObject([
      { code: "unknown-word", severity: "warning", message, hint, at: { line: 7, column: 9 } },
    ]);
    expect(resources.map(({ spec }) => spec.make)).toEqual([undefined, word, "press"]);
  });
});
