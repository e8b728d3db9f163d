import { expect, test } from "@jest/globals";
import type { FieldChange } from "../../src/plan/diff.ts";
import { type PlanDrawing, renderPlan } from "../../src/report/plan.ts";
import { kinds, planOf, stepOf, updateOf } from "./sample.ts";

const drawing: PlanDrawing = { kinds, color: false, width: 80 };

const prompt = [
  "你是某某公司的售后客服，请用礼貌、简洁的中文回答。",
  "退货请在7天内联系客服，并提供订单号。",
  "不要透露内部流程。",
  "遇到无法回答的问题时，请转接人工服务，工作时间为周一至周五上午九点到下午六点，节假日除外。",
].join("\n");

test("a plan shows each action with its sign and its reason, and ends with the totals", () => {
  const plan = planOf(
    stepOf("Bot.new", "create", {
      because: ["it isn't there yet"],
      spec: { workspace: "7532", name: "新助手" },
    }),
    stepOf("Bot.old", "abandon", {
      because: ["its manifest is gone"],
      effects: [{ text: "can't be deleted through the API: kept in Coze, removed from the state" }],
    }),
    stepOf("Bot.slow", "replace", {
      because: ["workspace can't be updated in place"],
      changes: [{ path: ["workspace"], before: "7532", after: "7533", replaces: true }],
    }),
    stepOf("Bot.support", "update", {
      because: ["manifest and Coze differ"],
      changes: [
        { path: ["name"], before: "售后助手", after: "售后助手-dev" },
        { path: ["model", "temperature"], before: 0.7, after: 0.5 },
      ],
      notes: ["icon can't be unset through the API; Coze keeps its value"],
    }),
    stepOf("Dataset.faq", "replace", {
      because: ["format can't be updated in place"],
      changes: [{ path: ["format"], before: "text", after: "image", replaces: true }],
      effects: [{ text: "deletes 312 documents and unbinds 4 bots" }],
    }),
    stepOf("Dataset.gone", "forget", { because: ["its manifest is gone", "it doesn't exist in Coze"] }),
    stepOf("Dataset.half", "retry", { because: ["an earlier apply failed or was interrupted"] }),
    stepOf("Dataset.known", "adopt", { because: ["7555 is the only object with its identity"] }),
    stepOf("Dataset.old", "delete", { because: ["its manifest is gone"], removes: [{ id: "7444" }] }),
    stepOf("Workspace.desk", "no-op", { place: { id: "7532" } }),
  );
  expect(renderPlan(plan, { ...drawing, calls: { made: 6, apply: 14, seconds: 3 } })).toBe(`\
  + Bot.new  create (it isn't there yet)
      workspace: Workspace.desk
      name:      "新助手"

  * Bot.old  abandon (its manifest is gone)
      ! can't be deleted through the API: kept in Coze, removed from the state

+/- Bot.slow  replace (workspace can't be updated in place)
      workspace: Workspace.desk -> "7533"  (forces replacement)

  ~ Bot.support  update (manifest and Coze differ)
      name:              "售后助手" -> "售后助手-dev"
      model.temperature: 0.7 -> 0.5
      i icon can't be unset through the API; Coze keeps its value

-/+ Dataset.faq  replace (format can't be updated in place)
      format: "text" -> "image"  (forces replacement)
      ! deletes 312 documents and unbinds 4 bots

  * Dataset.gone  forget (its manifest is gone; it doesn't exist in Coze)
  ? Dataset.half  retry (an earlier apply failed or was interrupted)
  > Dataset.known  adopt (7555 is the only object with its identity)
  - Dataset.old  delete 7444 (its manifest is gone)

Plan: 1 to create, 1 to update, 2 to replace, 1 to delete, 1 to abandon, 1 to
adopt, 1 to retry, 1 to forget; about 14 API calls to apply, taking at least 3s
(this plan made 6).
`);
});

test("a plan without changes says what was looked at", () => {
  const plan = planOf(stepOf("Workspace.desk", "no-op"), stepOf("Bot.support", "no-op"));
  expect(renderPlan(plan, { ...drawing, calls: { made: 6, apply: 0, seconds: 0 } })).toBe(
    "No changes. Coze matches the manifests (2 resources, 6 API calls).\n",
  );
});

test("what is left as it is but has something to tell is named with its notes", () => {
  const plan = planOf(stepOf("WorkspaceMember.desk", "no-op", { notes: ["invited; waits for the user"] }));
  expect(renderPlan(plan, drawing)).toBe(`\
    WorkspaceMember.desk
      i invited; waits for the user

No changes. Coze matches the manifests (1 resource).
`);
});

test("an effect that needs a permission names the option", () => {
  const plan = planOf(
    stepOf('WorkspaceMember.desk["2069720456012"]', "replace", {
      because: ["role can't be updated in place"],
      effects: [
        {
          text: "moves the member's resources to the workspace owner, for good",
          needs: "allow-ownership-transfer",
        },
      ],
    }),
  );
  expect(renderPlan(plan, drawing)).toBe(`\
-/+ WorkspaceMember.desk["2069720456012"]  replace (role can't be updated in
      place)
      ! moves the member's resources to the workspace owner, for good; needs
        --allow-ownership-transfer

Plan: 1 to replace.
`);
});

test("a creation lists its fields, long texts by their beginning, objects that don't fit taken apart", () => {
  const spec = {
    workspace: { $ref: "Workspace.desk" },
    name: "新助手",
    icon: { $file: "icons/客服.png", sha256: "1a2b3c4d5e6f7081", size: 12_345 },
    prompt,
    model: {
      id: "1706077826",
      temperature: 0.7,
      parameters: { reasoning_effort: "high", thinking: "enabled" },
    },
    events: ["bot.published", "bot.deleted"],
    secret: "hush",
  };
  expect(renderPlan(planOf(stepOf("Bot.support", "create", { spec })), drawing)).toBe(`\
  + Bot.support  create
      workspace:         Workspace.desk (known after apply)
      name:              "新助手"
      icon:              icons/客服.png (1a2b3c4d, 12.3 kB)
      prompt:            "你是某某公司的售后客服，请用礼貌、…" (101 characters)
      model.id:          "1706077826"
      model.temperature: 0.7
      model.parameters:  {reasoning_effort: "high", thinking: "enabled"}
      events:            ["bot.published", "bot.deleted"]
      secret:            (sensitive)

Plan: 1 to create.
`);
});

const changes: readonly (readonly [string, FieldChange, string])[] = [
  ["a scalar", { path: ["name"], before: "a", after: "b" }, `name: "a" -> "b"`],
  ["a field that was never set", { path: ["name"], after: "b" }, `name: (default) -> "b"`],
  ["a field taken out", { path: ["name"], before: "a", cleared: true }, `name: "a" -> (default)`],
  [
    "a field taken out whose default is empty",
    { path: ["events"], before: ["a"], after: [], cleared: true },
    `events: - "a"`,
  ],
  [
    "a field taken out whose default is known",
    { path: ["model", "temperature"], before: 0.2, after: 0.8, cleared: true },
    `model.temperature: 0.2 -> 0.8 (default)`,
  ],
  [
    "a field never read back",
    { path: ["name"], after: "b", unreadable: true, unknownBefore: true },
    `name: (can't be read back) -> "b"`,
  ],
  [
    "a field remembered from the last apply",
    { path: ["prompt"], before: { $digest: "aa", characters: 1203 }, after: "b", unreadable: true },
    `prompt: (text of 1,203 characters) -> "b"  (as last applied; can't be read
          back)`,
  ],
  [
    "another file",
    {
      path: ["icon"],
      before: { $file: "a.png", sha256: "0123456789", size: 999 },
      after: { $file: "a.png", sha256: "abcdef0123", size: 2_500_000 },
    },
    `icon: a.png (01234567, 999 B) -> (abcdef01, 2.5 MB)`,
  ],
  [
    "a secret",
    { path: ["secret"], before: "one", after: "two", sensitive: true },
    `secret: (sensitive) -> (sensitive)`,
  ],
  [
    "a secret taken out",
    { path: ["secret"], before: "one", cleared: true },
    `secret: (sensitive) -> (default)`,
  ],
  [
    "a list of scalars",
    { path: ["events"], before: ["a", "b", "b"], after: ["b", "c"] },
    `events: - "a"  - "b"  + "c"`,
  ],
  [
    "a list in another order",
    { path: ["events"], before: ["a", "b"], after: ["b", "a"] },
    `events: ["a", "b"] -> ["b", "a"]  (order)`,
  ],
  [
    "references, to what is there and to what isn't",
    { path: ["datasets"], before: ["7001"], after: ["7002", { $ref: "Dataset.faq" }] },
    `datasets: - "7001"  + Dataset.old  + Dataset.faq (known after apply)`,
  ],
  [
    "a new item of a keyed list, its secret hidden",
    { path: ["plugins", "send"], after: { plugin: "71", tool: "send", token: "hush" } },
    `plugins.send: + {plugin: "71", tool: "send", token: (sensitive)}`,
  ],
  [
    "an item of a keyed list that goes",
    { path: ["plugins", "send"], before: { plugin: "71", tool: "send" } },
    `plugins.send: - {plugin: "71", tool: "send"}`,
  ],
  [
    "a lookup",
    { path: ["workspace"], before: "7", after: { $lookup: { name: "客服空间" } } },
    `workspace: "7" -> (looked up by name "客服空间")`,
  ],
  [
    "what could steer a terminal",
    { path: ["name"], before: "a\u001b[2Jb", after: "a\u202eb" },
    `name: "a\\u001b[2Jb" -> "a\\u202eb"`,
  ],
  [
    "a field that no kind has",
    { path: ["nobody"], before: "x", after: "y" },
    `nobody: (sensitive) -> (sensitive)`,
  ],
];

test("what a resource looks up, or takes from another project, is shown so for its own fields alone", () => {
  const lookup = { path: ["workspace"], kind: "Workspace", lookup: { name: "客服空间" }, id: "7" };
  const output = { project: "../platform", output: "it" };
  const outputs = [
    { ...output, path: ["datasets", 1], value: "8" },
    { ...output, path: ["name"], value: "客服" },
    { ...output, path: ["prompt"], value: `你是${"客服".repeat(100)}` },
  ];
  const spec = { workspace: "7", name: "客服", datasets: ["9", "8"], prompt: outputs[2]?.value ?? "" };
  const plan = planOf(
    stepOf("Bot.asks", "create", { spec, lookups: [lookup], outputs }),
    stepOf("Bot.writes", "create", { spec: { ...spec, prompt: "短" } }),
    stepOf("Bot.other", "update", {
      changes: [{ path: ["datasets"], before: ["8"], after: ["9", "8"] }],
      outputs: [{ ...output, path: ["workspace"], value: "9" }],
    }),
    stepOf("Bot.moves", "update", {
      changes: [{ path: ["datasets"], before: ["9"], after: ["9", "8"] }],
      outputs,
    }),
  );
  expect(renderPlan(plan, { ...drawing, width: 200 }).replaceAll(/ +/gu, " ")).toBe(`\
 + Bot.asks create
 workspace: (looked up by name "客服空间") → 7
 name: (output it of ../platform) → "客服"
 datasets: ["9", (output it of ../platform) → 8]
 prompt: (output it of ../platform) → "你是客服客服客服客服客服客服客服客服客服客服客服客服客服客…" (202 characters)

 + Bot.writes create
 workspace: "7"
 name: "客服"
 datasets: ["9", "8"]
 prompt: "短"

 ~ Bot.other update
 datasets: + "9"

 ~ Bot.moves update
 datasets: + (output it of ../platform) → 8

Plan: 2 to create, 2 to update.
`);
});

test.each(changes)("%s is shown in one line", (_title, change, expected) => {
  const plan = planOf(
    stepOf("Bot.support", "update", { changes: [change] }),
    stepOf("Dataset.old", "no-op", { place: { id: "7002" } }),
  );
  expect(renderPlan(plan, drawing)).toBe(`\
  ~ Bot.support  update
      ${expected}

Plan: 1 to update.
`);
});

test("items that manifests write as words come and go in one line", () => {
  const plan = updateOf(
    { path: ["channels", "1024"], after: { id: "1024" } },
    { path: ["name"], before: "a", after: "b" },
    { path: ["channels", "999"], before: { id: "999" } },
    { path: ["channels", "7001"], before: { id: "7001", config: { theme: "dark" } } },
    { path: ["channels", "7002", "config"], before: { theme: "dark" }, after: { theme: "light" } },
  );
  expect(renderPlan(plan, drawing)).toBe(`\
  ~ Bot.support  update (manifest and Coze differ)
      channels:             - "chat_sdk"  - {id: "7001", config: {theme:
          "dark"}}  + "api"
      name:                 "a" -> "b"
      channels.7002.config: {theme: "dark"} -> {theme: "light"}

Plan: 1 to update.
`);
});

test("where nothing is left to remove the plan says so", () => {
  const render = (targeted: boolean) =>
    renderPlan(planOf(), {
      ...drawing,
      calls: { made: 0, apply: 0, seconds: 0 },
      destroys: { state: "dev", targeted },
    });
  expect(render(false)).toBe("Nothing to destroy. The state of dev is empty.\n");
  expect(render(true)).toBe("Nothing to destroy. The state of dev has none of the targets.\n");
});

test("a changed text is shown by the words that differ, in Chinese too", () => {
  const after = `${prompt.replace("7天内联系", "15天内联系在线").replace("周五", "周六")}\n最后说再见。`;
  expect(renderPlan(updateOf({ path: ["prompt"], before: prompt, after }), drawing)).toBe(`\
  ~ Bot.support  update (manifest and Coze differ)
      prompt: 101 characters -> 111 characters
          1  你是某某公司的售后客服，请用礼貌、简洁的中文回答。
          2  退货请在[-7-]{+15+}天内联系{+在线+}客服，并提供订单号。
          3  不要透露内部流程。
          4  …工服务，工作时间为周一至[-周五-]{+周六+}上午九点到下午六点，节假…
          5  {+最后说再见。+}

Plan: 1 to update.
`);
});

test("with colour, words that went are red and struck, words that came are green", () => {
  const before = "Please answer politely and never promise a refund before the order is checked.";
  const after = before.replace("politely", "briefly");
  const text = renderPlan(updateOf({ path: ["prompt"], before, after }), { ...drawing, color: true });
  expect(text).toBe(
    [
      "\u001b[33m  ~ \u001b[39m\u001b[1mBot.support\u001b[22m  \u001b[33mupdate\u001b[39m\u001b[2m (manifest and Coze differ)\u001b[22m",
      "      prompt: \u001b[2m78 characters -> 77 characters\u001b[22m",
      "          Please answer \u001b[9m\u001b[31mpolitely\u001b[39m\u001b[29m\u001b[32mbriefly\u001b[39m and never promise a …",
      "",
      "\u001b[1mPlan:\u001b[22m 1 to update.",
      "",
    ].join("\n"),
  );
});

test("a text that was rewritten is shown by its beginnings", () => {
  const after = "Answer in English only. Ask for the order number first, then for the reason of the return.";
  expect(renderPlan(updateOf({ path: ["prompt"], before: prompt, after }), drawing)).toBe(`\
  ~ Bot.support  update (manifest and Coze differ)
      prompt: "你是某某公司的售后客服…" (101 characters) -> "Answer in English
          only.…" (90 characters)  (rewritten)

Plan: 1 to update.
`);
});

test("a text with more than a thousand changed words counts as rewritten, though as many stayed", () => {
  const words = (version: string) =>
    Array.from({ length: 4000 }, (_, index) => `w${index}${index % 2 === 0 ? "" : version}`).join(" ");
  expect(
    renderPlan(updateOf({ path: ["prompt"], before: words("a"), after: words("b") }), drawing),
  ).toContain("(rewritten)");
});

const documents = (count: number, more = {}) =>
  Array.from({ length: count }, (_, index) =>
    stepOf(`Document.faq["docs/${index}.txt"]`, "create", {
      because: ["it isn't there yet"],
      spec: { name: `${index}.txt` },
      ...more,
    }),
  );

test("many resources of one manifest that do the same are shown as one", () => {
  expect(renderPlan(planOf(...documents(312)), drawing)).toBe(`\
  + Document.faq[…]  312 to create (it isn't there yet): "docs/0.txt",
      "docs/1.txt", "docs/2.txt", …

Plan: 312 to create.
`);
});

test("few of them, or all of them in full, are shown one by one", () => {
  expect(renderPlan(planOf(...documents(4)), drawing)).toContain('Document.faq["docs/3.txt"]');
  expect(renderPlan(planOf(...documents(9)), { ...drawing, full: true })).toContain("docs/8.txt");
});

test("among many alike, one that is special stands out", () => {
  const special = stepOf('Document.faq["docs/z.txt"]', "create", { notes: ["there is one already"] });
  const text = renderPlan(planOf(...documents(20), special), drawing);
  expect(text).toContain("20 to create");
  expect(text).toContain('Document.faq["docs/z.txt"]');
});

test("what needs a permission is never folded", () => {
  const effects = [{ text: "leaves the old one", needs: "allow-orphans" }];
  expect(renderPlan(planOf(...documents(20, { effects })), drawing)).toContain('Document.faq["docs/19.txt"]');
});

test("a folded change of files names the field", () => {
  const replaced = Array.from({ length: 8 }, (_, index) =>
    stepOf(`Document.faq["${index}"]`, "replace", {
      changes: [
        {
          path: ["source", "file"],
          after: { $file: `${index}.txt`, sha256: String(index), size: 1 },
          replaces: true,
        },
      ],
    }),
  );
  expect(renderPlan(planOf(...replaced), drawing)).toBe(`\
-/+ Document.faq[…]  8 to replace: "0", "1", "2", …
      source.file: different content in each

Plan: 8 to replace.
`);
});

test("names that change to different ones are folded, and the first few are shown", () => {
  const renamed = (
    count: number,
    change: FieldChange = { path: ["name"] },
    more: readonly FieldChange[] = [],
  ) =>
    planOf(
      ...Array.from({ length: count }, (_, index) =>
        stepOf(`Document.faq["财务部/${index}.md"]`, "update", {
          because: ["its manifest changed"],
          movedFrom: `Document.faq["部门1/${index}.md"]`,
          changes: [{ ...change, before: `部门1/${index}.md`, after: `财务部/${index}.md` }, ...more],
        }),
      ),
      stepOf('Document.faq["财务部/z.md"]', "replace"),
    );
  expect(renderPlan(renamed(86), drawing)).toBe(`\
  ~ Document.faq[…]  86 to rename (its manifest changed)
      name: "部门1/0.md" -> "财务部/0.md"
      name: "部门1/1.md" -> "财务部/1.md"
      name: "部门1/2.md" -> "财务部/2.md"
      … and 83 more

-/+ Document.faq["财务部/z.md"]  replace

Plan: 86 to update, 1 to replace.
`);
  const hours = { path: ["hours"], before: 24, after: 48 };
  expect(renderPlan(renamed(5, undefined, [hours]), drawing)).toContain(`\
  ~ Document.faq[…]  5 to update (its manifest changed)
      name: "部门1/0.md" -> "财务部/0.md"
      name: "部门1/1.md" -> "财务部/1.md"
      name: "部门1/2.md" -> "财务部/2.md"
      … and 2 more
      hours: `);
  for (const text of [
    renderPlan(renamed(86), { ...drawing, full: true }),
    renderPlan(renamed(4), drawing),
    renderPlan(renamed(86, { path: ["source"] }), drawing),
  ])
    expect(text).toContain('  ~ Document.faq["财务部/3.md"]  update (was Document.faq["部门1/3.md"]; its');
});

test("no secret of any step gets into the text", () => {
  const secret = "correct-horse-battery-staple";
  const plan = planOf(
    stepOf("Bot.a", "create", { spec: { secret, plugins: [{ tool: "t", token: secret }] } }),
    stepOf("Bot.b", "update", {
      changes: [
        { path: ["secret"], before: `${secret}${secret}`.repeat(3), after: secret, sensitive: true },
        { path: ["plugins", "t", "token"], before: secret, after: secret },
        { path: ["plugins", "u"], after: { tool: "u", token: secret } },
      ],
    }),
    stepOf("Unknown.c", "create", { spec: { whatever: secret } }),
  );
  for (const full of [false, true]) expect(renderPlan(plan, { ...drawing, full })).not.toContain(secret);
});
