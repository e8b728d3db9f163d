import { expect, test } from "@jest/globals";
import { Refused } from "../../src/commands/refusals.ts";
import { moveState } from "../../src/commands/state.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const userId = (n: number) => String(2_000_000_000_000 + n);

function members(roles: { readonly [user: string]: string }): string {
  const spec = { workspace: "desk", user_id: "${each.key}", role: "${each.value}" };
  return manifest("WorkspaceMember", "desk", spec, { for_each: roles });
}

const named = (name: string, role = "member") =>
  manifest("WorkspaceMember", name, { workspace: "desk", user_id: userId(1), role });
const deskOf = ({ emulator }: Story) =>
  [...emulator.world.workspaces.values()].find(({ name }) => name === "客服空间");
const plain = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [userId(n), "member"] as const));

test("45 members are added in 3 calls, 12 removed in 3", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, members(plain(45))) } });
  expect(failuresOf(await story.apply())).toEqual([]);
  const added = story.emulator.requests.filter(({ operation }) => operation === "add_space_member");
  expect(added.map(({ body }) => (body as { users: unknown[] }).users.length)).toEqual([20, 20, 5]);

  story.write({ "desk.yaml": manifests(workspace, members(plain(33))) });
  await story.apply({ allow: new Set(["allow-ownership-transfer"]) });
  const removed = story.emulator.requests.filter(({ operation }) => operation === "remove_space_member");
  expect(removed.map(({ body }) => (body as { user_ids: unknown[] }).user_ids.length)).toEqual([5, 5, 2]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a role change is announced as remove and add with its loss, and needs a permission", async () => {
  const [ann, bob] = [userId(1), userId(2)];
  const story = createStory({
    files: { "desk.yaml": manifests(workspace, members({ [ann]: "member", [bob]: "member" })) },
  });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, members({ [ann]: "admin", [bob]: "member" })) });

  const planned = await story.plan();
  expect(summarize(planned)).toEqual([`replace WorkspaceMember.desk["${ann}"]`]);
  const step = planned.plan.steps.find(({ action }) => action === "replace");
  expect(step?.because).toEqual(["role can't be updated in place"]);
  expect(step?.effects).toEqual([
    { text: expect.stringMatching(/moves .* to the workspace owner/), needs: "allow-ownership-transfer" },
  ]);

  const writes = story.writes().length;
  await expect(story.apply()).rejects.toThrow(Refused);
  await expect(story.apply()).rejects.toThrow("--allow-ownership-transfer");
  expect(story.writes()).toHaveLength(writes);

  await story.apply({ allow: new Set(["allow-ownership-transfer"]) });
  expect(story.writes().slice(writes)).toEqual(["remove_space_member", "add_space_member"]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("on a personal plan a member is invited and stays pending until the invitation is accepted", async () => {
  const ann = userId(1);
  const story = createStory({
    files: { "desk.yaml": manifests(workspace, members({ [ann]: "member" })) },
    emulator: { plan: "personal" },
  });
  const { result } = await story.apply();
  expect(result?.failed).toEqual([]);
  const planned = await story.plan();
  expect(summarize(planned)).toEqual([]);
  const step = planned.plan.steps.find(({ kind }) => kind === "WorkspaceMember");
  expect(step?.notes.join()).toMatch(/invit/);

  story.emulator.world.acceptInvitation(deskOf(story)?.id ?? "", ann);
  expect(summarize(await story.plan())).toEqual([]);
});

test("somebody who is a member already can't be added, only taken over", async () => {
  const ann = userId(1);
  const story = createStory({ files: { "desk.yaml": workspace } });
  await story.apply();
  await story.byHand("POST", `/v1/workspaces/${deskOf(story)?.id}/members`, {
    users: [{ user_id: ann, role_type: "member" }],
  });
  story.write({ "members.yaml": members({ [ann]: "member" }) });
  const before = story.writes().length;
  const duplicate = [`WorkspaceMember.desk["${ann}"]`];
  // Coze allows no second one, so that there is nothing to allow.
  await expect(story.apply({ duplicate })).rejects.toThrow(`(${duplicate[0]}): --adopt`);
  expect(story.writes()).toHaveLength(before);
  expect(summarize(await story.plan({ adopt: true }))).toEqual([`adopt WorkspaceMember.desk["${ann}"]`]);
  const writes = story.writes().length;
  await story.apply({ adopt: true });
  expect(story.writes()).toHaveLength(writes);
  expect(summarize(await story.plan())).toEqual([]);
});

test("one user in two workspaces is two members, also when an answer gets lost", async () => {
  const ann = userId(1);
  const second = manifest("Workspace", "shop", { name: "电商空间", description: "电商" });
  const inBoth = ["desk", "shop"].map((name) =>
    manifest("WorkspaceMember", name, { workspace: name, user_id: ann, role: "member" }),
  );
  let additions = 0;
  const story = createStory({
    files: { "all.yaml": manifests(workspace, second, ...inBoth) },
    emulator: {
      hooks: {
        after({ operation }) {
          additions += operation === "add_space_member" ? 1 : 0;
          if (operation === "add_space_member" && additions === 2) throw new Error("the answer is dropped");
          return undefined;
        },
      },
    },
  });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(additions).toBe(2);
  expect(summarize(await story.plan())).toEqual([]);
});

test.each([
  ["ann", "zoe"],
  ["zoe", "ann"],
])(
  "a member whose manifest is renamed from %s to %s is refused, with the command that renames it",
  async (from, to) => {
    const story = createStory({ files: { "desk.yaml": manifests(workspace, named(from)) } });
    await story.apply();
    story.write({ "desk.yaml": manifests(workspace, named(to)) });
    const writes = story.writes().length;
    await expect(story.apply({ allow: new Set(["allow-ownership-transfer"]) })).rejects.toMatchObject({
      refusals: [
        {
          guard: "renamed",
          message: `it looks like WorkspaceMember.${from} (${userId(1)}), whose manifest is gone: same user_id`,
          // One can't go without the other, so that they can't be two.
          options: [],
        },
      ],
    });
    expect(story.writes()).toHaveLength(writes);
    await moveState(
      story.host,
      { directory: story.directory, endpoint: "http://127.0.0.1" },
      `WorkspaceMember.${from}`,
      `WorkspaceMember.${to}`,
    );
    expect(summarize(await story.plan())).toEqual([]);
  },
);

test("an invited member who joined and was removed at Coze is seen to be gone", async () => {
  const story = createStory({
    files: { "desk.yaml": manifests(workspace, named("ann")) },
    emulator: { plan: "personal" },
  });
  await story.apply();
  story.emulator.world.acceptInvitation(deskOf(story)?.id ?? "", userId(1));
  expect(summarize(await story.plan())).toEqual([]);
  await story.apply();
  await story.byHand("DELETE", `/v1/workspaces/${deskOf(story)?.id}/members`, { user_ids: [userId(1)] });
  expect(summarize(await story.plan())).toEqual(["create WorkspaceMember.ann"]);
});

test("an invitation whose manifest is removed is said to stay open", async () => {
  const story = createStory({
    files: { "desk.yaml": manifests(workspace, named("ann")) },
    emulator: { plan: "personal" },
  });
  await story.apply();
  story.write({ "desk.yaml": workspace });
  const { plan } = await story.plan();
  const step = plan.steps.find(({ kind }) => kind === "WorkspaceMember");
  expect(step?.action).toBe("forget");
  expect(step?.notes).toEqual(["an invitation that was sent stays open; withdraw it in Coze"]);
});

test("an invitation of another role than the one wanted now is said to be so", async () => {
  const story = createStory({
    files: { "desk.yaml": manifests(workspace, named("ann", "member")) },
    emulator: { plan: "personal" },
  });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, named("ann", "admin")) });
  const { plan } = await story.plan();
  expect(plan.steps.find(({ kind }) => kind === "WorkspaceMember")?.notes).toEqual([
    "user 2000000000001 has to accept the invitation",
    "role can only be updated after that",
  ]);
});
