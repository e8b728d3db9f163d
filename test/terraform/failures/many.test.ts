import { expect } from "@jest/globals";
import { tally } from "../../support/tally.ts";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, configure } from "./stage.ts";

const many = 1000;
// A list that isn't full is the last one.
const pages = Math.floor(many / 20) + 1;

const files = configure(
  blocks.desk,
  `\
resource "coze_bot" "helper" {
  count     = ${many}
  workspace = coze_workspace.desk.id
  name      = "助手 \${count.index}"
  prompt    = "你是第 \${count.index} 个助手。"
}
`,
);

terraformTest(
  `of ${many} bots a plan costs their lists, and a call for each that was changed by hand`,
  async () => {
    const story = await createTerraformStory({ files, emulator: { keepRequests: 100_000 } });
    const { world } = story.emulator;
    const { requests: made } = await story.apply();
    expect(tally(made)).toMatchObject({ create_workspace: 1, create_bot: many });
    const { requests: idle } = await story.expectNoChanges();
    expect(tally(idle)).toEqual({ list_workspace: 1, bots_list_draft_published: pages });
    expect(idle.length).toBeLessThanOrEqual(pages + 10);

    const [id = ""] = [...world.bots.keys()].slice(500);
    world.editBot(id, { prompt_info: { prompt: "谁改的" } });
    const { requests, actions } = await story.plan();
    expect(tally(requests)).toEqual({
      list_workspace: 1,
      bots_list_draft_published: pages,
      get_metadata_draft_published: 1,
    });
    expect(Object.entries(actions).filter(([, action]) => action !== "no-op")).toEqual([
      [expect.stringMatching(/^coze_bot\.helper\[\d+\]$/u), "update"],
    ]);
    const { requests: mended } = await story.apply("saved.tfplan");
    expect(tally(mended)).toEqual({ update_bot: 1, get_metadata_draft_published: 1 });
    const { requests: after } = await story.expectNoChanges();
    expect(tally(after)).toEqual(tally(idle));
  },
);
