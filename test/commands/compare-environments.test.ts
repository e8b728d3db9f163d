import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type CompareCommandOptions, planAgainst } from "../../src/commands/compare-environments.ts";
import { promote } from "../../src/commands/promote.ts";
import { kinds } from "../../src/kinds/index.ts";
import { renderComparison } from "../../src/report/comparison.ts";
import { createConsole } from "../cli/console.ts";
import { createStory, type Files, failuresOf, type Story } from "../support/story.ts";

const projectFile = `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
default_environment: dev
environments:
  dev: {variables: {suffix: -dev}}
  prod: {variables: {suffix: ""}, patches: [environments/prod.yaml]}
  staging: {variables: {suffix: -staging}}
`;

const prompt = `# 售后客服

你是栗树湾的售后客服。先问订单号，再查物流；退货七天内免运费，超过七天请转人工。
不谈竞争对手，不承诺具体到账时间，不透露内部流程。
`;

const workspace = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: "客服空间\${var.suffix}", description: 客服}
`;

const dataset = (name: string, title: string) => `\
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: ${name}}
spec: {workspace: desk, name: ${title}, format: text}
`;

const bot = (more: readonly string[] = []) => `\
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec:
  workspace: desk
  name: 售后助手
  prompt: {file: prompts/support.md}
  model: {id: "1706077826", temperature: 0.5}
  knowledge: {datasets: [faq], search_strategy: hybrid}
  publish: {connectors: [api]}
${more.map((line) => `  ${line}\n`).join("")}`;

const patch = `\
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec:
  model: {temperature: 0.2}
  knowledge: {search_strategy: semantic}
`;

const files = (manifests: string, more: Files = {}): Files => ({
  "cozeform.yaml": projectFile,
  "manifests/desk.yaml": manifests,
  "environments/prod.yaml": patch,
  "prompts/support.md": prompt,
  ...more,
});

const desk = workspace + dataset("faq", "常见问题") + bot();

/** Both environments as their manifests say. */
async function createDesk(given: Files = files(desk)) {
  const story = createStory({ files: given });
  for (const environment of ["dev", "prod"]) {
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  }
  return story;
}

const against = (story: Story, more: Partial<CompareCommandOptions> = {}) =>
  planAgainst(story.host, { ...story.common, environment: "prod", against: "dev", ...more });

/** What people read, without colours on 80 columns, and what CI gets to know. */
async function read(
  story: Story,
  { full = false, ...more }: Partial<CompareCommandOptions> & { full?: boolean } = {},
) {
  const { comparison, calls, differs } = await against(story, more);
  const drawing = { kinds, calls, full, color: false, width: 80 };
  return { differs, text: renderComparison(comparison, drawing) };
}

const idOf = (story: Story, environment: string, address: string): string => {
  const file = join(story.directory, ".cozeform", `${environment}.state.json`);
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    readonly resources: { readonly [address: string]: { readonly id: string } };
  };
  return state.resources[address]?.id ?? "";
};

const edit = (story: Story, environment: string, change: object) =>
  story.byHand("POST", "/v1/bot/update", { bot_id: idOf(story, environment, "Bot.support"), ...change });

test("two environments that are as their manifests say differ as these do, which CI takes for good", async () => {
  const story = await createDesk();
  expect(await read(story)).toEqual({
    differs: false,
    text: `\
Differences, dev -> prod:

  ~ Bot.support
      model.temperature:         0.5 -> 0.2  (manifests differ)
      knowledge.search_strategy: "hybrid" -> "semantic"  (as last applied; can't
          be read back)  (manifests differ)

  ~ Workspace.desk
      name: "客服空间-dev" -> "客服空间"  (manifests differ)

prod against dev: 2 differ only as declared, 1 alike (10 API calls).
`,
  });
});

test("two environments of the same manifests agree: ids of what they hang on don't count", async () => {
  const same = desk.replace("${var.suffix}", "");
  const story = await createDesk({
    ...files(same),
    "environments/prod.yaml": patch
      .replace(/ {2}(model|know).*\n/g, "")
      .replace("spec:\n", "spec: {description: 客服}\n"),
  });
  story.write({
    "manifests/desk.yaml":
      workspace.replace("${var.suffix}", "") + dataset("faq", "常见问题") + bot(["description: 客服"]),
  });
  await story.apply({ environment: "dev" });
  expect(await read(story)).toEqual({
    differs: false,
    text: "No differences. dev and prod agree (3 resources, 10 API calls).\n",
  });
});

test("what somebody changed at Coze, and what isn't applied yet, is told for what it is", async () => {
  const story = await createDesk();
  await edit(story, "dev", {
    prompt_info: { prompt: prompt.replace("七天内免运费", "十五天内免运费").replace("不透露", "不对外透露") },
    description: "回答退换货的问题",
    onboarding_info: { prologue: "您好！", suggested_questions: ["怎么退货？"] },
  });
  await edit(story, "prod", { model_info_config: { model_id: "1706077826", temperature: 0.9 } });
  story.write({ "manifests/desk.yaml": workspace + dataset("faq", "售后问题") + bot() });
  await story.apply({ environment: "dev", targets: ["Dataset.faq"] });
  expect(await read(story)).toEqual({
    differs: true,
    text: `\
Differences, dev -> prod:

  ~ Bot.support
      description:                    "回答退换货的问题" -> ""  (in no manifest)
      prompt:                         78 characters -> 75 characters  (dev:
          changed in Coze)
          1  # 售后客服
          2
          3  …号，再查物流；退货[-十五天内免-]{+七天内免+}运费，超过七天请转…
          4  不谈竞争对手，不承诺具体到账时间，不[-对外-]透露内部流程。
      onboarding.prologue:            "您好！" -> ""  (in no manifest)
      onboarding.suggested_questions: ["怎么退货？"] -> (default)  (in no
          manifest)
      model.temperature:              0.5 -> 0.9  (manifests differ; prod:
          changed in Coze)
      knowledge.search_strategy:      "hybrid" -> "semantic"  (as last applied;
          can't be read back)  (manifests differ)

  ~ Dataset.faq
      name: "售后问题" -> "常见问题"  (prod: manifest not applied)

  ~ Workspace.desk
      name: "客服空间-dev" -> "客服空间"  (manifests differ)

prod against dev: 2 differ, 1 differs only as declared (10 API calls).
`,
  });
});

test("references are compared as addresses; an id that no state knows stays an id", async () => {
  const other = desk + dataset("rules", "规定");
  const story = await createDesk(files(other));
  const own = story.emulator.world.addDataset({
    space_id: idOf(story, "dev", "Workspace.desk"),
    name: "手工的",
  });
  await edit(story, "dev", {
    knowledge: {
      dataset_ids: [idOf(story, "dev", "Dataset.rules"), own.id],
      auto_call: true,
      search_strategy: 1,
    },
  });
  const { text, differs } = await read(story, { targets: ["Bot.support"] });
  expect(differs).toBe(true);
  expect(text).toContain(`\
      knowledge.datasets:        - Dataset.rules  - "${own.id}"  +
          Dataset.faq  (dev: changed in Coze)
`);
});

const documents = (names: string) => `\
---
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: ${names}}
spec: {dataset: faq, name: "\${each.key}", source: {file: a.txt}}
`;

describe("what only one of the two has", () => {
  const seven = "{退货: 1, 换货: 1, 发票: 1, 物流: 1, 会员: 1, 支付: 1, 保修: 1}";
  const none =
    "{退货: null, 换货: null, 发票: null, 物流: null, 会员: null, 支付: null, 保修: null, 大促: 1}";

  test("as the manifests want it, isn't read, and many of a kind are told as one", async () => {
    const more = patch + documents(none).replace(/^spec:.*\n/mu, "");
    const story = await createDesk({
      ...files(desk + documents(seven)),
      "environments/prod.yaml": more,
      "a.txt": "问",
    });
    const requests = await story.requestsOf(async () => {
      expect(await read(story)).toEqual({
        differs: false,
        text: `\
Differences, dev -> prod:

  ~ Bot.support
      model.temperature:         0.5 -> 0.2  (manifests differ)
      knowledge.search_strategy: "hybrid" -> "semantic"  (as last applied; can't
          be read back)  (manifests differ)

  - Document.faq[…]  7 only in dev (as declared in the manifests): "会员", "保
      修", "发票", …

  + Document.faq["大促"]  only in prod (as declared in the manifests)

  ~ Workspace.desk
      name: "客服空间-dev" -> "客服空间"  (manifests differ)

prod against dev: 10 differ only as declared, 1 alike (10 API calls).
`,
      });
    });
    expect(requests.filter((one) => one.includes("document"))).toEqual([]);
    const { text } = await read(story, { full: true, targets: ["Document.faq"] });
    expect(text.split("\n").slice(2, 4)).toEqual([
      '  - Document.faq["会员"]  only in dev (as declared in the manifests)',
      '  - Document.faq["保修"]  only in dev (as declared in the manifests)',
    ]);
  });

  test("not made yet, gone, or left over, is what CI wants to know", async () => {
    const story = await createDesk(files(desk + dataset("old", "旧的") + dataset("gone", "没了")));
    story.emulator.world.datasets.delete(idOf(story, "prod", "Dataset.gone"));
    const gone = idOf(story, "prod", "Dataset.gone");
    story.write({
      "manifests/desk.yaml":
        desk + dataset("gone", "没了") + dataset("new", "新的") + dataset("later", "以后"),
    });
    await story.apply({ environment: "dev", targets: ["Dataset.new", "Dataset.old"] });
    const { text, differs } = await read(story);
    expect([differs, text.slice(text.indexOf("  - "))]).toEqual([
      true,
      `\
  - Dataset.gone  gone in prod: ${gone} no longer exists in Coze
  - Dataset.new  not created in prod yet
  + Dataset.old  exists in prod, but in no manifest there

  ~ Workspace.desk
      name: "客服空间-dev" -> "客服空间"  (manifests differ)

prod against dev: 3 in only one of them, 2 differ only as declared, 1 created in
neither yet, 1 alike (11 API calls).
`,
    ]);
  });
});

describe("a secret", () => {
  const channel = (environment: string) =>
    bot([]).replace("[api]", `[api, {id: "7480000000000000101", config: {key: "\${env.${environment}}"}}]`);
  const secrets = { COZE_DEV_KEY: "kq7-dev-Z81xv0", COZE_PROD_KEY: "kq7-prod-9Yw2m4" };

  test("only differs, whatever it is", async () => {
    const story = createStory({
      env: secrets,
      files: {
        ...files(workspace + dataset("faq", "常见问题") + channel("COZE_DEV_KEY")),
        "environments/prod.yaml": `${patch}  publish: {connectors: [{id: "7480000000000000101", config: {key: "\${env.COZE_PROD_KEY}"}}]}\n`,
      },
    });
    for (const environment of ["dev", "prod"]) await story.apply({ environment });
    const found = await against(story);
    const { text } = await read(story, { targets: ["Bot.support"] });
    expect(text).toContain("publish.connectors.7480000000000000101.config: (sensitive) -> (sensitive)");
    for (const secret of Object.values(secrets)) {
      expect(text + JSON.stringify([found.comparison, found.document])).not.toContain(secret);
    }
    expect(JSON.stringify(found.document)).toContain('"sensitive":true');
    story.write({ "environments/prod.yaml": patch });
    await story.apply({ environment: "prod" });
    expect((await read(story)).text).not.toContain("config");
  });
});

test("nothing is written: neither at Coze, nor states, nor caches", async () => {
  const story = await createDesk();
  const kept = () =>
    readdirSync(join(story.directory, ".cozeform"), { recursive: true, encoding: "utf8" }).map((name) => {
      const path = join(story.directory, ".cozeform", name);
      return [name, statSync(path).isFile() ? readFileSync(path, "utf8") : "a folder"];
    });
  const before = kept();
  const writes = story.writes().length;
  await edit(story, "prod", { description: "换了" });
  await read(story);
  expect(kept()).toEqual(before);
  expect(story.writes()).toHaveLength(writes + 1);
});

test("each environment signs in with its own token, and neither is asked for what the other one made", async () => {
  const story = await createDesk();
  const given: (readonly [string, string])[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    given.push([request.headers.get("authorization") ?? "", request.url]);
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${story.emulator.token}`);
    return story.emulator.fetch(new Request(request, { headers }));
  };
  story.write({
    "cozeform.yaml": projectFile
      .replace("dev: {", "dev: {auth: {token: {env: COZE_DEV}}, ")
      .replace("prod: {", "prod: {auth: {token: {env: COZE_PROD}}, "),
  });
  const env = { COZE_DEV: "pat_dev-token-of-dev", COZE_PROD: "pat_prod-token-of-prod" };
  await planAgainst({ ...story.host, env, fetch }, { ...story.common, environment: "prod", against: "dev" });
  const mixed = given.filter(([token, url]) => {
    const other = token.includes("prod") ? "dev" : "prod";
    return ["Workspace.desk", "Dataset.faq", "Bot.support"].some((one) =>
      url.includes(idOf(story, other, one)),
    );
  });
  expect([given.length, new Set(given.map(([token]) => token)).size, mixed]).toEqual([10, 2, []]);
});

test("what is gone in the other environment is told, not missed", async () => {
  const story = await createDesk();
  story.emulator.world.bots.delete(idOf(story, "dev", "Bot.support"));
  const { text, differs } = await read(story, { targets: ["Bot.support"] });
  expect([text.split("\n")[2], differs]).toEqual([
    `  + Bot.support  gone in dev: ${idOf(story, "dev", "Bot.support")} no longer exists in Coze`,
    true,
  ]);
});

test("with targets, only these are looked at, and what they are looked for in", async () => {
  const story = await createDesk();
  const requests = await story.requestsOf(async () => {
    expect((await read(story, { targets: ["Dataset.faq"] })).text).toBe(
      "No differences. dev and prod agree (1 resource, 4 API calls).\n",
    );
  });
  expect(requests.filter((one) => one.includes("/bot"))).toEqual([]);
});

describe("environments that can't be compared", () => {
  const refusal = async (story: Story, more: Partial<CompareCommandOptions>) => {
    const error = await against(story, more).catch((thrown: unknown) => thrown);
    return (error as { diagnostics?: readonly { message: string; hint?: string }[] }).diagnostics?.map(
      ({ message, hint }) => [message, hint],
    );
  };

  test.each([
    [
      { environment: "dev" },
      "dev can't be compared with itself",
      "name two environments: -e prod --against dev",
    ],
    [{ against: "stagin" }, "there is no environment stagin", 'did you mean "staging"?'],
    [
      { against: "staging" },
      "nothing was applied to staging yet, so there is nothing to compare",
      "begin with cozeform apply -e staging; its state is read from .cozeform/staging.state.json",
    ],
    [
      { environment: "staging" },
      "nothing was applied to staging yet, so there is nothing to compare",
      "begin with cozeform apply -e staging; its state is read from .cozeform/staging.state.json",
    ],
    [
      { targets: ["Bot.suport"] },
      "Bot.suport names no resource of the manifests or the state",
      "did you mean Bot.support?",
    ],
  ])("%j", async (options, message, hint) => {
    const story = await createDesk();
    const before = story.emulator.requests.length;
    expect(await refusal(story, options)).toEqual([[message, hint]]);
    expect(story.emulator.requests).toHaveLength(before);
  });

  test("since one of them isn't let in: it is said which", async () => {
    const story = await createDesk();
    const placed = projectFile.replace("dev: {", "dev: {auth: {token: {env: COZE_DEV}}, ");
    story.write({ "cozeform.yaml": placed });
    const host = { ...story.host, env: { ...story.host.env, COZE_DEV: "pat_nobody-knows-this-one" } };
    const options = { ...story.common, environment: "prod", against: "dev" };
    await expect(planAgainst(host, options)).rejects.toMatchObject({
      name: "LookFailed",
      subject: "environment variable COZE_DEV in dev",
      at: { file: "cozeform.yaml", line: 7 },
    });
  });
});

describe("on the command line", () => {
  const applied = async () => {
    const given = createConsole(files(desk));
    for (const environment of ["dev", "prod"]) {
      expect(await given.sh(`apply -e ${environment} --auto-approve`)).toMatchObject({ code: 0 });
    }
    return given;
  };

  test("the exit code is 2 only for what manifests don't want to differ", async () => {
    const { sh, emulator } = await applied();
    const line = "plan -e prod --against dev --detailed-exitcode";
    expect(await sh(line)).toMatchObject({ code: 0, err: "" });
    const [first] = emulator.world.bots.values();
    if (first) first.draft.description = "换了";
    expect(await sh(line)).toMatchObject({ code: 2 });
    expect(await sh("plan -e prod --against dev")).toMatchObject({ code: 0 });
  });

  test("JSON has the shape that its writer describes", async () => {
    const { sh } = await applied();
    const { out } = await sh("plan -e prod --against dev --format json --target Workspace.desk");
    expect(JSON.parse(out)).toEqual({
      format: 1,
      environment: "prod",
      against: "dev",
      differs: false,
      counts: { alike: 0, expected: 1, different: 0, lacking: 0, unmade: 0 },
      calls: 2,
      resources: [
        {
          address: "Workspace.desk",
          kind: "Workspace",
          verdict: "expected",
          status: { dev: "made", prod: "made" },
          ids: { dev: expect.stringMatching(/^\d{19}$/), prod: expect.stringMatching(/^\d{19}$/) },
          differences: [
            {
              path: "name",
              values: { dev: "客服空间-dev", prod: "客服空间" },
              standings: { dev: "as-wanted", prod: "as-wanted" },
              expected: true,
              manifests_differ: true,
            },
          ],
        },
      ],
    });
  });

  test.each([
    ["--out a.json", "--against can't be combined with --out"],
    ["--destroy", "--against can't be combined with --destroy"],
    ["--adopt --refresh none", "--against can't be combined with --adopt, --refresh=none"],
  ])("%s is refused beside it", async (options, message) => {
    const { sh, emulator } = createConsole(files(desk));
    expect(await sh(`plan -e prod --against dev ${options}`)).toEqual({
      code: 3,
      out: "",
      err: `error: ${message}\n  hint: it only compares two environments; there is nothing to apply\n`,
    });
    expect(emulator.requests).toEqual([]);
  });
});

describe("a copy", () => {
  const copy = `\
---
apiVersion: cozeform/v1
kind: Copy
metadata: {name: invoice}
spec: {type: workflow, source: {environment: dev, workflow: 开票}, workspace: desk}
`;
  const withCopy = (more = "") =>
    files(
      desk.replace("publish:", "workflows: [{copy: invoice}]\n  publish:") +
        copy.replace("desk}", `desk${more}}`),
    );

  async function createCopied() {
    const story = createStory({ files: files(workspace) });
    await story.apply({ environment: "dev" });
    const original = story.emulator.world.addWorkflow({
      space_id: idOf(story, "dev", "Workspace.desk"),
      name: "开票",
    });
    story.write(withCopy());
    for (const environment of ["dev", "prod"]) {
      expect(failuresOf(await story.apply({ environment }))).toEqual([]);
    }
    return { story, original };
  }

  const copyIn = async (story: Story) => {
    const { text, differs } = await read(story, { targets: ["Copy.invoice"] });
    return [differs, text];
  };

  test("is alike with its original, and so are the bots that run them", async () => {
    const { story } = await createCopied();
    const { text, differs } = await read(story);
    expect(differs).toBe(false);
    expect(text).not.toContain("workflows");
    expect(text).not.toContain("Copy.invoice");
    expect(text).toMatch(/: 2 differ only as declared, 2 alike \(\d+ API calls\)\.\n$/);
  });

  test("differs once its original was changed, until that is promoted", async () => {
    const { story, original } = await createCopied();
    await story.host.clock.sleep(60_000);
    original.updated_at += 3600;
    const [differs, text = ""] = await copyIn(story);
    expect([differs, String(text).replace(/\d+ API calls/, "N API calls")]).toEqual([
      true,
      `\
Differences, dev -> prod:

  ~ Copy.invoice
      revision: "2026-01-05T09:00:00Z" -> "2026-01-05T08:00:00Z"  (as last
          applied; can't be read back)  (changed in dev since it was copied)

prod against dev: 1 differs (N API calls).
`,
    ]);
    await promote(story.host, {
      ...story.common,
      environment: "prod",
      from: "dev",
      approve: async () => true,
    });
    expect(await copyIn(story)).toEqual([false, expect.stringContaining("No differences.")]);
  });

  test("that isn't made yet needs no look at its original, and one whose original is gone says so", async () => {
    const story = await createDesk();
    story.write(files(desk + copy));
    expect((await copyIn(story))[1]).toContain("  - Copy.invoice  not created in prod yet\n");
    const { story: later, original } = await createCopied();
    later.emulator.world.workflows.delete(original.id);
    const { diagnostics } = await against(later, { targets: ["Copy.invoice"] });
    expect(diagnostics).toMatchObject([{ severity: "warning", message: expect.stringContaining("开票") }]);
  });

  test("of a revision in git is compared by that", async () => {
    const { story } = await createCopied();
    story.write(withCopy(', revision: "2"'));
    expect((await copyIn(story))[1]).toContain(
      '      revision: "2" -> "2026-01-05T08:00:00Z"  (as last applied; can\'t be read\n          back)  (prod: manifest not applied)',
    );
  });
});
