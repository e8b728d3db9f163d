import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

const bot = (spec: string) => `\
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
# Nobody touches the name.
spec:
  workspace: desk
  name: 客服
${spec}  publish: {connectors: [api]}
`;
const prompt = (text: string, more = "") => `  prompt: ${text} # reviewed\n${more}`;

/** A project whose bot was published once for each of these specs. */
async function createDesk(...specs: readonly string[]) {
  const desk = createConsole({ "desk.yaml": smallManifests, "bot.yaml": "" });
  const write = (spec: string) => desk.write({ "bot.yaml": bot(spec) });
  for (const spec of specs) {
    write(spec);
    const { code, err } = await desk.sh("apply --auto-approve");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    await desk.clock.sleep(60_000);
  }
  const read = (file = "bot.yaml") => readFileSync(join(desk.directory, file), "utf8");
  const live = () => {
    const [found] = desk.emulator.world.bots.values();
    if (!found) throw new Error("there is no bot");
    return found;
  };
  /** Runs a line, with the calls that it made. */
  const see = async (line: string, how?: Parameters<typeof desk.sh>[1]) => {
    const before = desk.emulator.requests.length;
    const ran = await desk.sh(line, how);
    const made = desk.emulator.requests.slice(before);
    return {
      ...ran,
      calls: made.map(({ operation = "" }) => operation),
      writes: made.filter(({ writes }) => writes).map(({ operation = "" }) => operation),
    };
  };
  const entry = () =>
    JSON.parse(readFileSync(join(desk.directory, ".cozeform/default.state.json"), "utf8")).resources[
      "Bot.support"
    ];
  return { ...desk, writeBot: write, read, live, see, entry };
}

const applied = /\n {2}~ Bot\.support: updated in [\d.]+s/u;

describe("rollback", () => {
  test("edits the manifest to what was published before, byte by byte, and applies that", async () => {
    const desk = await createDesk(prompt("你是客服"), prompt("你是好客服"));
    const { code, out, calls } = await desk.see("rollback Bot.support --auto-approve");
    expect(out).toMatch(applied);
    expect(out.slice(0, out.indexOf("Environment"))).toBe(`\
Edits, to what release 1 was:

bot.yaml
   7    workspace: desk
   8    name: 客服
   9    prompt: 你是[-好-]客服 # reviewed
  10    publish: {connectors: [api]}

`);
    expect(code).toBe(0);
    expect(desk.read()).toBe(bot(prompt("你是客服")));
    expect(desk.live().published?.prompt_info?.prompt).toBe("你是客服");
    // The calls of an apply of the edited manifest without what it hangs on, and no other.
    const again = await createDesk(prompt("你是客服"), prompt("你是好客服"));
    again.writeBot(prompt("你是客服"));
    const made = (await again.see("apply --auto-approve --target Bot.support")).calls;
    expect(calls).toEqual(made.filter((call) => call !== "list_workspace"));

    // What is current now is release 3, and the one before it is what was left.
    expect((await desk.see("plan --detailed-exitcode")).code).toBe(0);
    expect((await desk.see("rollback Bot.support --auto-approve")).code).toBe(0);
    expect(desk.read()).toBe(bot(prompt("你是好客服")));
    expect((await desk.see("rollback Bot.support --to 1 --auto-approve")).code).toBe(0);
    expect(desk.read()).toBe(bot(prompt("你是客服")));
  });

  test("writes fields that went since, and takes out those that came", async () => {
    const first = '  prompt: 一\n  onboarding:\n    prologue: 你好\n  model: {id: "1", temperature: 0.2}\n';
    const second = '  prompt: 一\n  description: |\n    新的\n    说明\n  model: {id: "1", top_p: 0.5}\n';
    const desk = await createDesk(first, second);
    const { version } = desk.live().versions[0] ?? {};
    const { code, err, writes } = await desk.see(`rollback Bot.support --to ${version} --auto-approve`);
    expect({ code, err, writes }).toEqual({ code: 0, err: "", writes: ["update_bot", "publish_bot"] });
    expect(desk.read()).toBe(
      bot('  prompt: 一\n  model: {id: "1", temperature: 0.2}\n').concat("  onboarding: {prologue: 你好}\n"),
    );
    expect(desk.live().published).toMatchObject({ onboarding_info: { prologue: "你好" } });
    expect(desk.live().published?.description ?? "").toBe("");
    expect((await desk.see("plan --detailed-exitcode")).code).toBe(0);
  });

  test("edits a text in its own file, and the patch that sets a field", async () => {
    const desk = await createDesk();
    const write = (text: string, name: string) =>
      desk.write({
        "cozeform.yaml":
          "apiVersion: cozeform/v1\nkind: Project\nmanifests: [desk.yaml, bot.yaml]\nenvironments: {default: {patches: [env/*.yaml]}}\n",
        "bot.yaml": bot("  prompt: {file: prompt.md}\n  description: 全部\n"),
        "prompt.md": text,
        "env/bot.yaml": `kind: Bot\nmetadata: {name: support}\nspec: {description: ${name}} # here\n`,
      });
    for (const [text, name] of [
      ["甲\r\n乙\r\n", "一"],
      ["丙\r\n乙\r\n", "二"],
    ] as const) {
      write(text, name);
      expect((await desk.sh("apply --auto-approve")).err).toBe("");
    }
    expect((await desk.see("rollback Bot.support --auto-approve")).err).toBe("");
    expect(desk.read("prompt.md")).toBe("甲\r\n乙\r\n");
    expect(desk.read("env/bot.yaml")).toBe(
      "kind: Bot\nmetadata: {name: support}\nspec: {description: 一} # here\n",
    );
    expect(desk.read()).toBe(bot("  prompt: {file: prompt.md}\n  description: 全部\n"));
  });

  test("refuses a value that an interpolation makes: nothing is edited, and nothing is sent", async () => {
    const desk = await createDesk(prompt("你是客服"));
    const file = bot("  prompt: 你是${var.how}\n");
    desk.write({ "bot.yaml": file });
    expect((await desk.sh("apply --auto-approve --var how=店员")).err).toBe("");
    const { code, err, calls } = await desk.see("rollback Bot.support --auto-approve --var how=店员");
    expect(err).toContain("Bot.support: prompt is made by an interpolation");
    expect([code, calls]).toEqual([3, []]);
    expect(desk.read()).toBe(file);
  });

  test("that isn't approved leaves the manifest and Coze as they are", async () => {
    const desk = await createDesk(prompt("你是客服"), prompt("你是好客服"));
    const state = desk.read(".cozeform/default.state.json");
    const { code, writes } = await desk.see("rollback Bot.support", { typed: "no\n" });
    expect([code, writes]).toEqual([1, []]);
    expect(desk.read()).toBe(bot(prompt("你是好客服")));
    expect(desk.read(".cozeform/default.state.json")).toBe(state);
    const alone = await desk.see("rollback Bot.support");
    expect([alone.code, alone.calls]).toEqual([1, []]);
  });

  test("says which releases there are", async () => {
    const desk = await createDesk(prompt("你是客服"));
    const [one] = desk.live().versions;
    const time = "2026-01-05 08:00:";
    const first = await desk.see("rollback Bot.support --auto-approve");
    expect(first).toMatchObject({ code: 3, calls: [] });
    expect(first.err).toContain(
      `Bot.support has no earlier release to go back to: 1 (version ${one?.version}) of ${time}`,
    );
    const unknown = await desk.see("rollback Bot.support --to 7 --auto-approve");
    expect(unknown.err).toContain("error: Bot.support has no release 7  hint: it has 1");
    expect(unknown.err).toContain(`it has 1 (version ${one?.version}) of ${time}`);
    expect((await desk.see("rollback Dataset.faq --auto-approve")).err).toContain(
      "Dataset.faq has no releases: nothing publishes a Dataset",
    );
    expect((await desk.see("rollback Bot.other --auto-approve")).err).toContain("the state has no Bot.other");
    expect((await desk.see("rollback")).code).toBe(3);
    expect((await desk.see("rollback Bot.support Bot.other")).err).toContain("rollback takes one address");
  });

  test("says of a release whose configuration is gone what is left", async () => {
    const desk = await createDesk(prompt("一"), prompt("二"), prompt("三"));
    const [first, , last] = desk.entry().history;
    rmSync(join(desk.directory, ".cozeform/default.releases", `${first.content}.json`));
    const gone = await desk.see("rollback Bot.support --to 1 --auto-approve");
    expect(gone).toMatchObject({ code: 3, calls: [] });
    expect(gone.err).toContain(
      `the configuration of release 1 (version ${first.version}) of Bot.support is gone`,
    );
    expect(gone.err).toMatch(/hint: these are left: 2 \(version \d+\) of .*, 3 \(version \d+\) of /u);
    // Of the current one Coze's API tells what it is.
    rmSync(join(desk.directory, ".cozeform/default.releases"), { recursive: true });
    desk.writeBot(prompt("四"));
    const current = await desk.see(`rollback Bot.support --to ${last.version} --auto-approve`);
    expect([current.err, current.writes]).toEqual(["", []]);
    expect(desk.read()).toBe(bot(prompt("三")));
    expect((await desk.see("rollback Bot.support --auto-approve")).err).toContain(
      "and so is that of every other release",
    );
  });
});

describe("an apply", () => {
  test("whose publication's answer was lost, or that was cut off, records it once when it is run again", async () => {
    const desk = await createDesk(prompt("一"));
    desk.writeBot(prompt("二"));
    const fault = { operation: "publish_bot", fault: "drop", moment: "after" } as const;
    desk.emulator.faults.set([fault]);
    expect((await desk.see("apply --auto-approve")).code).toBe(1);
    desk.emulator.faults.set([]);
    const { writes } = await desk.see("apply --auto-approve");
    const numbers = () => desk.entry().history.map(({ number }: { number: number }) => number);
    expect([writes.includes("publish_bot"), numbers()]).toEqual([true, [1, 2]]);
    expect(desk.entry().history.at(-1).version).toBe(desk.live().versions.at(-1)?.version);
    // Of a publication by hand no release is made up.
    desk.emulator.world.publishBot(desk.live().id, ["1024"]);
    expect((await desk.see("apply --auto-approve")).writes).toEqual([]);
    expect(numbers()).toEqual([1, 2]);
  });

  test("that published and failed behind that records it once, too", async () => {
    const desk = await createDesk();
    desk.write({ "bot.yaml": bot(prompt("一")).replace("[api]", "[api, chat_sdk]") });
    expect((await desk.see("apply --auto-approve")).code).toBe(0);
    desk.writeBot(prompt("二"));
    desk.emulator.faults.set([{ operation: "unpublish_agent", fault: "refuse", code: 4000 }]);
    expect(await desk.see("apply --auto-approve")).toMatchObject({ code: 1 });
    const told = () => desk.entry().history.map((one: { number: number; version: string }) => one.version);
    expect(told()).toEqual(desk.live().versions.map(({ version }) => version));
    desk.emulator.faults.set([]);
    const { writes } = await desk.see("apply --auto-approve");
    expect(writes).toContain("publish_bot");
    expect(told()).toEqual([desk.live().versions[0]?.version, desk.live().versions.at(-1)?.version]);
    expect((await desk.see("rollback Bot.support --auto-approve")).code).toBe(0);
    expect(desk.live().published?.prompt_info?.prompt).toBe("一");
  });

  test("keeps the configurations of the latest five releases, and as many files", async () => {
    const desk = await createDesk(...["一", "二", "三", "四", "五", "六"].map((text) => prompt(text)));
    const contents = desk.entry().history.map(({ content }: { content?: string }) => content !== undefined);
    expect(contents).toEqual([false, true, true, true, true, true]);
    expect(readdirSync(join(desk.directory, ".cozeform/default.releases"))).toHaveLength(5);
  });

  test("of a bot that an earlier version published adds what Coze still holds of that", async () => {
    const desk = await createDesk(prompt("长".repeat(500)), prompt("二"));
    const file = join(desk.directory, ".cozeform/default.state.json");
    const state = JSON.parse(readFileSync(file, "utf8"));
    delete state.resources["Bot.support"].history;
    writeFileSync(file, JSON.stringify({ ...state, format: 1 }));
    desk.writeBot(prompt("三"));
    expect((await desk.see("apply --auto-approve")).err).toBe("");
    expect(desk.entry().history).toMatchObject([
      { number: 1, applied: true, version: desk.live().versions[1]?.version },
      { number: 2, applied: true, version: desk.live().versions[2]?.version },
    ]);
    expect((await desk.see("rollback Bot.support --auto-approve")).code).toBe(0);
    expect(desk.read()).toBe(bot(prompt("二")));
    expect(desk.live().published?.prompt_info?.prompt).toBe("二");
  });
});

describe("rollback --live-only", () => {
  async function createHeld() {
    const desk = await createDesk(prompt("你是客服"), prompt("你是好客服"));
    const held = await desk.see("rollback Bot.support --live-only --auto-approve");
    expect(held.err).toBe(
      "Bot.support is held at release 1: plan and apply refuse to change it until its manifest changes\n",
    );
    expect([held.code, held.writes]).toEqual([0, ["update_bot", "publish_bot"]]);
    expect(held.err).not.toContain("answers nothing");
    expect(desk.live().published?.prompt_info?.prompt).toBe("你是客服");
    expect(desk.read()).toBe(bot(prompt("你是好客服")));
    return desk;
  }

  test("holds the resource: plan shows it, apply refuses it, and an answer lets it go", async () => {
    const desk = await createHeld();
    const plan = await desk.see("plan --detailed-exitcode --out held.json");
    expect(plan.code).toBe(2);
    expect(plan.out).toMatch(
      /Refused, since these are held at an earlier release:\n {2}! Bot\.support {2}it was taken back to release 1 at 2026-01-05 08:\d\d:\d\d UTC, and its/u,
    );
    expect(plan.out).toContain(
      "cozeform plan --detailed-exitcode --out held.json --release-hold Bot.support\n",
    );
    expect(plan.out).toContain("what the release was: cozeform rollback Bot.support --to 1\n");
    expect((await desk.see("plan")).code).toBe(0);
    const document = JSON.parse((await desk.see("plan --format json")).out);
    expect(document.applyable).toBe(false);
    expect(document.cozeform.refusals).toMatchObject([
      { guard: "held", addresses: ["Bot.support"], options: ["--release-hold", "Bot.support"] },
    ]);
    for (const line of [
      "apply --auto-approve",
      "apply held.json",
      "apply --auto-approve --release-hold Dataset.faq",
    ]) {
      expect(await desk.see(line)).toMatchObject({ code: 1, writes: [] });
    }
    expect((await desk.see("apply --auto-approve --target Workspace.desk")).code).toBe(0);
    expect((await desk.see("plan --out yes.json --release-hold Bot.support")).out).toContain(
      "--release-hold Bot.support",
    );
    expect(await desk.see("apply yes.json")).toMatchObject({
      code: 0,
      writes: ["update_bot", "publish_bot"],
    });
    expect(desk.live().published?.prompt_info?.prompt).toBe("你是好客服");
    expect(desk.entry().hold).toBeUndefined();
    expect(await desk.see("apply --auto-approve")).toMatchObject({ code: 0, writes: [] });
    expect((await desk.see("plan --release-hold Bot.support")).err).toContain(
      "--release-hold Bot.support answers nothing: the plan isn't refused for it",
    );
  });

  test("ends when the manifest changes, for good", async () => {
    const desk = await createHeld();
    expect((await desk.see("status")).out).toContain("held at release 1");
    const { resources } = JSON.parse((await desk.see("status --format json")).out);
    expect(resources.flatMap((one: { hold?: object }) => one.hold ?? [])).toMatchObject([{ release: 1 }]);
    desk.writeBot(prompt("你是更好的客服"));
    expect((await desk.see("status")).out).not.toContain("held at");
    expect((await desk.see("apply --auto-approve")).code).toBe(0);
    expect(desk.live().published?.prompt_info?.prompt).toBe("你是更好的客服");
    desk.writeBot(prompt("你是好客服"));
    expect((await desk.see("apply --auto-approve")).code).toBe(0);
  });

  test("ends with a rollback of the manifest, which has nothing to do at Coze", async () => {
    const desk = await createHeld();
    expect(await desk.see("rollback Bot.support --to 1 --auto-approve")).toMatchObject({
      code: 0,
      writes: [],
    });
    expect(desk.read()).toBe(bot(prompt("你是客服")));
    expect(desk.entry().hold).toBeUndefined();
    expect((await desk.see("plan --detailed-exitcode")).code).toBe(0);
  });

  test("holds against a promotion, too", async () => {
    const desk = await createDesk();
    const of = (text: string) =>
      desk.write({
        "cozeform.yaml":
          "apiVersion: cozeform/v1\nkind: Project\nmanifests: [desk.yaml, bot.yaml]\nenvironments: {dev: {}, prod: {}}\n",
        "bot.yaml": bot(prompt(text)),
        "desk.yaml": smallManifests,
      });
    for (const text of ["一", "二"]) {
      of(text);
      for (const name of ["dev", "prod"]) {
        const { code, err } = await desk.see(`apply -e ${name} --auto-approve`);
        expect({ code, err }).toEqual({ code: 0, err: "" });
      }
    }
    expect((await desk.see("rollback -e prod Bot.support --live-only --auto-approve")).code).toBe(0);
    const promote = "promote --from dev --to prod --auto-approve";
    expect(await desk.see(promote)).toMatchObject({ code: 1, writes: [] });
    expect(await desk.see(`${promote} --release-hold Bot.support`)).toMatchObject({
      code: 0,
      writes: ["update_bot", "publish_bot"],
    });
    expect((await desk.see("apply -e prod --auto-approve")).code).toBe(0);
  });

  test("doesn't keep the resource from being destroyed, and moves with it", async () => {
    const desk = await createHeld();
    expect((await desk.see("state mv Bot.support Bot.desk")).code).toBe(0);
    desk.write({ "bot.yaml": bot(prompt("你是好客服")).replace("name: support", "name: desk") });
    expect(await desk.see("apply --auto-approve")).toMatchObject({ code: 1, writes: [] });
    expect((await desk.see("destroy --auto-approve --target Bot.desk")).code).toBe(0);
  });
});

describe("history", () => {
  test("lists releases and versions, with who and when: one call for each page of versions", async () => {
    const desk = await createDesk(prompt("一"), prompt("二"));
    const colleague = { id: "2069720456012", name: "小李" };
    desk.emulator.world.publishBot(desk.live().id, ["1024"], { by: colleague, changelog: "手工" });
    const versions = desk.live().versions.map(({ version }) => version);
    const { code, out, calls } = await desk.see("history Bot.support");
    const by = "by kou_owner (3290203000000017)";
    expect(out.replace(/\d\d:\d\d:\d\d UTC/gu, "TIME")).toBe(`\
Bot.support
  2026-01-05 TIME  published in Coze, version ${versions[2]}, by 小李 (2069720456012), "手工"  (current)
  2026-01-05 TIME  release 2, applied, version ${versions[1]}, ${by}
  2026-01-05 TIME  release 1, applied, version ${versions[0]}, ${by}

3 releases (1 API call).
`);
    expect([code, calls]).toEqual([0, ["list_bot_versions"]]);
    const document = JSON.parse((await desk.see("history Bot.support --format json")).out);
    expect(document).toMatchObject({ address: "Bot.support", kind: "Bot", id: desk.live().id, calls: 1 });
    expect(document.releases).toMatchObject([
      { origin: "coze", version: versions[2], by: { name: "小李", user: "2069720456012" }, current: true },
      { origin: "apply", release: 2, version: versions[1], kept: true },
      { origin: "apply", release: 1, version: versions[0], kept: true },
    ]);
  });

  test("of a kind that nothing publishes says so, without a call", async () => {
    const desk = await createDesk(prompt("一"));
    expect(await desk.see("history Dataset.faq")).toMatchObject({
      code: 0,
      out: "Dataset.faq: a Dataset has no releases, since nothing publishes it. What was applied last: cozeform state show Dataset.faq\n",
      calls: [],
    });
    expect((await desk.see("history Bot.other")).code).toBe(3);
  });

  test("without the permission shows what the state knows, with a warning", async () => {
    const desk = await createDesk(prompt("一"));
    desk.emulator.faults.set([
      { operation: "list_bot_versions", fault: "refuse", code: 4101, msg: "The token has no permission" },
    ]);
    const { code, err, out } = await desk.see("history Bot.support");
    expect(err).toContain("warning: Bot.support: Coze doesn't say who published what:");
    expect([code, out.includes("release 1, applied, version"), out.includes("by ")]).toEqual([
      0,
      true,
      false,
    ]);
    const wrong = await desk.see("history Bot.support", { env: { COZE_API_TOKEN: "pat_wrong" } });
    expect([wrong.code, wrong.out]).toEqual([1, ""]);
  });
});
