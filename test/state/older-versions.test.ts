import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { markOwnProcess } from "../../src/state/process-mark.ts";
import {
  applyFromNothing,
  isWrite,
  kept,
  listState,
  openFixture,
  withoutVersions,
  worldOf,
} from "../support/older-version.ts";
import { describeWorld } from "../support/world.ts";

const noChanges = (counts: string): string => `\
Environment dev at http://127.0.0.1:8787, with environment variable COZE_API_TOKEN

No changes. Coze matches the manifests (${counts}).
`;

describe("an applied project", () => {
  test("with every kind is listed as it was, and a plan changes nothing at Coze or in its state", async () => {
    const fixture = openFixture("applied");
    const state = readFileSync(kept(fixture.directory, "dev.state.json"), "utf8");
    expect(await listState(fixture)).toBe(`\
Bot.support                            7512000000000257963  version 1796010501532
CallbackApp.hooks                      7512000000000097421
Copy.invoice                           7512000000000135161
Dataset.album                          7512000000000136787
Dataset.faq                            7512000000000141665
Document.cat                           7512000000000197023
Document.faq["returns.txt"]            7512000000000172339
Document.faq["shipping.txt"]           7512000000000188483
Document.page                          7512000000000156299
Workspace.desk                         7512000000000121141
WorkspaceMember.desk["2000000000001"]  2000000000001
WorkspaceMember.desk["2000000000002"]  2000000000002
`);
    const { out, calls } = await fixture.succeed("plan --detailed-exitcode");
    expect(out).toBe(noChanges("12 resources, 12 API calls"));
    expect(calls).toEqual([
      "list_workspace",
      "get_workflow_list",
      "list_space_member",
      "list_dataset",
      "get_images",
      "list_knowledge_files",
      "list_knowledge_files",
      "bots_list_draft_published",
      "bots_list_draft_published",
      "list_callback_app",
      "list_subscribed_callback_message",
      "get_workflow_list",
    ]);
    expect(readFileSync(kept(fixture.directory, "dev.state.json"), "utf8")).toBe(state);
    expect(describeWorld(fixture.emulator.world)).toEqual(worldOf("applied"));
  });

  test("remembers the side products of a copy, and that icons were uploaded", async () => {
    const fixture = openFixture("applied");
    expect((await fixture.succeed("state show Copy.invoice")).out).toContain(
      'came_along:   ["workflow rates (7512000000000202697)"]\n',
    );
    const desk = join(fixture.directory, "manifests/desk.yaml");
    const album = "name: 图片, format: image";
    writeFileSync(desk, readFileSync(desk, "utf8").replace(album, `${album}, icon: icon.png`));
    const { calls } = await fixture.succeed("apply --auto-approve");
    expect(calls.filter(isWrite)).toEqual(["UPDATE_DATASET"]);
  });

  test("has a cache that saves reading a bot that is as it was", async () => {
    const fixture = openFixture("applied");
    rmSync(kept(fixture.directory, "dev.cache.json"));
    const { out, calls } = await fixture.succeed("plan --detailed-exitcode");
    expect(out).toBe(noChanges("12 resources, 13 API calls"));
    expect(calls.filter((call) => call === "get_metadata_draft_published")).toHaveLength(1);
  });

  test("goes on with the world of the embedded emulator", async () => {
    const fixture = openFixture("embedded-emulator");
    const world = readFileSync(kept(fixture.directory, "emulator.json"), "utf8");
    expect(await listState(fixture, "--emulator")).toBe(`\
Bot.support     7512000000000082147  version 1796010604704
Dataset.faq     7512000000000043027
Dataset.old     7512000000000059845
Dataset.shapes  7512000000000070407
Workspace.desk  7512000000000037421
`);
    expect((await fixture.succeed("plan --emulator --detailed-exitcode")).out).toBe(`\
Environment dev on the embedded emulator

No changes. Coze matches the manifests (5 resources, 4 API calls).
`);
    expect(readFileSync(kept(fixture.directory, "emulator.json"), "utf8")).toBe(world);
  });
});

const desk = { faq: "7512000000000121141", old: "7512000000000134619", workspace: "7512000000000103351" };

/** How `state list` shows the small project: the bot, a copy if there is one, the datasets, the workspace. */
const deskList = (bot: string, shapes: string, copy?: string): string => `\
Bot.support     ${bot}
${copy ? `Copy.invoice    ${copy}\n` : ""}Dataset.faq     ${desk.faq}
Dataset.old     ${desk.old}
Dataset.shapes  ${shapes}
Workspace.desk  ${desk.workspace}
`;
const [bot, shapes, newShapes, invoice] = [
  "7512000000000136787",
  "7512000000000135161",
  "7512000000000141665",
  "7512000000000156299",
];

const reads = ["list_workspace", "list_dataset", "bots_list_draft_published", "bots_list_draft_published"];
const readsWithWorkflows = ["list_workspace", "get_workflow_list", ...reads.slice(1)];
const published = ["bots_list_draft_published", "bots_list_draft_published", "get_metadata_draft_published"];

interface CutRun {
  readonly when: string;
  readonly fixture: string;
  /** What `state list` shows of the run that was cut off, and at the end. */
  readonly cut: string;
  readonly whole: string;
  /** Why the plan does something, in its own words. */
  readonly reason: string;
  readonly calls: readonly string[];
}

const cutRuns: readonly CutRun[] = [
  {
    when: "before a bot was created, in the first run,",
    fixture: "cut-before-creation",
    cut: deskList("(no id)  unknown", shapes),
    whole: deskList(bot, shapes),
    reason: "? Bot.support  retry (its creation was interrupted before it took effect)",
    calls: [...reads, "CREATE_BOT", "UPDATE_BOT", "PUBLISH_BOT", ...published],
  },
  {
    when: "after a bot was created, in the first run,",
    fixture: "cut-after-creation",
    cut: deskList("(no id)  unknown", shapes),
    whole: deskList(bot, shapes),
    reason: "? Bot.support  retry (its creation was interrupted after it took effect)",
    calls: [...reads, "get_metadata_draft_published", "UPDATE_BOT", "PUBLISH_BOT", ...published],
  },
  {
    when: "after a dataset was removed",
    fixture: "cut-removal",
    cut: deskList(bot, shapes),
    whole: deskList(bot, shapes).replace(/^Dataset.old .*\n/mu, ""),
    reason: "* Dataset.old  forget (its manifest is gone; it doesn't exist in Coze)",
    calls: ["list_workspace", "list_dataset", "list_dataset", ...reads.slice(2)],
  },
  {
    when: "in a replacement, with the old dataset still there,",
    fixture: "cut-replacement",
    cut: deskList(bot, newShapes),
    whole: deskList(bot, newShapes),
    reason: `? Dataset.shapes  retry (objects that it replaced still exist (${shapes}))`,
    calls: [...reads, "get_metadata_draft_published", "DELETE_DATASET"],
  },
  {
    when: "after a copy task was started",
    fixture: "cut-copy-call",
    cut: deskList(bot, shapes, "(no id)  unknown"),
    whole: deskList(bot, shapes, invoice),
    reason: "? Copy.invoice  retry (its creation was interrupted after it took effect)",
    calls: [
      ...readsWithWorkflows,
      "get_workflow_list",
      "get_workflow_info",
      "get_workflow_list",
      "bots_list_draft_published",
      "get_metadata_draft_published",
      "get_workflow_list",
    ],
  },
  {
    when: "while it waited for a copy task",
    fixture: "cut-copy-task",
    cut: deskList(bot, shapes, "(no id)  pending"),
    whole: deskList(bot, shapes, invoice),
    reason: "? Copy.invoice  retry (Coze was still processing it (task 7512000000000141665))",
    calls: [...readsWithWorkflows, "query_resource_copy_execution_result", "get_workflow_list"],
  },
];

describe("an apply that was killed", () => {
  test.each(cutRuns)("$when ends as one that wasn't, and nothing is made twice", async (run) => {
    const fixture = openFixture(run.fixture);
    expect(withoutVersions(await listState(fixture))).toBe(run.cut);
    fixture.unlock("dev");
    const { out, calls } = await fixture.succeed("apply --auto-approve --parallelism 1");
    expect(out).toContain(run.reason);
    expect(calls).toEqual(run.calls);
    expect(withoutVersions(await listState(fixture))).toBe(run.whole);
    expect(describeWorld(fixture.emulator.world)).toEqual(await applyFromNothing(run.fixture));
    const again = await fixture.succeed("plan --detailed-exitcode");
    expect(again.out).toContain("\nNo changes. ");
    expect(existsSync(kept(fixture.directory, "dev.journal"))).toBe(false);
  });

  test("while it waited for a copy task goes on waiting where that still runs", async () => {
    const [task] = openFixture("cut-copy-task").emulator.world.copyTasks.values();
    const fixture = openFixture("cut-copy-task", (task?.due_at_ms ?? 0) - 1000);
    fixture.unlock("dev");
    const { out, calls } = await fixture.succeed("apply --auto-approve --parallelism 1");
    expect(out).toContain("  ? Copy.invoice: copy task in progress\n");
    expect(calls.filter((call) => call === "query_resource_copy_execution_result")).toHaveLength(2);
    expect(calls.filter(isWrite)).toEqual([]);
    expect(describeWorld(fixture.emulator.world)).toEqual(await applyFromNothing("cut-copy-task"));
  });

  test("left a lock that names its process, and nothing is done while that may still run elsewhere", async () => {
    const { directory, emulator, sh } = openFixture("cut-removal");
    const { code, out, err } = await sh("apply --auto-approve");
    expect({ code, out, err }).toEqual({
      code: 1,
      out: "",
      err: `\
error: the state is locked by cozeform apply of ci on build-agent (process 4242), since 2026-11-30T03:48:54.563Z
  hint: wait until that run ends; if it is no longer running on build-agent, remove ${kept(directory, "dev.lock")}
`,
    });
    expect(emulator.requests).toEqual([]);
  });

  const onLinux = process.platform === "linux" ? test : test.skip;

  onLinux("on this machine left a lock that the next run takes over", async () => {
    const { directory, succeed } = openFixture("cut-removal");
    const file = kept(directory, "dev.lock");
    const { boot, space } = markOwnProcess();
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const lock = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...lock, pid, host: hostname(), boot, space }));
    expect((await succeed("apply --auto-approve")).out).toContain("Apply complete: 1 forgotten");
    expect(existsSync(file)).toBe(false);
  });
});

describe("another format", () => {
  const commands = ["state list", "plan", "apply --auto-approve", "destroy --auto-approve"];

  test.each(commands)(
    "of a state, when it is newer, is refused by %s, and the state stays as it is",
    async (line) => {
      const { directory, emulator, sh } = openFixture("applied");
      const file = kept(directory, "dev.state.json");
      const newer = readFileSync(file, "utf8").replace('"format": 1', '"format": 3');
      writeFileSync(file, newer);
      expect(await sh(line)).toEqual({
        code: 1,
        out: "",
        err: `\
error: ${file}:2:13: the state file was written by a newer cozeform: it has format 3, this one reads up to 2
  hint: upgrade cozeform to one version for everyone who applies
`,
      });
      expect(emulator.requests).toEqual([]);
      expect(readFileSync(file, "utf8")).toBe(newer);
    },
  );

  test("of a journal, when it is newer, is refused, and the journal stays as it is", async () => {
    const { directory, emulator, sh, unlock } = openFixture("cut-after-creation");
    unlock("dev");
    const file = kept(directory, "dev.journal");
    const newer = readFileSync(file, "utf8").replace('"format":1', '"format":3');
    writeFileSync(file, newer);
    expect(await sh("apply --auto-approve")).toEqual({
      code: 1,
      out: "",
      err: `\
error: ${file}:1:1: the journal was written by a newer cozeform: it has format 3, this one reads up to 2
  hint: upgrade cozeform
`,
    });
    expect(emulator.requests).toEqual([]);
    expect(readFileSync(file, "utf8")).toBe(newer);
  });

  test("of a saved plan, when it is older, is refused, and it says to plan again", async () => {
    const { directory, emulator, sh } = openFixture("saved-plan");
    const file = join(directory, "plan.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"format": 1', '"format": 0'));
    expect(await sh("apply plan.json")).toEqual({
      code: 3,
      out: "",
      err: `\
${file}:219:15  this plan was written by an older version of cozeform (format 0)  hint: plan again with --out
1 error
`,
    });
    expect(emulator.requests).toEqual([]);
  });
});
