import { expect, test } from "@jest/globals";
import { writeNotes } from "../../../src/terraform/resource/private-state.ts";
import { removeResource } from "../../../src/terraform/resource/remove.ts";
import { createReplacementHandoff } from "../../../src/terraform/resource/replacement-handoff.ts";
import { kindOf, setStage } from "../remote-stage.ts";

const state = {
  id: "7512000000000000002",
  workspace: "7512000000000000001",
  name: "助手",
  unfinished: ["publish"],
};

/** What the removing half of a replacement does with a half-made bot. */
async function remove(change: (remote: ReturnType<ReturnType<typeof setStage>["open"]>) => void) {
  const { open, emulator } = setStage();
  const remote = open();
  change(remote);
  const handoff = createReplacementHandoff();
  const files = { look: () => undefined, read: () => undefined, handle: () => "" } as never;
  const shop = { remote, files, now: () => 0, handoff, allowOwnershipTransfer: false };
  const bot = kindOf("Bot");
  const removed = await removeResource(bot, shop, { prior: state, privateState: writeNotes({ anew: true }) });
  const waiting = handoff.take(bot, { workspace: state.workspace, name: state.name });
  expect(emulator.requests).toEqual([]);
  return { removed, waits: waiting?.place?.id };
}

test("a half-made bot waits for what replaces it", async () => {
  const { removed, waits } = await remove(() => undefined);
  expect([removed.state, waits]).toEqual([null, state.id]);
  expect(removed.diagnostics.map(({ severity }) => severity)).toEqual(["warning"]);
});

test("it stays in the state when the run was interrupted, since nothing would take it up", async () => {
  const { removed, waits } = await remove((remote) => remote.stop());
  expect([removed.state, waits]).toEqual([state, undefined]);
  expect(removed.diagnostics).toEqual([
    {
      severity: "error",
      summary: `coze_bot ${state.id} stays as it is`,
      detail: "The run was interrupted before its replacement was created; the next apply continues.",
    },
  ]);
});
