import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Files } from "../support/story.ts";
import { createConsole } from "./console.ts";

const header = "apiVersion: cozeform/v1\n";
const project = `${header}kind: Project
name: desk
manifests:
  - manifests/*.yaml
  - {glob: "agents/*.md", kind: Bot}
environments: {default: {variables: {shop: 和风, days: 7}}}
`;
const workspace = `${header}kind: Workspace
metadata: {name: desk}
spec: {name: 客服, description: desk}
`;
const support = `---
spec:
  workspace: desk # the one desk
  name: support
  model: {id: "1706077826", temperature: 0.7}
---

你是 \${var.shop} 的客服。

要有礼貌。
`;

/** A project in which each file is a prompt of its own; in `world`, prompts by the bot's name. */
function createDesk(files: Files) {
  const desk = createConsole({ "cozeform.yaml": project, "manifests/desk.yaml": workspace, ...files });
  const { world } = desk.emulator;
  const bot = (name: string) => [...world.bots.values()].find(({ draft }) => draft.name === name);
  return {
    ...desk,
    world,
    bot,
    prompt: (name: string) => bot(name)?.draft.prompt_info?.prompt,
    edit: (change: Parameters<typeof world.editBot>[1], name = "support") =>
      world.editBot(bot(name)?.id ?? "", change),
    read: (file: string) => readFileSync(join(desk.directory, file), "utf8"),
    async apply() {
      const { code, err } = await desk.sh("apply --auto-approve");
      expect([code, err.split("\n").filter((line) => /error/u.test(line))]).toEqual([0, []]);
    },
    async expectNoChanges() {
      const { code, out } = await desk.sh("plan --detailed-exitcode");
      expect([code, code === 0 ? "" : out]).toEqual([0, ""]);
    },
  };
}

describe("a prompt reaches Coze as its file says", () => {
  /** What a class of characters looks like, and what is sent where that isn't the same. */
  const classes: readonly (readonly [string, string, string?])[] = [
    ["tabs", "a\tb\t\n\tc"],
    ["blanks at line ends", "a  \nb \n  c"],
    ["line separators", "a\u2028b\u2029c\u0085d"],
    ["odd spaces", "a\u00a0b\u3000c\u200bd\u2003e"],
    ["joined emoji", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 1️⃣"],
    ["characters beyond the first plane", "𠮷野家 𝒳 \u{10ffff}"],
    ["decomposed letters", "e\u0301 \u1112\u1161\u11ab が"],
    ["combining marks", "a\u0301\u0327\u0323 \u0301"],
    ["a composed letter", "é 한"],
    ["one line end", "a\n"],
    ["several line ends", "a\n\n\n"],
    ["no line end", "a"],
    ["lines of dashes", "a\n---\nb: c\n---\n...\n"],
    ["comments", "# 标题\n\n<!-- x -->\n#tag\n"],
    ["handlebars", "{{user_name}} {{#if x}}{{/if}} {% raw %}"],
    ["what isn't ours", "${x} ${HOME} $var.shop $ {var.shop} ${} ${x"],
    ["backslashes", "\\n \\\\ \\u0041 \\$ C:\\x\\"],
    ["quotes and YAML", "'a' \"b\": - [c, {d: e}] & *f !g | > % @ ` ~ null 007"],
    ["line ends of Windows", "a\r\n\r\nb\r\n", "a\n\nb\n"],
    ["returns alone", "a\rb\r\rc"],
    ["a byte order mark", "\ufeffa", "a"],
    ["a mark within", "a\ufeffb"],
    ["control characters", "a\u0001\u001b[31m\u007fb"],
    ["20,000 characters", `${"长".repeat(9999)}\n${"x".repeat(10_000)}`],
  ];

  test("byte for byte, out of a file, a template and a Markdown file, and is no difference afterwards", async () => {
    const files: Record<string, string> = {};
    const manifests: string[] = [];
    const expected: Record<string, string> = {};
    for (const [index, [, text, sent = text]] of classes.entries()) {
      files[`p/${index}.md`] = text;
      files[`p/${index}.tpl`] = `\${file:p/${index}.md}`;
      const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
      const head = `---\nspec: {workspace: desk, name: m${index}}\n---\n\n`;
      const end = text.includes("\r\n") ? head.replaceAll("\n", "\r\n") : head;
      files[`agents/m${index}.md`] = mark + end + text.slice(mark.length);
      const proposals = `{mode: customized, prompt: {template: p/${index}.tpl}}`;
      manifests.push(
        `${header}kind: Bot\nmetadata: {name: f${index}}\nspec: {workspace: desk, name: f${index}, prompt: {file: p/${index}.md}, suggested_replies: ${proposals}}\n`,
      );
      expected[`f${index}`] = sent;
      expected[`m${index}`] = sent;
    }
    const desk = createDesk({ ...files, "manifests/bots.yaml": manifests.join("---\n") });
    await desk.apply();
    const sent = Object.fromEntries(Object.keys(expected).map((name) => [name, desk.prompt(name)]));
    expect(sent).toEqual(expected);
    for (const [index, [, text, now = text]] of classes.entries())
      expect(desk.bot(`f${index}`)?.draft.suggest_reply_info?.customized_prompt).toBe(now);
    await desk.expectNoChanges();
    expect((await desk.sh("plan --refresh full --detailed-exitcode")).code).toBe(0);
  });

  test("a file of blanks alone is sent as it is, and a Markdown file of them is refused", async () => {
    const bot = `${header}kind: Bot\nmetadata: {name: b}\nspec: {workspace: desk, name: b, prompt: {file: p/b.md}}\n`;
    const desk = createDesk({ "manifests/b.yaml": bot, "p/b.md": " \n\t\n", "agents/support.md": support });
    await desk.apply();
    expect(desk.prompt("b")).toBe(" \n\t\n");
    await desk.expectNoChanges();
    desk.write({ "agents/support.md": support.replace(/你是[\s\S]*/u, " \n\t\n") });
    expect((await desk.sh("validate")).err).toContain(
      "agents/support.md:8:1  spec.prompt is empty: there is no text below the front matter",
    );
  });
});

describe("a bot may be a Markdown file", () => {
  test("whose name is that of the file, and whose text is a template", async () => {
    const desk = createDesk({ "agents/support.md": support });
    await desk.apply();
    expect(desk.prompt("support")).toBe("你是 和风 的客服。\n\n要有礼貌。\n");
    expect((await desk.sh("state list")).out).toContain("Bot.support");
    await desk.expectNoChanges();
  });

  test("adopt-live edits the text and the front matter, each where it is, and keeps all other bytes", async () => {
    const file = `\ufeff${support.replaceAll("\n", "\r\n")}`;
    const desk = createDesk({ "agents/support.md": file });
    await desk.apply();
    desk.edit({
      prompt_info: { prompt: "你是 和风 的售后客服。\n\n要很有礼貌。\n写 ${var.x}\n" },
      model_info_config: { model_id: "1706077826", temperature: 0.9 },
    });
    const { out, err } = await desk.sh("adopt-live Bot.support");
    expect(err).toBe("");
    expect(out).toContain("Bot.support: prompt in agents/support.md\n");
    expect(desk.read("agents/support.md")).toBe(
      file
        .replace("0.7", "0.9")
        .replace("的客服", "的售后客服")
        .replace("要有礼貌。\r\n", "要很有礼貌。\r\n写 $$${var.x}\r\n"),
    );
    await desk.expectNoChanges();
  });

  test.each<[string, string, string, string]>([
    [
      "a text that begins with an empty line",
      "",
      "\n你是 和风 的客服。\n",
      "---\n\n\n你是 ${var.shop} 的客服。\n",
    ],
    ["one where no line is between", "---\n\n你", "\n你好吗\n", "---\n\n\n你好吗\n"],
  ])("adopt-live keeps %s", async (_, between, prompt, expected) => {
    const file = between === "" ? support : support.replace(/---\n\n你[\s\S]*/u, "---\n你好\n");
    const desk = createDesk({ "agents/support.md": file });
    await desk.apply();
    desk.edit({ prompt_info: { prompt } });
    expect((await desk.sh("adopt-live Bot.support")).err).toBe("");
    expect(desk.read("agents/support.md").slice(-expected.length)).toBe(expected);
    await desk.expectNoChanges();
  });

  test("adopt-live refuses an edit of what is put in, and an empty text", async () => {
    const desk = createDesk({ "agents/support.md": support });
    await desk.apply();
    desk.edit({ prompt_info: { prompt: "你是 无印 的客服。\n\n要有礼貌。\n" } });
    expect((await desk.sh("adopt-live Bot.support")).err).toContain(
      "agents/support.md:8:1  Bot.support: prompt is made by an interpolation",
    );
    desk.edit({ prompt_info: { prompt: "" } });
    expect((await desk.sh("adopt-live Bot.support")).err).toContain(
      "agents/support.md:8:1  Bot.support: prompt is the text below the front matter, which can't be empty",
    );
    expect(desk.read("agents/support.md")).toBe(support);
  });

  test("rollback takes the text back to a release", async () => {
    const published = support.replace(
      "  name: support\n",
      "  name: support\n  publish: {connectors: [api]}\n",
    );
    const desk = createDesk({ "agents/support.md": published });
    await desk.apply();
    writeFileSync(
      join(desk.directory, "agents/support.md"),
      published.replace("要有礼貌。", "要很有礼貌。").replace("0.7", "0.2"),
    );
    await desk.apply();
    const { code, err } = await desk.sh("rollback Bot.support --auto-approve");
    expect([code, err]).toEqual([0, expect.not.stringContaining("error")]);
    expect(desk.read("agents/support.md")).toBe(published);
    expect(desk.prompt("support")).toBe("你是 和风 的客服。\n\n要有礼貌。\n");
    await desk.expectNoChanges();
  });

  test("for_each, patches, moves and imports work as in YAML", async () => {
    const many = `---\nmetadata: {for_each: {a: 甲, b: 乙}}\nspec: {workspace: desk, name: "\${each.key}"}\n---\n\n\${each.value}，\${file:p/rules.md}`;
    const desk = createDesk({
      "agents/many.md": many,
      "agents/support.md": support,
      "p/rules.md": "守规矩。\n",
    });
    await desk.apply();
    expect([desk.prompt("a"), desk.prompt("b")]).toEqual(["甲，守规矩。\n", "乙，守规矩。\n"]);
    const id = desk.bot("support")?.id ?? "";
    desk.write({
      "cozeform.yaml": project.replace("variables:", "patches: [dev/*.yaml], variables:"),
      "dev/support.yaml": `${header}kind: Bot\nmetadata: {name: helper}\nspec: {prompt: 开发用}\n`,
      "agents/support.md": support.replace("---\n", "---\nmetadata: {name: helper, moved_from: [support]}\n"),
    });
    await desk.apply();
    expect([desk.prompt("support"), desk.bot("support")?.id]).toEqual(["开发用", id]);
    expect((await desk.sh("state rm Bot.helper")).code).toBe(0);
    desk.write({
      "agents/support.md": support.replace("---\n", `---\nmetadata: {name: helper, import: {id: "${id}"}}\n`),
    });
    await desk.apply();
    expect([...desk.world.bots.values()].filter(({ draft }) => draft.name === "support")).toHaveLength(1);
    await desk.expectNoChanges();
  });

  test.each<[string, string, string, readonly string[]]>([
    [
      "no front matter",
      "agents/readme.md",
      "# Agents\n",
      ["agents/readme.md:1:1  agents/readme.md has no front matter, so it doesn't say which Bot it is"],
    ],
    [
      "front matter without an end",
      "agents/b.md",
      "---\nspec: {}\n",
      ["agents/b.md:1:1  the front matter of agents/b.md never ends"],
    ],
    [
      "front matter that isn't YAML",
      "agents/b.md",
      "---\nspec: {name: b\nx: [\n---\n\nb\n",
      ["agents/b.md:2:7  the { on line 2 isn't closed", "agents/b.md:3:4  the [ on line 3 isn't closed"],
    ],
    [
      "front matter that is a list",
      "agents/b.md",
      "---\n- a\n---\n\nb\n",
      ["agents/b.md:2:1  front matter is a map"],
    ],
    [
      "a field that is missing, and one that is misspelt",
      "agents/b.md",
      "---\nspec:\n  nam: b\n---\n\nb\n",
      ["agents/b.md:2:1  spec.workspace is missing", 'agents/b.md:3:3  unknown key "nam" in spec'],
    ],
    [
      "a field outside of spec",
      "agents/b.md",
      "---\nname: b\nspec: {workspace: desk, name: b}\n---\n\nb\n",
      ["agents/b.md:2:1  name is a field of spec  hint: write spec: and the fields of the resource below it"],
    ],
    [
      "the prompt in both places",
      "agents/b.md",
      "---\nspec: {workspace: desk, name: b, prompt: x}\n---\n\nb\n",
      ["agents/b.md:2:34  spec.prompt is the text below the front matter"],
    ],
    [
      "another kind",
      "agents/b.md",
      "---\nkind: Dataset\nspec: {workspace: desk, name: b}\n---\n\nb\n",
      ["agents/b.md:2:7  the pattern under manifests: in cozeform.yaml says that this file is a Bot"],
    ],
    [
      "a file that is called otherwise than a manifest may be",
      "agents/售后.md",
      "---\nspec: {workspace: desk, name: b}\n---\n\nb\n",
      ["agents/售后.md:1:1  metadata.name is missing, and the file's own name \"售后\" can't stand for it"],
    ],
    [
      "a variable that isn't set, at its line of the file",
      "agents/b.md",
      "---\nspec: {workspace: desk, name: b}\n---\n\nb\n\n好 ${var.x}",
      ["agents/b.md:7:3  the variable x isn't set"],
    ],
    [
      "a secret",
      "agents/b.md",
      "---\nspec: {workspace: desk, name: b}\n---\n\nb pat_0A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d0E1f\n",
      ["agents/b.md:5:3  this is a Coze token in plain text"],
    ],
    [
      "a merge that isn't finished",
      "agents/b.md",
      "---\nspec: {workspace: desk, name: b}\n---\n\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
      ["agents/b.md:1:1  agents/b.md holds an unfinished merge, from line 5 to line 9"],
    ],
  ])("%s is told where it is", async (_, file, text, expected) => {
    const desk = createDesk({ "agents/support.md": support, [file]: text });
    const { code, err } = await desk.sh("validate");
    expect(code).toBe(3);
    const told = err.split("\n").filter((line) => /^agents/u.test(line));
    expect(told.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
    expect(desk.emulator.requests).toEqual([]);
  });

  test("export --markdown writes such files, which a plan finds unchanged", async () => {
    const desk = createDesk({ "agents/support.md": support });
    await desk.apply();
    const prompt = "---\n# ${var.x} ${x}\n\n---\n  {{user_name}}\n\n";
    desk.edit({ prompt_info: { prompt } });
    desk.world.addBot({
      space_id: [...desk.world.workspaces.values()].find(({ name }) => name === "客服")?.id ?? "",
      draft: { name: "空的", prompt_info: { prompt: "" } },
    });
    await desk.clock.sleep(5000);
    expect((await desk.sh("export -w 客服 -o out --markdown")).code).toBe(0);
    expect(desk.read("out/manifests/ke-fu/bots/support.md")).toBe(
      `---\nmetadata: {name: support}\nspec:\n  workspace: ke-fu\n  name: support\n  model:\n    id: "1706077826"\n    temperature: 0.7\n  suggested_replies:\n    mode: enable\n---\n\n${prompt.replace("${var", () => "$${var")}`,
    );
    expect(desk.read("out/manifests/ke-fu/bots/kong-de.yaml")).toContain("name: 空的\n");
    expect((await desk.sh("plan out --detailed-exitcode")).code).toBe(0);
    desk.write({ "here/cozeform.yaml": `${header}kind: Project\n` });
    const unread = "no pattern of this project reads manifests/ke-fu/bots/support.md as a Bot";
    const { code, err } = await desk.sh("export -w 客服 -o here --markdown");
    expect([code, err]).toEqual([3, expect.stringContaining(unread)]);
    const patterns = (glob: string) =>
      `${header}kind: Project\nmanifests: ["manifests/**/*.yaml", {glob: "${glob}", kind: Bot}]\n`;
    desk.write({ "here/cozeform.yaml": patterns("agents/*.md") });
    const elsewhere = await desk.sh("export -w 客服 -o here --markdown");
    expect([elsewhere.code, elsewhere.err]).toEqual([3, expect.stringContaining(unread)]);
    expect(existsSync(join(desk.directory, "here/manifests"))).toBe(false);
    desk.write({ "here/cozeform.yaml": patterns("manifests/**/bots/*.{md,markdown}") });
    expect((await desk.sh("export -w 客服 -o here --markdown")).code).toBe(0);
    expect((await desk.sh("plan here --detailed-exitcode")).code).toBe(0);
  });

  test("one that no pattern matches is told, other Markdown isn't", async () => {
    const desk = createDesk({
      "agents/support.md": support,
      "other/sales.md": support,
      "README.md": "# desk\n",
      "docs/page.md": "---\ntitle: page\nmetadata: {name: page}\n---\nspec: none\n",
    });
    expect((await desk.sh("validate")).err).toBe(
      "other/sales.md:1:1  warning: this looks like a manifest (Bot.sales), but it isn't read  hint: to read it, add a pattern to manifests: or patches: in cozeform.yaml, such as {glob: other/*.md, kind: Bot}; otherwise move it out of the project\n1 warning\n",
    );
  });

  test("patterns say of Markdown files what they are", async () => {
    const desk = createDesk({ "agents/support.md": support });
    const tell = async (manifests: string) => {
      desk.write({
        "cozeform.yaml": project.replace(/manifests:[\s\S]*?\n(?=env)/u, `manifests: ${manifests}\n`),
      });
      return (await desk.sh("validate")).err.split("\n").filter((line) => /^cozeform/u.test(line));
    };
    expect(await tell('["manifests/*", agents/*.md]')).toEqual([
      "cozeform.yaml:4:28  agents/support.md is Markdown, and this pattern doesn't say what it stands for  hint: write {glob: agents/*.md, kind: Bot}, or name only YAML files",
    ]);
    expect(await tell('["manifests/*", {glob: agents/*.md, kind: Workspace}]')).toEqual([
      "cozeform.yaml:4:54  a Workspace has no text that could be the body of a Markdown file  hint: known kinds: Bot",
    ]);
    expect(await tell('["manifests/*", {glob: agents/*.md, kind: Bto}]')).toEqual([
      'cozeform.yaml:4:54  there is no kind "Bto"  hint: did you mean "Bot"?',
    ]);
    expect(await tell('["manifests/*", {glob: agent/*.md, kind: Bot}]')).toEqual([
      "cozeform.yaml:4:35  no file matches agent/*.md  hint: did you mean agents/*.md?",
    ]);
  });
});
