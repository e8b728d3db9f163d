import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { renderPlannedJson } from "../../src/report/json.ts";
import { createStory, echoChallenge, failuresOf, manifest } from "../support/story.ts";

test("the token that Coze gives a callback app is nowhere but at Coze", async () => {
  const app = (name: string) =>
    manifest("CallbackApp", "h", {
      name,
      callback_url: "https://h.example.com/x",
      events: ["bot.published"],
    });
  const story = createStory({ files: { "a.yaml": app("h") }, emulator: { fetch: echoChallenge } });
  expect(failuresOf(await story.apply())).toEqual([]);
  story.write({ "a.yaml": app("h2") });
  const planned = await story.plan();
  const [token] = [...story.emulator.world.callbackApps.values()].map(({ verify_token }) => verify_token);
  expect(token).toMatch(/^.{8,}$/);
  expect(JSON.stringify(planned.document)).not.toContain(token);
  expect(renderPlannedJson(0, planned.plan, planned.calls)).not.toContain(token);
  expect(failuresOf(await story.apply())).toEqual([]);
  const kept = join(story.directory, ".cozeform");
  const texts = readdirSync(kept).map((file) => readFileSync(join(kept, file), "utf8"));
  expect(texts.filter((text) => token && text.includes(token))).toEqual([]);
});
