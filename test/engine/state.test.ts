import { describe, expect, test } from "@jest/globals";
import { observe } from "../../src/engine/observe.ts";
import { reconcileState } from "../../src/engine/reconcile.ts";
import type { Entry } from "../../src/kind/state-entry.ts";
import { openStore } from "../../src/state/store.ts";
import { createToyProject, summarize, want } from "../support/toy-engine.ts";
import { thing } from "../support/toy-kind.ts";

const box = want("Box", "b", { name: "b" });
const one = want("Thing", "one", { box: { $ref: "Box.b" }, name: "one" });
const desired = [box, one];

type Project = ReturnType<typeof createToyProject>;

/** Writes an entry of the state as an earlier run would have left it. */
async function changeState(project: Project, address: string, change: Partial<Entry>): Promise<void> {
  const store = await openStore(project.place, "test");
  const entry = store.state.resources[address];
  if (entry) store.put("test", { [address]: { ...entry, ...change } });
  await store.close();
}

describe("a pending invitation", () => {
  /** A project whose thing waits for something that no list shows, and with it. */
  async function invite() {
    const project = createToyProject();
    const { create } = thing;
    thing.create = async (api, spec) => {
      api.calls.push(`invite ${spec.name}`);
      return { id: "t2", pending: "someone has to accept it" };
    };
    try {
      await project.apply(desired);
    } finally {
      Object.assign(thing, { create });
    }
    return project;
  }

  async function reconcile(project: Project): Promise<void> {
    const plan = await project.plan(desired);
    const store = await openStore(project.place, "test");
    reconcileState(project.engine.provider, store, plan);
    await store.close();
  }

  test("stays pending over later runs, which neither repeat it nor wait for lists", async () => {
    const project = await invite();
    const pending = { status: "pending", id: "t2", note: "someone has to accept it" };
    expect(project.state()["Thing.one"]).toMatchObject(pending);
    project.api.calls.length = 0;
    expect(summarize(await project.plan(desired))).toEqual([]);
    await project.apply(desired);
    await reconcile(project);
    expect(project.state()["Thing.one"]).toMatchObject(pending);
    expect(project.api.calls).toEqual([
      "list boxes",
      "list b1",
      "list boxes",
      "list b1",
      "list boxes",
      "list b1",
    ]);
  });

  test("is over once its object is there", async () => {
    const project = await invite();
    project.api.things.set("t2", { id: "t2", parent: "b1", live: { box: "b1", name: "one" } });
    await reconcile(project);
    const { status, note } = project.state()["Thing.one"] ?? {};
    expect([status, note]).toEqual(["ready", undefined]);
  });
});

test("superseded objects that stay at Coze are observed until they are gone, and are never taken over", async () => {
  const project = createToyProject();
  await project.apply(desired);
  const former = { id: "t0", parent: "b1", live: { box: "b1", name: "one" } };
  project.api.things.set("t0", former);
  const spec = { box: "b1", name: "one" };
  const superseded = ["t0", "t-gone"].map((id) => ({ id, parent: "b1", spec }));
  await changeState(project, "Thing.one", { kept: superseded });
  const look = async () => {
    const entries = new Map(Object.entries(project.state()));
    const observation = { desired, entries, cache: new Map(), salt: "", refresh: "auto" } as const;
    return (await observe(project.engine, observation)).observed.get("Thing.one");
  };
  expect(await look()).toMatchObject({ status: "present", item: { id: "t2" }, kept: [{ id: "t0" }] });
  expect(await look()).toMatchObject({ namesakes: undefined });
  project.api.things.delete("t0");
  expect(await look()).toMatchObject({ status: "present", kept: undefined });
});
