import { expect } from "@jest/globals";
import { createTerraformStory, type TerraformStory, terraformTest } from "../support/terraform.ts";
import { blocks, complaintsIn, configure } from "./failures/stage.ts";

const document = (timeouts: string) =>
  configure(
    blocks.desk,
    blocks.policies,
    `\
resource "coze_document" "returns" {
  dataset = coze_dataset.policies.id
  name    = "退换货"
  source  = { url = "https://shop.example.com/returns" }
${timeouts}}
`,
  );

const minute = 60_000;

/** How long something takes by the story's clock, which only waiting moves; in minutes, rounded down. */
async function minutesOf({ clock }: TerraformStory, run: () => Promise<unknown>): Promise<number> {
  const begun = clock.now();
  await run();
  return Math.floor((clock.now() - begun) / minute);
}

terraformTest(
  "a document is waited for as long as timeouts say, and by default for half an hour",
  async () => {
    const story = await createTerraformStory({
      files: document('  timeouts {\n    create = "10m"\n    update = "1h30m"\n  }\n'),
      emulator: { world: { processingMs: 60 * minute } },
    });
    const told: string[] = [];
    const apply = async () => void told.push(...complaintsIn((await story.apply()).stdout));
    const first = await minutesOf(story, apply);
    expect(first).toBeGreaterThanOrEqual(8);
    expect(first).toBeLessThanOrEqual(11);
    expect(told).toEqual([expect.stringContaining("Coze is still processing it")]);
    const second = await minutesOf(story, apply);
    expect(second).toBeGreaterThan(31);
    expect(second).toBeLessThan(60);
    expect(told).toHaveLength(1);
    expect(await story.resource("coze_document.returns")).toMatchObject({
      unfinished: null,
      timeouts: { create: "10m", update: "1h30m" },
    });
    await story.expectNoChanges();
    await story.expectNoChanges("-refresh-only");
    // Other times are no call, and none is no difference to what there is at Coze.
    const writes = story.writes().length;
    story.write(document('  timeouts {\n    update = "5s"\n  }\n'));
    await story.apply();
    story.write(document(""));
    await story.apply();
    await story.expectNoChanges();
    expect(story.writes()).toHaveLength(writes);
  },
);

terraformTest(
  "what is adopted while Coze is at work on it is waited for as long as timeouts say",
  async () => {
    const story = await createTerraformStory({
      env: { COZEFORM_EXISTING: "adopt" },
      files: document('  timeouts {\n    create = "5m"\n  }\n'),
      emulator: { world: { processingMs: 60 * minute } },
    });
    await story.apply();
    await story.run("state", "rm", "coze_document.returns");
    const minutes = await minutesOf(story, () => story.apply());
    expect(minutes).toBeGreaterThanOrEqual(4);
    expect(minutes).toBeLessThanOrEqual(6);
    expect(story.emulator.world.documents.size).toBe(1);
  },
);

const copy = (workspace: string, workflow: string, create: string) => ({
  "main.tf": `\
resource "coze_copy" "orders" {
  type      = "workflow"
  workspace = "${workspace}"
  source    = { workflow = "${workflow}" }
  timeouts {
    create = "${create}"
  }
}
`,
});

terraformTest("a copy that takes longer than its timeouts is waited for by the next apply", async () => {
  const story = await createTerraformStory({ emulator: { world: { copyMs: 10 * minute } } });
  const { world } = story.emulator;
  const [source = "", desk = ""] = ["源", "客服"].map((name) => world.addWorkspace({ name }).id);
  const workflow = world.addWorkflow({ space_id: source, name: "查订单" }).id;
  story.write(copy(desk, workflow, "2m"));
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)).toEqual([
    expect.stringContaining("Coze is still processing it (timed out). Apply again to continue waiting."),
  ]);
  story.write(copy(desk, workflow, "1h"));
  expect(await minutesOf(story, () => story.apply())).toBeLessThan(12);
  expect(story.writes()).toEqual(["copy_resource_task"]);
  await story.expectNoChanges();
});

terraformTest(
  "what is no duration is refused where it stands, and other operations take no time",
  async () => {
    const story = await createTerraformStory({
      files: document('  timeouts {\n    create = "10 minutes"\n    update = "0s"\n  }\n'),
    });
    const { stderr } = await story.fail("plan");
    expect(complaintsIn(stderr)).toEqual([
      expect.stringMatching(
        /^Error: timeouts.create must be a duration, not "10 minutes" .* Write it with its units, such as "90s", "10m" or "1h30m"\.$/u,
      ),
      expect.stringMatching(/^Error: timeouts.update must be a duration, not "0s" /u),
    ]);
    story.write(document('  timeouts {\n    delete = "1m"\n  }\n'));
    expect((await story.fail("plan")).stderr).toContain('An argument named "delete" is not expected here');
    story.write(configure(blocks.desk, `${blocks.hook.trimEnd().slice(0, -1)}  timeouts {}\n}\n`));
    expect((await story.fail("plan")).stderr).toContain('Blocks of type "timeouts" are not expected here');
  },
);

terraformTest("a state from before there were timeouts, and an import, plan clean without them", async () => {
  const story = await createTerraformStory({ files: document("") });
  await story.apply();
  const stored = JSON.parse((await story.run("state", "pull")).stdout);
  for (const { type, instances } of stored.resources)
    if (type === "coze_document") for (const { attributes } of instances) delete attributes.timeouts;
  story.write({ "older.tfstate": JSON.stringify({ ...stored, serial: stored.serial + 1 }) });
  expect((await story.run("state", "push", "older.tfstate")).exitCode).toBe(0);
  await story.expectNoChanges();
  await story.expectNoChanges("-refresh-only");
  const { id } = (await story.resource("coze_document.returns")) ?? {};
  await story.run("state", "rm", "coze_document.returns");
  await story.importResource("coze_document.returns", String(id));
  expect(await story.resource("coze_document.returns")).toMatchObject({ timeouts: null });
});
