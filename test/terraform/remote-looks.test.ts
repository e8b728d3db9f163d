import { describe, expect, test } from "@jest/globals";
import type { Sighting } from "../../src/lifecycle/presence.ts";
import { tally } from "../support/tally.ts";
import { kindOf, setStage, settle } from "./remote-stage.ts";

const bot = kindOf("Bot");
const dataset = kindOf("Dataset");
const document = kindOf("Document");
const member = kindOf("WorkspaceMember");
const workspace = kindOf("Workspace");
const app = kindOf("CallbackApp");
const copy = kindOf("Copy");

type Stage = ReturnType<typeof setStage>;

/** Bots that were last changed some time ago. */
function addBots(stage: Stage, count: number, channels: Record<string, string> = {}) {
  const { world, clock } = stage;
  const { id: space_id } = world.addWorkspace({ name: "客服" });
  const update_time = Math.floor(clock.now() / 1000) - 60;
  const bots = Array.from({ length: count }, (_, index) =>
    world.addBot({ space_id, update_time, draft: { name: `助手${index}` }, channels }),
  );
  return { parent: space_id, bots, update_time };
}

const statusOf = (seen: Sighting | string) =>
  typeof seen === "string" ? seen : seen.status === "absent" ? "absent" : seen.whole ? "whole" : "unchanged";

/** Lists show what was there five seconds ago. */
async function makeListsLag({ emulator, clock }: Stage): Promise<void> {
  emulator.faults.set([{ operation: "reads", fault: "list-lag", ms: 4900 }]);
  await clock.run(clock.sleep(10_000));
}

describe("a thousand bots", () => {
  test("that are unchanged cost the pages of one list", async () => {
    const stage = setStage();
    const { parent, bots, update_time } = addBots(stage, 1000);
    const remote = stage.open();
    const { result, calls } = await stage.watch(() =>
      Promise.all(
        bots.map(({ id, draft }) =>
          remote.look(bot, { id, parent }, stage.known({ name: draft.name }, { revision: update_time })),
        ),
      ),
    );
    expect(tally(result.map(statusOf))).toEqual({ unchanged: 1000 });
    expect(calls).toEqual({ bots_list_draft_published: 51 });
    expect(result[0]).toEqual({
      status: "present",
      live: { workspace: parent, name: "助手0" },
      revision: update_time,
      whole: false,
    });
  });

  test("of which one was changed and one was deleted cost two calls more", async () => {
    const stage = setStage();
    const { parent, bots, update_time } = addBots(stage, 1000);
    const [changed, deleted] = bots;
    stage.world.editBot(changed?.id ?? "", { prompt_info: { prompt: "新的" } });
    stage.world.bots.delete(deleted?.id ?? "");
    await stage.clock.run(stage.clock.sleep(2000));
    const remote = stage.open();
    const { result, calls } = await stage.watch(() =>
      Promise.all(
        bots.map(({ id }) => remote.look(bot, { id, parent }, stage.known({}, { revision: update_time }))),
      ),
    );
    expect(tally(result.map(statusOf))).toEqual({ whole: 1, absent: 1, unchanged: 998 });
    expect(calls).toEqual({ bots_list_draft_published: 50, get_metadata_draft_published: 2 });
    expect(result[0]).toMatchObject({
      live: { workspace: parent, prompt: "新的" },
      revision: changed?.update_time,
    });
  });
});

test("a reading in the second of the last change isn't relied on", async () => {
  const stage = setStage();
  const { parent, bots } = addBots(stage, 1);
  const { id } = stage.world.editBot(bots[0]?.id ?? "", { prompt_info: { prompt: "新的" } });
  const { result } = await stage.watch(() => stage.open().look(bot, { id, parent }, stage.known()));
  expect(result).toEqual({
    status: "present",
    live: expect.objectContaining({ prompt: "新的" }),
    whole: true,
    listed: ["workspace"],
    names: new Map(),
  });
});

describe("what a list looks for", () => {
  test("is gathered, and only what is new is asked for later", async () => {
    const stage = setStage();
    const { parent, bots, update_time } = addBots(stage, 30, { 1024: "v1", 999: "v1" });
    const remote = stage.open();
    const look = (index: number, ...ids: readonly string[]) => {
      const publish = { connectors: ids.map((id) => ({ id })) };
      const known = stage.known({ publish }, { revision: update_time });
      return remote.look(bot, { id: bots[index]?.id ?? "", parent }, known);
    };
    const first = await stage.watch(() => Promise.all([look(0), look(1, "1024"), look(2)]));
    expect(first.calls).toEqual({ bots_list_draft_published: 4 });
    const second = await stage.watch(() => Promise.all([look(3, "1024"), look(4, "999")]));
    expect(second.calls).toEqual({ bots_list_draft_published: 2 });
    expect(second.result[1]).toMatchObject({
      live: { publish: { connectors: [{ id: "1024" }, { id: "999" }] } },
    });
    const third = await stage.watch(() => Promise.all([look(5), look(6, "999", "1024")]));
    expect(third.calls).toEqual({});
  });
});

describe("what a list doesn't show", () => {
  test("is looked for once more, by all together, and not where it is no news", async () => {
    const stage = setStage();
    const { id: parent } = stage.world.addWorkspace({ name: "客服" });
    const remote = stage.open();
    const now = Math.floor(stage.clock.now() / 1000);
    const old = await stage.watch(() =>
      Promise.all(["1", "2", "3"].map((id) => remote.look(dataset, { id, parent }, stage.known()))),
    );
    expect(old.result.map(statusOf)).toEqual(["absent", "absent", "absent"]);
    expect(old.calls).toEqual({ list_dataset: 1 });
    const young = await stage.watch(() =>
      Promise.all(
        [{ made: now }, { made: now + 9999 }, {}].map((made) =>
          remote.look(dataset, { id: "4", parent }, { spec: {}, ...made }),
        ),
      ),
    );
    expect(young.result.map(statusOf)).toEqual(["absent", "absent", "absent"]);
    expect(young.calls).toEqual({ list_dataset: 1 });
  });

  test("because it lags is found", async () => {
    const stage = setStage();
    const { id: parent } = stage.world.addWorkspace({ name: "客服" });
    await makeListsLag(stage);
    const made = await stage.clock.run(
      stage.open().create(dataset, { workspace: parent, name: "资料", format: "text" }, []),
    );
    const id = "id" in made ? made.id : "";
    const known = { spec: {}, made: Math.floor(stage.clock.now() / 1000) };
    const { result, calls } = await stage.watch(() => stage.open().look(dataset, { id, parent }, known));
    expect(statusOf(result)).toBe("whole");
    expect(calls).toEqual({ list_dataset: 2 });
  });

  test("may be hidden: a call about it alone tells", async () => {
    const stage = setStage();
    const hidden = stage.world.addWorkspace({ name: "别人的" });
    const { id } = hidden;
    const listed = stage.world.addWorkspace({ name: "自己的" });
    hidden.members.splice(0);
    const remote = stage.open();
    const { result, calls } = await stage.watch(() =>
      settle([
        remote.look(workspace, { id }, stage.known()),
        remote.look(workspace, { id: listed.id }, stage.known()),
        remote.look(workspace, { id: "7512000000000000123" }, stage.known()),
      ]),
    );
    expect(result.map(statusOf)).toEqual([expect.stringMatching(/^Forbidden: /u), "whole", "absent"]);
    expect(calls).toEqual({ list_workspace: 1, list_space_member: 2 });
  });

  test("is gone where what holds it is gone, unless that was just seen", async () => {
    const stage = setStage();
    const { id: space } = stage.world.addWorkspace({ name: "客服" });
    const { id: parent } = stage.world.addDataset({ space_id: space });
    const [knowing, fresh] = [stage.open(), stage.open()];
    await stage.clock.run(knowing.look(dataset, { id: parent, parent: space }, stage.known()));
    stage.world.datasets.delete(parent);
    const look = (remote: typeof fresh) => remote.look(document, { id: "1", parent }, stage.known());
    const { result, calls } = await stage.watch(() => settle([look(fresh), look(fresh), look(knowing)]));
    expect(result.map(statusOf)).toEqual([
      "absent",
      "absent",
      expect.stringMatching(/^ExplainedError: Coze lists /u),
    ]);
    expect(calls).toEqual({ list_knowledge_files: 2 });
  });
});

test("what the token may not see is an error, whoever asks", async () => {
  const token = "pat_few";
  const stage = setStage({ tokens: [{ token, permissions: ["listWorkspace"] }] });
  const { parent, bots } = addBots(stage, 3);
  const remote = stage.open({ token });
  const { result, calls } = await stage.watch(() =>
    settle(bots.map(({ id }) => remote.look(bot, { id, parent }, stage.known()))),
  );
  expect(result.map((one) => String(one).split(":")[0])).toEqual(["Forbidden", "Forbidden", "Forbidden"]);
  expect(calls).toEqual({ bots_list_draft_published: 1 });
});

describe("a look after a write", () => {
  test("gives a revision that the next process can rely on", async () => {
    const stage = setStage();
    const { id: parent } = stage.world.addWorkspace({ name: "客服" });
    const spec = { workspace: parent, name: "助手", prompt: "你好" };
    const { result: seen, calls } = await stage.watch(async () => {
      const remote = stage.open();
      const made = await remote.create(bot, spec, []);
      const id = "id" in made ? made.id : "";
      const again = await remote.lookAgain(bot, { id, parent }, { spec });
      return { id, again };
    });
    expect(calls).toEqual({ create_bot: 1, get_metadata_draft_published: 1 });
    const { again, id } = seen;
    if (again.status === "absent") throw new Error("it is absent");
    expect(again.live).toMatchObject({ name: "助手", prompt: "你好" });
    const next = await stage.watch(() =>
      stage.open().look(bot, { id, parent }, stage.known(spec, { revision: again.revision })),
    );
    expect(statusOf(next.result)).toBe("unchanged");
    expect(next.calls).toEqual({ bots_list_draft_published: 1 });
  });

  test("is shared by all whose writes end at about the same time", async () => {
    const stage = setStage();
    const { id: parent } = stage.world.addWorkspace({ name: "客服" });
    // Requests start two hundred milliseconds apart.
    const remote = stage.open({ requestsPerSecond: 5 });
    const { result, calls } = await stage.watch(() =>
      Promise.all(
        ["一", "二", "三", "四", "五"].map(async (name) => {
          const made = await remote.create(dataset, { workspace: parent, name, format: "text" }, []);
          const id = "id" in made ? made.id : "";
          return await remote.lookAgain(dataset, { id, parent }, { spec: { name } });
        }),
      ),
    );
    expect(result.map((one) => (one.status === "present" ? one.live.document_count : one))).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(calls).toEqual({ create_dataset: 5, list_dataset: 1 });
  });

  test("waits for other writes only while there are some", async () => {
    const stage = setStage();
    const { id: parent } = stage.world.addWorkspace({ name: "客服" });
    const remote = stage.open();
    const made = await stage.clock.run(
      remote.create(dataset, { workspace: parent, name: "资料", format: "text" }, []),
    );
    const before = stage.clock.now();
    await stage.clock.run(
      remote.lookAgain(dataset, { id: "id" in made ? made.id : "", parent }, { spec: {} }),
    );
    expect(stage.clock.now() - before).toBeLessThan(100);
  });

  test("asks nothing where there is nothing to learn", async () => {
    const stage = setStage();
    const { id } = stage.world.addWorkspace({ name: "客服" });
    const { result, calls } = await stage.watch(() =>
      stage.open().lookAgain(workspace, { id }, { spec: { name: "客服", type: "team" } }),
    );
    expect(result).toEqual({ status: "present", live: {}, whole: false });
    expect(calls).toEqual({});
  });

  test("waits for a list that lags only for what stays as it is for good", async () => {
    const stage = setStage();
    await makeListsLag(stage);
    const { id: parent } = stage.world.addWorkspace({ name: "客服" });
    const remote = stage.open();
    const { result, calls } = await stage.watch(async () => {
      const [one, other] = await Promise.all([
        remote.create(app, { name: "回调" }, []),
        remote.create(dataset, { workspace: parent, name: "资料", format: "text" }, []),
      ]);
      const [appId, datasetId] = [one, other].map((made) => ("id" in made ? made.id : ""));
      return await Promise.all([
        remote.lookAgain(app, { id: appId ?? "" }, { spec: { name: "回调" } }),
        remote.lookAgain(dataset, { id: datasetId ?? "", parent }, { spec: { name: "资料" } }),
      ]);
    });
    const [ofApp, ofDataset] = result;
    expect(ofApp).toMatchObject({ live: { verify_token: expect.any(String), events: [] } });
    expect(ofDataset).toEqual({ status: "present", live: {}, whole: false });
    expect(calls).toMatchObject({ list_callback_app: 2, list_dataset: 1 });
  });
});

describe("an object is located by its id alone", () => {
  test("through everything that the token sees, no further than needed", async () => {
    const stage = setStage();
    const [first, second] = ["甲", "乙"].map((name) => stage.world.addWorkspace({ name }).id);
    const sets = [first, second, second].map(
      (space_id) => stage.world.addDataset({ space_id: space_id ?? "" }).id,
    );
    const made = await stage.clock.run(
      stage
        .open()
        .create(
          document,
          { dataset: sets[1] ?? "", name: "页", source: { url: "https://example.com/" } },
          [],
        ),
    );
    const id = "id" in made ? made.id : "";
    const { result, calls } = await stage.watch(() => stage.open().locate(document, id));
    expect(result).toEqual({ id, parent: sets[1] });
    expect(calls).toEqual({ list_workspace: 1, list_dataset: 3, list_knowledge_files: 2 });
  });

  test("or isn't anywhere", async () => {
    const stage = setStage();
    const { parent, bots } = addBots(stage, 1);
    const { id } = stage.world.addApp({ space_id: parent });
    const remote = stage.open();
    const { result } = await stage.watch(() =>
      Promise.all([
        remote.locate(bot, bots[0]?.id ?? ""),
        remote.locate(bot, "7512000000000000123"),
        remote.locate(copy, id),
        remote.locate(member, stage.world.options.me.id),
        remote.locate(workspace, parent),
      ]),
    );
    expect(result).toEqual([
      { id: bots[0]?.id, parent },
      undefined,
      { id, parent },
      undefined,
      { id: parent },
    ]);
  });
});
