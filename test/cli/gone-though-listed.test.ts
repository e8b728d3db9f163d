import { expect, test } from "@jest/globals";
import { manifest, manifests } from "../support/story.ts";
import { createConsole } from "./console.ts";

/** A console whose Coze says of some calls that their object doesn't exist, and lists no workspaces, once that is switched on. */
function openWith(operations: readonly string[]) {
  let isHidden = false;
  const answer = (operation: string) =>
    operation === "list_workspace"
      ? Response.json({ code: 0, data: { workspaces: [], total_count: 0 } })
      : Response.json({ code: 4200, msg: "no such thing" }, { status: 404 });
  const before = ({ operation = "" }: { readonly operation?: string | undefined }) =>
    isHidden && operations.includes(operation) ? answer(operation) : undefined;
  const opened = createConsole({}, { hooks: { before } });
  const { id } = opened.emulator.world.addWorkspace({ name: "客服空间" });
  opened.write({
    "a.yaml": manifests(
      manifest("Bot", "guide", { workspace: { id }, name: "客服", prompt: "你好" }),
      manifest("Dataset", "faq", { workspace: { id }, name: "常见问题", format: "text" }),
    ),
  });
  return {
    ...opened,
    id,
    hide() {
      isHidden = true;
    },
  };
}

const bots = ["bots_list_draft_published", "get_metadata_draft_published"];

test.each<[string, readonly string[]]>([
  ["bots", bots],
  ["datasets", ["list_dataset"]],
])(
  "%s of a workspace that a list shows are never created again, whatever a call says",
  async (_name, hidden) => {
    const { sh, hide, id, emulator } = openWith(hidden);
    expect(await sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    hide();
    for (const refresh of ["auto", "full"]) {
      const { code, out, err } = await sh(`plan --refresh ${refresh}`);
      expect({ code, plan: out.includes("to create") }).toEqual({ code: 1, plan: false });
      expect(err).toContain(
        `Coze lists ${id}, but a call about it says that it doesn't exist: this token can't read it`,
      );
    }
    const before = emulator.requests.filter(({ writes }) => writes).length;
    expect((await sh("apply --auto-approve")).code).toBe(1);
    expect(emulator.requests.filter(({ writes }) => writes)).toHaveLength(before);
  },
);

test("what is below a workspace that is really gone is planned again", async () => {
  const { sh, hide } = openWith([...bots, "list_dataset", "list_workspace"]);
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
  hide();
  const { code, out } = await sh("plan");
  expect(code).toBe(0);
  expect(out).toContain("Plan: 2 to create");
});
