import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { FileHandle } from "../../src/core/field.ts";
import type { Json } from "../../src/core/value.ts";
import type { Remote } from "../../src/terraform/remote/remote.ts";
import { kindOf, setStage, settle } from "./remote-stage.ts";

const bot = kindOf("Bot");
const dataset = kindOf("Dataset");
const document = kindOf("Document");
const member = kindOf("WorkspaceMember");
const copy = kindOf("Copy");

type Stage = ReturnType<typeof setStage>;

const addSpace = ({ world }: Stage) => world.addWorkspace({ name: "客服" }).id;
const idOf = (made: unknown): string => String((made as { readonly id?: string }).id);
const userAt = (index: number) => `33000000000000${String(index).padStart(2, "0")}`;
const page = (name: string) => ({ name, source: { url: `https://example.com/${name}` } });

/** A text of some bytes in the hands of a kind. */
function fileOf(name: string, size: number): Json {
  const content = new Uint8Array(size).fill(97);
  const handle: FileHandle = {
    $file: name,
    sha256: createHash("sha256").update(content).digest("hex"),
    size,
    name,
    read: async () => content,
    upload: async () => "",
  };
  return handle as unknown as Json;
}

describe("writes that arrive together go out together", () => {
  test("members: twenty are added by a call, five removed by one", async () => {
    const stage = setStage();
    const parent = addSpace(stage);
    const remote = stage.open();
    const users = Array.from({ length: 25 }, (_, index) => userAt(index));
    const added = await stage.watch(() =>
      Promise.all(
        users.map((user_id) => remote.create(member, { workspace: parent, user_id, role: "member" }, [])),
      ),
    );
    expect(added.result.map(idOf)).toEqual(users);
    expect(added.calls).toEqual({ add_space_member: 2 });
    const removed = await stage.watch(() =>
      Promise.all(users.map((id) => remote.remove(member, { id, parent }))),
    );
    expect(removed.calls).toEqual({ remove_space_member: 5 });
    expect(stage.world.workspaces.get(parent)?.members.map(({ role_type }) => role_type)).toEqual(["owner"]);
  });

  test("a full call waits for nobody", async () => {
    const stage = setStage();
    const parent = addSpace(stage);
    const remote = stage.open();
    const before = stage.clock.now();
    await stage.clock.run(
      Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          remote.create(member, { workspace: parent, user_id: userAt(index), role: "member" }, []),
        ),
      ),
    );
    expect(stage.clock.now()).toBe(before);
  });

  test("documents: ten of one dataset and one group by a call", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    const [first = "", second = ""] = [1, 2].map(() => stage.world.addDataset({ space_id }).id);
    const remote = stage.open();
    const made = await stage.watch(() =>
      Promise.all([
        ...Array.from({ length: 12 }, (_, index) =>
          remote.create(document, { dataset: first, ...page(`a${index}`) }, []),
        ),
        remote.create(document, { dataset: second, ...page("b") }, []),
        ...["c", "d"].map((name) =>
          remote.create(document, { dataset: second, name, source: { file: fileOf(`${name}.txt`, 9) } }, []),
        ),
      ]),
    );
    expect(made.calls).toEqual({ create_knowledge_files: 4 });
    const names = made.result.map((one) => stage.world.documents.get(idOf(one))?.name);
    expect(names).toEqual([...Array.from({ length: 12 }, (_, index) => `a${index}`), "b", "c", "d"]);
    const removed = await stage.watch(() =>
      Promise.all(
        made.result.map((one, index) =>
          remote.remove(document, { id: idOf(one), parent: index < 12 ? first : second }),
        ),
      ),
    );
    expect(removed.calls).toEqual({ delete_knowdge_files: 2 });
    expect(stage.world.documents.size).toBe(0);
  });

  test("documents: no more than a request holds", async () => {
    const stage = setStage();
    const parent = stage.world.addDataset({ space_id: addSpace(stage) }).id;
    const remote = stage.open();
    const { calls } = await stage.watch(() =>
      Promise.all(
        ["a", "b", "c"].map((name) =>
          remote.create(
            document,
            { dataset: parent, name, source: { file: fileOf(`${name}.txt`, 5_000_000) } },
            [],
          ),
        ),
      ),
    );
    expect(calls).toEqual({ create_knowledge_files: 2 });
  });

  test("each gets what came of its own", async () => {
    const stage = setStage({ world: { users: [userAt(1), userAt(2)] } });
    const parent = addSpace(stage);
    const remote = stage.open();
    const { result } = await stage.watch(() =>
      settle(
        [1, 9, 2].map((index) =>
          remote.create(member, { workspace: parent, user_id: userAt(index), role: "admin" }, []),
        ),
      ),
    );
    expect(result).toEqual([
      { id: userAt(1) },
      `ExplainedError: Coze has no user ${userAt(9)}`,
      { id: userAt(2) },
    ]);
  });
});

describe("a creation whose answer is lost", () => {
  const lose = ({ emulator }: Stage, operation: string, moment: "before" | "after", times: number) =>
    emulator.faults.set([{ operation, fault: "drop", moment, calls: { times } }]);

  const createBot = (remote: Remote, workspace: string, before: readonly string[] = []) =>
    remote.create(bot, { workspace, name: "助手" }, before);

  test("is found, and what was there before isn't taken for it", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    const { id: other } = stage.world.addBot({ space_id, draft: { name: "助手" } });
    lose(stage, "create_bot", "after", 1);
    const { result, calls } = await stage.watch(() => createBot(stage.open(), space_id, [other]));
    expect(calls).toEqual({ create_bot: 1, bots_list_draft_published: 1 });
    const ids = [...stage.world.bots.keys()];
    expect(ids).toEqual([other, idOf(result)]);
  });

  test("is found once lists have caught up", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    stage.emulator.faults.set([
      { operation: "reads", fault: "list-lag", ms: 4900 },
      { operation: "create_bot", fault: "drop", moment: "after", calls: { times: 1 } },
    ]);
    await stage.clock.run(stage.clock.sleep(10_000));
    const { result, calls } = await stage.watch(() => createBot(stage.open(), space_id));
    expect(calls).toEqual({ create_bot: 1, bots_list_draft_published: 2 });
    expect([...stage.world.bots.keys()]).toEqual([idOf(result)]);
  });

  test("is repeated once when nothing came of it", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    lose(stage, "create_bot", "before", 1);
    const { result, calls } = await stage.watch(() => createBot(stage.open(), space_id));
    expect(calls).toEqual({ create_bot: 2, bots_list_draft_published: 2 });
    expect([...stage.world.bots.keys()]).toEqual([idOf(result)]);
    lose(stage, "create_bot", "before", 2);
    const again = await stage.watch(() => settle([createBot(stage.open(), space_id, [idOf(result)])]));
    expect(again.result).toEqual([
      expect.stringMatching(/^ConnectionLost: it is unknown whether the call took effect/u),
    ]);
    expect(again.calls).toEqual({ create_bot: 2, bots_list_draft_published: 4 });
  });

  test("of several at once goes to whom it belongs", async () => {
    const stage = setStage();
    const parent = stage.world.addDataset({ space_id: addSpace(stage) }).id;
    lose(stage, "create_knowledge_files", "after", 1);
    const remote = stage.open();
    const { result, calls } = await stage.watch(() =>
      Promise.all(
        ["甲", "乙", "丙"].map((name) => remote.create(document, { dataset: parent, ...page(name) }, [])),
      ),
    );
    expect(calls).toEqual({ create_knowledge_files: 1, list_knowledge_files: 1 });
    expect(result.map((one) => stage.world.documents.get(idOf(one))?.name)).toEqual(["甲", "乙", "丙"]);
  });

  test("can't be told from another's: the error names them all", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    const { id: other } = stage.world.addBot({ space_id, draft: { name: "助手" } });
    lose(stage, "create_bot", "after", 1);
    const remote = stage.open();
    const failure = await stage.clock.run(
      createBot(remote, space_id).catch((error) => remote.explain(error)),
    );
    const ids = [...stage.world.bots.keys()];
    const own = ids.find((id) => id !== other);
    expect(failure).toMatchObject({
      type: "unknown-outcome",
      message: `the creation got no response, and each of ${other}, ${own} may be its result`,
      hint: `find out in Coze which of them it is and import that one (id ${space_id}/${other} or ${space_id}/${own}): another apply creates one more`,
    });
  });

  test("and can't be looked for: nobody knows", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    stage.emulator.faults.set([
      { operation: "create_bot", fault: "drop", moment: "after" },
      { operation: "bots_list_draft_published", fault: "refuse", code: 4101 },
    ]);
    const remote = stage.open();
    const { result, calls } = await stage.watch(() =>
      createBot(remote, space_id).catch((error) => remote.explain(error)),
    );
    expect(result).toMatchObject({
      type: "unknown-outcome",
      message: expect.stringMatching(
        /^it is unknown whether the call took effect: .*; the search for its result failed: /u,
      ),
      hint: `check in Coze whether it exists; if so, import it (id ${space_id}/ID): another apply creates one more`,
    });
    expect(calls).toEqual({ create_bot: 1, bots_list_draft_published: 1 });
  });

  test("of a task is looked for a minute long, and never repeated", async () => {
    const stage = setStage();
    const [from, to] = [addSpace(stage), addSpace(stage)];
    const original = stage.world.addBot({ space_id: from, draft: { name: "原件" } });
    const spec = { type: "bot", source: { id: original.id }, workspace: to };
    lose(stage, "copy_resource_task", "after", 1);
    const remote = stage.open();
    const found = await stage.watch(() => remote.create(copy, spec, []));
    expect(stage.world.bots.get(idOf(found.result))?.space_id).toBe(to);
    expect(found.calls).toMatchObject({ copy_resource_task: 1 });
    lose(stage, "copy_resource_task", "before", 1);
    const { result, calls } = await stage.watch(() =>
      remote.create(copy, spec, []).catch((error) => remote.explain(error)),
    );
    expect(result).toMatchObject({
      type: "unknown-outcome",
      message: expect.stringMatching(/; no result has appeared yet, and it still may$/u),
      hint: `check in Coze for 10 minutes whether it appears; if so, import it (id ${to}/ID): another apply creates one more`,
    });
    expect(calls).toMatchObject({ copy_resource_task: 1 });
  });
});

test("a content is uploaded once, and again when that failed", async () => {
  const stage = setStage();
  const remote = stage.open();
  const upload = (name: string, sha256: string) =>
    remote.upload({ name, sha256, content: new TextEncoder().encode(sha256) });
  stage.emulator.faults.set([
    { operation: "upload_files", fault: "refuse", code: 4000, calls: { times: 1 } },
  ]);
  const { result, calls } = await stage.watch(async () => [
    ...(await settle([upload("a.png", "1"), upload("b.png", "1")])),
    ...(await settle([upload("a.png", "1"), upload("b.png", "1"), upload("c.png", "2")])),
  ]);
  const [first, second, third, fourth, fifth] = result.map(String);
  expect([first, second]).toEqual([expect.stringMatching(/^BadRequest/u), first]);
  expect(fourth).toBe(third);
  expect(fifth).not.toBe(third);
  expect(calls).toEqual({ upload_files: 3 });
});

describe("once it is stopped", () => {
  test("what is on its way ends, and what wasn't sent fails as interrupted", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    stage.emulator.faults.set([{ operation: "create_bot", fault: "delay", ms: 3000 }]);
    const remote = stage.open({ requestsPerSecond: 1 });
    const names = ["一", "二", "三"];
    const begun = stage.clock.now();
    const endedAt: number[] = [];
    const { result, calls } = await stage.watch(() => {
      const making = names.map((name) => remote.create(bot, { workspace: space_id, name }, []));
      const made = settle(making);
      void making[2]?.catch(() => endedAt.push(stage.clock.now() - begun));
      void stage.clock.sleep(2000).then(() => remote.stop());
      return made;
    });
    expect(remote.stopped).toBe(true);
    const ids = [...stage.world.bots.keys()].map((id) => ({ id }));
    expect(result).toEqual([...ids, "Interrupted: interrupted before the call was sent"]);
    expect(calls).toEqual({ create_bot: 2 });
    expect(endedAt).toEqual([2000]);
    const later = await stage.watch(() =>
      settle([
        remote.create(dataset, { workspace: space_id, name: "资料", format: "text" }, []),
        remote.create(member, { workspace: space_id, user_id: userAt(1), role: "admin" }, []),
        remote.look(dataset, { id: "1", parent: space_id }, stage.known()),
      ]),
    );
    expect(later.calls).toEqual({});
    expect(later.result.map((one) => String(one).split(":")[0])).toEqual(Array(3).fill("Interrupted"));
  });

  test("a lost answer stays lost, and nothing is repeated", async () => {
    const stage = setStage();
    const space_id = addSpace(stage);
    stage.emulator.faults.set([
      { operation: "create_bot", fault: "delay", ms: 3000 },
      { operation: "create_bot", fault: "drop" },
    ]);
    const remote = stage.open();
    const { result, calls } = await stage.watch(() => {
      const made = remote.create(bot, { workspace: space_id, name: "助手" }, []);
      void stage.clock.sleep(2000).then(() => remote.stop());
      return made.catch((error) => remote.explain(error).type);
    });
    expect(result).toBe("unknown-outcome");
    expect(calls).toEqual({ create_bot: 1 });
  });
});
