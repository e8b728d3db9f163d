import { expect, test } from "@jest/globals";
import { InvalidInput } from "../../src/core/diagnostic.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";

const desk = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const user = "1000000000000101";
const member = (role: string, metadata = {}) =>
  manifest("WorkspaceMember", "lead", { workspace: "desk", user_id: user, role }, metadata);

/** A story with the workspace, whose owner a person may make somebody in Coze's pages. */
async function opened() {
  const story = createStory({ files: { "desk.yaml": desk } });
  await story.apply();
  const workspace = [...story.emulator.world.workspaces.values()].find(({ name }) => name === "客服空间");
  const promoteToOwner = (): void => {
    if (!workspace) throw new Error("there is no workspace");
    const others = workspace.members
      .filter(({ user_id }) => user_id !== user)
      .map((one) => ({ ...one, role_type: "admin" as const }));
    workspace.members = [
      ...others,
      { user_id: user, role_type: "owner" } as (typeof workspace.members)[number],
    ];
  };
  return { story, promoteToOwner };
}

const message = `user ${user} owns the workspace, and an owner's membership can't be added, changed or removed`;

/** What keeps a plan or an apply from being made, and how many calls wrote something meanwhile. */
async function refusalOf(story: Story, run: () => Promise<unknown>) {
  const before = story.writes().length;
  const error = await run().catch((one: unknown) => one);
  expect(story.writes().length).toBe(before);
  if (!(error instanceof InvalidInput)) throw error;
  return error.diagnostics.map(({ code, message: text, at, hint }) => ({ code, text, line: at?.line, hint }));
}

test.each([{}, { adopt: true }])("an owner isn't added as a member, with the options %j", async (options) => {
  const { story, promoteToOwner } = await opened();
  promoteToOwner();
  story.write({ "desk.yaml": manifests(desk, member("admin")) });
  const hint = "leave the owner out of your configuration: an owner is a member and administrator anyway";
  const refused = [{ code: "unmanageable", text: message, line: 9, hint }];
  expect(await refusalOf(story, () => story.apply(options))).toEqual(refused);
});

test("a member that became the owner is neither changed nor removed, nor destroyed", async () => {
  const { story, promoteToOwner } = await opened();
  story.write({ "desk.yaml": manifests(desk, member("member")) });
  expect(failuresOf(await story.apply())).toEqual([]);
  promoteToOwner();
  const allow = new Set(["allow-ownership-transfer"] as const);
  const found = {
    code: "unmanageable",
    text: message,
    hint: expect.stringMatching(/; remove it from the state: cozeform state rm WorkspaceMember\.lead$/),
  };
  expect(await refusalOf(story, () => story.apply({ allow }))).toEqual([{ ...found, line: 9 }]);
  expect(await refusalOf(story, () => story.apply({ allow, destroy: true }))).toEqual([
    { ...found, line: 9 },
  ]);
  story.write({ "desk.yaml": desk });
  expect(await refusalOf(story, () => story.apply({ allow }))).toEqual([{ ...found, line: undefined }]);
});

test("one that becomes the owner after the plan is told as such, not proposed for adoption", async () => {
  const { story, promoteToOwner } = await opened();
  story.write({ "desk.yaml": manifests(desk, member("admin")) });
  const failed = failuresOf(
    await story.apply({
      approve: async () => {
        promoteToOwner();
        return true;
      },
    }),
  );
  expect(failed).toEqual([`WorkspaceMember.lead: ${message}`]);
});

test("two of the same identity are counted, and not proposed for adoption", async () => {
  const story = createStory({ files: { "desk.yaml": desk } });
  const ids = [1, 2].map(() => story.emulator.world.addWorkspace({ name: "客服空间" }).id);
  const { plan } = await story.plan();
  expect(plan.steps[0]?.notes).toEqual([
    `2 objects with the same identity exist in Coze (${ids.join(", ")})`,
  ]);
  await expect(story.plan({ adopt: true })).rejects.toMatchObject({
    diagnostics: [
      {
        message: `2 objects in Coze could be Workspace.desk: ${ids.map((id) => `${id} (客服空间)`).join("; ")}`,
        hint: `choose one of them by its id: cozeform import Workspace.desk ${ids[0]}`,
      },
    ],
  });
});

test("adopting is told with the object's id before, during and after", async () => {
  const story = createStory({ files: { "desk.yaml": desk } });
  const { id } = story.emulator.world.addWorkspace({ name: "客服空间" });
  const planned = await story.plan({ adopt: true });
  expect(summarize(planned)).toEqual(["adopt Workspace.desk"]);
  expect(planned.plan.steps[0]).toMatchObject({
    because: [`${id} is the only object with its identity`],
    place: { id },
  });
  const { result } = await story.apply({ adopt: true });
  expect(result?.done.map(({ action }) => action)).toEqual(["adopt"]);
  expect(story.events.find(({ type }) => type === "step-finished")).toMatchObject({ doing: "adopt", id });
});
