import { expect, test } from "@jest/globals";
import { Refused } from "../../src/commands/apply.ts";
import { InvalidInput } from "../../src/core/diagnostic.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const userId = (n: number) => String(2_000_000_000_000 + n);

function members(roles: { readonly [user: string]: string }): string {
  const spec = { workspace: "desk", user_id: "${each.key}", role: "${each.value}" };
  return manifest("WorkspaceMember", "desk", spec, { for_each: roles });
}

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
  expect(step?.because).toEqual(["role can't change in place"]);
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

  const [desk] = [...story.emulator.world.workspaces.values()].filter(({ name }) => name === "客服空间");
  story.emulator.world.acceptInvitation(desk?.id ?? "", ann);
  expect(summarize(await story.plan())).toEqual([]);
});

test("somebody who is a member already can't be added, only taken over", async () => {
  const ann = userId(1);
  const story = createStory({ files: { "desk.yaml": workspace } });
  await story.apply();
  const [desk] = [...story.emulator.world.workspaces.values()].filter(({ name }) => name === "客服空间");
  await story.emulator.fetch(`http://127.0.0.1/v1/workspaces/${desk?.id}/members`, {
    method: "POST",
    headers: { authorization: `Bearer ${story.emulator.token}`, "content-type": "application/json" },
    body: JSON.stringify({ users: [{ user_id: ann, role_type: "member" }] }),
  });
  story.write({ "members.yaml": members({ [ann]: "member" }) });
  const attempt = story.plan();
  await expect(attempt).rejects.toThrow(InvalidInput);
  await expect(attempt).rejects.toThrow("exists at Coze already");
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
