import { describe, expect, test } from "@jest/globals";
import { kindOf, setStage, settle } from "./remote-stage.ts";

const document = kindOf("Document");
const copy = kindOf("Copy");
const workspace = kindOf("Workspace");

type Stage = ReturnType<typeof setStage>;

const idOf = (made: unknown): string => String((made as { readonly id?: string }).id);

/** A dataset, and a way to put documents into it. */
function setDataset(stage: Stage, timeout?: number) {
  const { id: space_id } = stage.world.addWorkspace({ name: "客服" });
  const parent = stage.world.addDataset({ space_id }).id;
  const remote = stage.open({ timeout });
  const add = async (...names: readonly string[]) => {
    const specs = names.map((name) => ({
      dataset: parent,
      name,
      source: { url: `https://${name === "坏" ? "fail.invalid" : "example.com"}/${name}` },
    }));
    const made = await Promise.all(specs.map((spec) => remote.create(document, spec, [])));
    return made.map((one) => ({ id: idOf(one), parent }));
  };
  return { remote, add };
}

describe("documents are waited for", () => {
  test("by one call for all that wait, also for those who come later", async () => {
    const stage = setStage({ world: { processingMs: 3000 } });
    const { remote, add } = setDataset(stage);
    const { result, calls } = await stage.watch(async () => {
      const first = await add("甲", "乙");
      const waiting = first.map((at) => remote.settle(document, at));
      await stage.clock.sleep(2000);
      const later = await add("丙");
      return await Promise.all([...waiting, ...later.map((at) => remote.settle(document, at))]);
    });
    expect(result).toEqual([{ state: "ready" }, { state: "ready" }, { state: "ready" }]);
    // After 1 s for two, after 2.5 and 4 s for all three, and after 6.25 s for the one that is left.
    expect(calls).toEqual({ create_knowledge_files: 2, get_dataset_progress: 4 });
  });

  test("until Coze gives up on one", async () => {
    const stage = setStage();
    const { remote, add } = setDataset(stage);
    const [good, bad] = await stage.clock.run(add("甲", "坏"));
    if (!good || !bad) throw new Error("no documents");
    const { result } = await stage.watch(() =>
      Promise.all([good, bad].map((at) => remote.settle(document, at))),
    );
    expect(result).toEqual([
      { state: "ready" },
      { state: "failed", error: expect.objectContaining({ name: "ProcessingFailed" }) },
    ]);
  });

  test("who comes late isn't kept waiting by those who have waited long", async () => {
    const stage = setStage({ world: { processingMs: 3_600_000 } });
    const { remote, add } = setDataset(stage);
    const places = await stage.clock.run(add("甲", "乙"));
    const [slow, quick] = places;
    if (!slow || !quick) throw new Error("no documents");
    const took = await stage.clock.run(
      (async () => {
        void remote.settle(document, slow);
        await stage.clock.sleep(600_000);
        const made = stage.world.documents.get(quick.id);
        if (made) made.ready_at_ms = stage.clock.now();
        const before = stage.clock.now();
        await remote.settle(document, quick);
        return stage.clock.now() - before;
      })(),
    );
    expect(took).toBeLessThanOrEqual(1000);
  });

  test("no longer than is set, nor once it is stopped", async () => {
    const stage = setStage({ world: { processingMs: 3_600_000 } });
    const { remote, add } = setDataset(stage, 60_000);
    const places = await stage.clock.run(add("甲", "乙"));
    const wait = () => Promise.all(places.map((at) => remote.settle(document, at)));
    const before = stage.clock.now();
    expect(await stage.clock.run(wait())).toEqual(Array(2).fill({ state: "left", why: "timed-out" }));
    expect(stage.clock.now() - before).toBeLessThanOrEqual(60_000);
    const stopped = await stage.watch(() => {
      void stage.clock.sleep(10).then(() => remote.stop());
      return wait();
    });
    expect(stopped.result).toEqual(Array(2).fill({ state: "left", why: "interrupted" }));
    expect(stopped.calls).toEqual({});
  });

  test("through failures that pass, and not through others", async () => {
    const stage = setStage();
    const { remote, add } = setDataset(stage);
    const places = await stage.clock.run(add("甲", "乙"));
    const wait = () => settle(places.map((at) => remote.settle(document, at)));
    stage.emulator.faults.set([
      { operation: "get_dataset_progress", fault: "server-error", calls: { times: 5 } },
    ]);
    expect(await stage.clock.run(wait())).toEqual([{ state: "ready" }, { state: "ready" }]);
    stage.emulator.faults.set([{ operation: "get_dataset_progress", fault: "refuse", code: 4101 }]);
    const refused = await stage.watch(wait);
    expect(refused.result).toEqual(Array(2).fill(expect.stringMatching(/^Forbidden: /u)));
    expect(refused.calls).toEqual({ get_dataset_progress: 1 });
  });
});

test("a look that isn't sent any more is no failure of the work", async () => {
  const stage = setStage({ world: { processingMs: 3_600_000 } });
  const { add } = setDataset(stage);
  const [at] = await stage.clock.run(add("甲"));
  const remote = stage.open({ requestsPerSecond: 0.1 });
  const { result, calls } = await stage.watch(async () => {
    await remote.list(workspace, undefined, {});
    void stage.clock.sleep(5000).then(() => remote.stop());
    return await Promise.all([at && remote.settle(document, at), remote.follow(copy, "7512000000000000123")]);
  });
  expect(result).toEqual(Array(2).fill({ state: "left", why: "interrupted" }));
  expect(calls).toEqual({ list_workspace: 1 });
});

describe("a task is followed", () => {
  function setCopies(stage: Stage, timeout?: number) {
    const [from, to] = ["甲", "乙"].map((name) => stage.world.addWorkspace({ name }).id);
    const { id } = stage.world.addBot({ space_id: from ?? "", draft: { name: "原件" } });
    const remote = stage.open({ timeout });
    const begin = async () => {
      const made = await remote.create(copy, { type: "bot", source: { id }, workspace: to ?? "" }, []);
      return "task" in made ? made.task : "";
    };
    return { remote, begin, original: id };
  }

  test("until it has made its object", async () => {
    const stage = setStage();
    const { remote, begin } = setCopies(stage);
    const { result, calls } = await stage.watch(async () => remote.follow(copy, await begin()));
    expect(result).toEqual({ state: "made", id: [...stage.world.bots.keys()].at(-1) });
    expect(calls).toEqual({ copy_resource_task: 1, query_resource_copy_execution_result: 2 });
  });

  test("at once where an earlier process began it", async () => {
    const stage = setStage();
    const task = await stage.clock.run(setCopies(stage).begin());
    await stage.clock.run(stage.clock.sleep(60_000));
    const before = stage.clock.now();
    const { result, calls } = await stage.watch(() => stage.open().follow(copy, task));
    expect(result).toMatchObject({ state: "made" });
    expect(calls).toEqual({ query_resource_copy_execution_result: 1 });
    expect(stage.clock.now()).toBe(before);
  });

  test("until it fails, with what stood in the way", async () => {
    const stage = setStage();
    const { remote, begin, original } = setCopies(stage);
    stage.world.failCopyOf(original, "没有权限");
    const end = await stage.clock.run(begin().then((task) => remote.follow(copy, task)));
    if (end.state !== "failed") throw new Error(`it is ${end.state}`);
    expect(remote.explain(end.error)).toMatchObject({
      message: "Coze couldn't copy it",
      hint: "fix the listed problems and run again; parts copied before the failure may remain in the workspace",
      parts: [{ text: expect.stringContaining("没有权限") }],
    });
  });

  test("or isn't known, is left in time, or when all is stopped", async () => {
    const stage = setStage();
    const { remote, begin, original } = setCopies(stage, 60_000);
    stage.world.paceCopyOf(original, Number.POSITIVE_INFINITY);
    expect(await stage.clock.run(remote.follow(copy, "7512000000000000123"))).toEqual({ state: "lost" });
    const task = await stage.clock.run(begin());
    expect(await stage.clock.run(remote.follow(copy, task))).toEqual({ state: "left", why: "timed-out" });
    void stage.clock.sleep(10).then(() => remote.stop());
    expect(await stage.clock.run(remote.follow(copy, task))).toEqual({ state: "left", why: "interrupted" });
  });
});
