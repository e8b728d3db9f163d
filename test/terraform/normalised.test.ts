import { expect } from "@jest/globals";
import type { Variant } from "../../src/emulator/index.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";
import { blocks, configure } from "./failures/stage.ts";

const bot = `\
resource "coze_bot" "support" {
  workspace   = coze_workspace.desk.id
  name        = "售后助手"
  description = " 客服 "
  prompt      = " cafe\\u0301\\r\\n你好 "
  model       = { id = "1706077826", temperature = 0.7, top_p = 0.9 }
  publish     = { connectors = [{ id = "1024" }] }
}
`;

terraformTest("a server that trims, composes and shortens gets one version of three applies", async () => {
  const story = await createTerraformStory({
    files: configure(blocks.desk, bot),
    emulator: {
      world: { variants: ["trimmed-texts", "lf-texts", "composed-texts", "short-floats"] },
    },
  });
  for (let times = 0; times < 3; times += 1) await story.apply("-auto-approve");
  const [made] = story.emulator.world.bots.values();
  expect(made?.versions).toHaveLength(1);
  await story.expectNoChanges();
  story.emulator.world.editBot(made?.id ?? "", { prompt_info: { prompt: "by hand" } });
  const { stdout } = await story.apply("-auto-approve");
  expect(stdout).toContain("0 added, 1 changed, 0 destroyed");
  expect(made?.draft.prompt_info?.prompt).toBe("café\n你好");
});

const ordered = `\
resource "coze_bot" "support" {
  workspace  = coze_workspace.desk.id
  name       = "售后助手"
  onboarding = { suggested_questions = ["一", "二", "三"] }
  publish    = { connectors = [{ id = "1024" }] }
}
`;

terraformTest("a server that orders questions its own way gets one version of three applies", async () => {
  const story = await createTerraformStory({
    files: configure(blocks.desk, ordered),
    emulator: {
      hooks: {
        after({ operation }) {
          if (operation !== "create_bot" && operation !== "update_bot") return undefined;
          for (const { draft } of story.emulator.world.bots.values())
            draft.onboarding_info?.suggested_questions?.sort().reverse();
          return undefined;
        },
      },
    },
  });
  for (let times = 0; times < 3; times += 1) await story.apply("-auto-approve");
  const [made] = story.emulator.world.bots.values();
  expect(made?.draft.onboarding_info?.suggested_questions).toEqual(["二", "三", "一"]);
  expect(made?.versions).toHaveLength(1);
  story.emulator.world.editBot(made?.id ?? "", { onboarding_info: { suggested_questions: ["三"] } });
  expect((await story.apply("-auto-approve")).stdout).toContain("0 added, 1 changed, 0 destroyed");
});

terraformTest("a creation whose answer is lost is found under the name that Coze stores", async () => {
  const named = bot.replace('"售后助手"', '" cafe\\u0301 "');
  const story = await createTerraformStory({
    files: configure(blocks.desk, named),
    emulator: {
      world: { variants: ["trimmed-texts", "composed-texts"] },
      faults: [{ operation: "create_bot", calls: { times: 1 }, fault: "drop", moment: "after" }],
    },
  });
  await story.apply("-auto-approve");
  expect(story.emulator.world.bots.size).toBe(1);
  await story.expectNoChanges();
});

const cut = (name: string, separator: string) => `\
resource "coze_document" "${name}" {
  dataset  = coze_dataset.faq.id
  name     = "${name}"
  source   = { url = "https://example.com/${name}" }
  chunking = { separator = "${separator}", max_tokens = 500 }
}
`;

const taught: readonly (readonly [string, readonly Variant[]])[] = [
  ["", ["dataset-chunking"]],
  [", also where the answer to a creation doesn't show it", ["dataset-chunking", "untold-chunking"]],
];
for (const [where, variants] of taught)
  terraformTest(
    `a dataset that keeps its chunking is warned of once, and nothing is replaced again${where}`,
    async () => {
      const dataset = `resource "coze_dataset" "faq" {\n  workspace = coze_workspace.desk.id\n  name = "常见问题"\n  format = "text"\n}\n`;
      const story = await createTerraformStory({
        files: configure(blocks.desk, dataset, cut("a", "#")),
        emulator: { world: { variants } },
      });
      await story.apply("-auto-approve");
      story.write(configure(blocks.desk, dataset, cut("a", "#"), cut("b", "@")));
      const { stdout } = await story.apply("-auto-approve");
      expect(stdout).toContain("1 added, 0 changed, 0 destroyed");
      expect(stdout.replaceAll(/[│\s]+/gu, " ")).toContain(
        "Coze cuts this document as the dataset's other documents",
      );
      await story.expectNoChanges();
    },
  );
