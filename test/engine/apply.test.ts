import { expect, test } from "@jest/globals";
import { formatPath } from "../../src/core/spec-walk.ts";
import { createToyProject, summarize, ToyError, want } from "../support/toy-engine.ts";
import { thing } from "../support/toy-kind.ts";

const box = want("Box", "b", { name: "b" });
const full = {
  box: { $ref: "Box.b" },
  name: "one",
  note: "你好".repeat(300),
  size: 3,
  tags: ["x", "y"],
  secret: "hush",
  paint: { color: "red", coat: "thick" },
  outlets: { names: ["shop", "web"] },
};

test("a plan right after an apply is empty, whatever the fields", async () => {
  const project = createToyProject();
  const desired = [box, want("Thing", "one", full)];
  expect(summarize(await project.plan(desired))).toEqual(["create Box.b", "create Thing.one"]);
  await project.apply(desired);
  expect(summarize(await project.plan(desired))).toEqual([]);
  expect(project.api.calls.filter((call) => !call.startsWith("list"))).toEqual([
    "create b",
    "create one",
    "show t2",
  ]);
});

test("the state holds neither secrets nor long texts", async () => {
  const project = createToyProject();
  await project.apply([box, want("Thing", "one", full)]);
  const text = JSON.stringify(project.state());
  expect(text).not.toContain("hush");
  expect(text).not.toContain("你好你好");
});

test("one changed field is exactly what the next plan shows", async () => {
  const project = createToyProject();
  await project.apply([box, want("Thing", "one", full)]);
  const changes: readonly [string, object, readonly string[]][] = [
    ["readable", { note: "new" }, ["note"]],
    ["unreadable", { secret: "psst" }, ["secret"]],
    ["nested", { paint: { color: "blue", coat: "thick" } }, ["paint.color"]],
    ["nested and unreadable", { paint: { color: "red", coat: "thin" } }, ["paint.coat"]],
    ["a set's order", { tags: ["y", "x"] }, []],
    ["a set's items", { tags: ["x", "z"] }, ["tags"]],
  ];
  for (const [, change, paths] of changes) {
    const plan = await project.plan([box, want("Thing", "one", { ...full, ...change })]);
    const step = plan.steps.find(({ address }) => address === "Thing.one");
    expect(step?.changes.map(({ path }) => formatPath(path))).toEqual(paths);
  }
});

test("a field taken out goes back to its default, once", async () => {
  const project = createToyProject();
  await project.apply([box, want("Thing", "one", full)]);
  const { note: _note, size: _size, ...less } = full;
  const desired = [box, want("Thing", "one", less)];
  const plan = await project.plan(desired);
  const step = plan.steps.find(({ address }) => address === "Thing.one");
  expect(step?.changes).toMatchObject([{ path: ["note"], after: "", cleared: true }]);
  expect(step?.notes).toEqual(["size can't be unset through the API; Coze keeps its value"]);
  await project.apply(desired);
  expect(summarize(await project.plan(desired))).toEqual([]);
});

test("what a manifest never named stays as Coze holds it", async () => {
  const project = createToyProject();
  const desired = [box, want("Thing", "one", { box: { $ref: "Box.b" }, name: "one" })];
  await project.apply(desired);
  const item = project.api.things.get("t2");
  if (item) project.api.things.set("t2", { ...item, live: { ...item.live, note: "edited by hand" } });
  expect(summarize(await project.plan(desired))).toEqual([]);
});

test("drift of a managed field is repaired", async () => {
  const project = createToyProject();
  const desired = [box, want("Thing", "one", full)];
  await project.apply(desired);
  const item = project.api.things.get("t2");
  if (item) project.api.things.set("t2", { ...item, live: { ...item.live, size: 9 } });
  const plan = await project.plan(desired);
  expect(plan.steps.find(({ address }) => address === "Thing.one")?.changes).toMatchObject([
    { path: ["size"], before: 9, after: 3 },
  ]);
});

test("a reference to something new is known after apply, and followed in order", async () => {
  const project = createToyProject();
  const first = want("Thing", "a", { box: { $ref: "Box.b" }, name: "a", next: { $ref: "Thing.z" } });
  const last = want("Thing", "z", { box: { $ref: "Box.b" }, name: "z" });
  await project.apply([box, first, last]);
  expect(project.api.calls.filter((call) => call.startsWith("create"))).toEqual([
    "create b",
    "create z",
    "create a",
  ]);
  expect(summarize(await project.plan([box, first, last]))).toEqual([]);
});

test("what is no longer wanted goes after what hangs on it, and what can't be deleted is forgotten", async () => {
  const project = createToyProject();
  const a = want("Thing", "a", { box: { $ref: "Box.b" }, name: "a", next: { $ref: "Thing.z" } });
  const z = want("Thing", "z", { box: { $ref: "Box.b" }, name: "z" });
  await project.apply([box, a, z]);
  expect(summarize(await project.plan([]))).toEqual(["abandon Box.b", "delete Thing.a", "delete Thing.z"]);
  await project.apply([]);
  expect(project.api.calls.filter((call) => call.startsWith("remove"))).toEqual(["remove t3", "remove t2"]);
  expect(project.state()).toEqual({});
  expect([...project.api.things.keys()]).toEqual(["b1"]);
});

test("a reference taken out is written before its target goes", async () => {
  const project = createToyProject();
  const z = want("Thing", "z", { box: { $ref: "Box.b" }, name: "z" });
  const bound = want("Thing", "a", {
    box: { $ref: "Box.b" },
    name: "a",
    note: "1",
    next: { $ref: "Thing.z" },
  });
  const free = want("Thing", "a", { box: { $ref: "Box.b" }, name: "a", note: "2" });
  await project.apply([box, bound, z]);
  project.api.calls.length = 0;
  await project.apply([box, free]);
  expect(project.api.calls.filter((call) => !call.startsWith("list"))).toEqual([
    "update a next,note",
    "remove t2",
  ]);
});

test("a failure stops only what hangs on it", async () => {
  const project = createToyProject();
  const create = thing.create;
  thing.create = async (api, spec) => {
    if (spec.name === "z") throw new ToyError({ type: "rejected", message: "no z today" });
    return create ? create(api, spec) : { id: "" };
  };
  try {
    const desired = ["a", "m", "z"].map((name) =>
      want("Thing", name, {
        box: { $ref: "Box.b" },
        name,
        ...(name === "a" ? { next: { $ref: "Thing.z" } } : {}),
      }),
    );
    const result = await project.apply([box, ...desired]);
    expect(result.failed.map(({ step, failure }) => [step.address, failure.message])).toEqual([
      ["Thing.z", "no z today"],
    ]);
    expect(result.skipped).toMatchObject([{ step: { address: "Thing.a" }, because: "it waits for Thing.z" }]);
    expect(result.done.map(({ address }) => address)).toEqual(["Box.b", "Thing.m"]);
    expect(Object.keys(project.state())).toEqual(["Box.b", "Thing.m"]);
  } finally {
    Object.assign(thing, { create });
  }
});

const lost = new ToyError({ type: "unknown-outcome", message: "connection lost" });

/** Runs with the toy's creation, and if wanted its listing, replaced. */
async function withToy(change: Partial<Pick<typeof thing, "create" | "list">>, run: () => Promise<unknown>) {
  const { create, list } = thing;
  Object.assign(thing, change);
  try {
    await run();
  } finally {
    Object.assign(thing, { create, list });
  }
}

const { create: createThing, list: listThings } = thing;

test("a creation whose answer was lost is found at once, not repeated", async () => {
  const project = createToyProject();
  const desired = [box, want("Thing", "one", full)];
  const create: typeof createThing = async (api, spec) => {
    await createThing?.(api, spec);
    throw lost;
  };
  await withToy({ create }, () => project.apply(desired));
  expect(project.state()["Thing.one"]).toMatchObject({ status: "ready", id: "t2" });
  expect(project.api.things.size).toBe(2);
  expect(summarize(await project.plan(desired))).toEqual([]);
});

test("when nobody can tell what came of a creation, the next run finds it", async () => {
  const project = createToyProject();
  const desired = [box, want("Thing", "one", full)];
  let created = false;
  const create: typeof createThing = async (api, spec) => {
    await createThing?.(api, spec);
    created = true;
    throw lost;
  };
  const list: typeof listThings = async function* (api, parent, scope) {
    if (created) throw lost;
    yield* listThings(api, parent, scope);
  };
  await withToy({ create, list }, () => project.apply(desired));
  expect(project.state()["Thing.one"]).toMatchObject({ status: "unknown", before: [] });
  expect(summarize(await project.plan(desired))).toEqual(["retry Thing.one"]);
  await project.apply(desired);
  expect(project.state()["Thing.one"]).toMatchObject({ status: "ready", id: "t2" });
  expect(project.api.things.size).toBe(2);
});

test("a creation that took no effect is repeated once, after a search that waited for lists to catch up", async () => {
  const project = createToyProject();
  const desired = [box, want("Thing", "one", full)];
  let attempts = 0;
  const create: typeof createThing = async (api, spec) => {
    attempts += 1;
    if (attempts === 1) throw lost;
    return createThing?.(api, spec) ?? { id: "" };
  };
  await withToy({ create }, () => project.apply(desired));
  expect(project.api.calls).toEqual([
    "list boxes",
    "create b",
    "list b1",
    "list b1",
    "create one",
    "show t2",
  ]);
  expect(summarize(await project.plan(desired))).toEqual([]);
});

test("several objects that could be what came of it stop the creation with their ids", async () => {
  const project = createToyProject();
  const create: typeof createThing = async (api, spec) => {
    await createThing?.(api, spec);
    await createThing?.(api, spec);
    throw lost;
  };
  let failed: readonly string[] = [];
  await withToy({ create }, async () => {
    const result = await project.apply([box, want("Thing", "one", full)]);
    failed = result.failed.map(({ failure }) => failure.message);
  });
  expect(failed).toEqual(["its creation got no answer, and t2, t3 could each be its result"]);
});
