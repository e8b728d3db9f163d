import type { Files } from "../support/story.ts";

/** A project that is as small as its purpose allows, and the file of it that is mutated. */
export interface Sample {
  readonly file: string;
  readonly files: Files;
}

/** What the environment gives the samples: a secret, and a variable that is none. */
export const sampleEnv = { COZE_HOOK: "hidden-hook-value", COZEFORM_VAR_suffix: "-dev" };

const workspace = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
`;

const header = "apiVersion: cozeform/v1\nkind: Project\nname: sample\n";

export type ManifestSample = "desk" | "faq" | "bot" | "lookup" | "patch";

/** Together they use everything that a manifest can hold. */
export const manifestSamples: { readonly [name in ManifestSample]: Sample } = {
  desk: {
    file: "desk.yaml",
    files: {
      "desk.yaml": `\
# yaml-language-server: $schema=schemas/manifest.schema.json
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk, lifecycle: {prevent_destroy: true, ignore_changes: [description]}}
spec:
  name: 客服空间\${var.suffix}
  description: 售后与售前
  icon: a.png
---
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: desk, for_each: {"1000000000000202": member, "1000000000000203": admin}}
spec: {workspace: desk, user_id: "\${each.key}", role: "\${each.value}"}
`,
      "a.png": Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0]),
    },
  },
  faq: {
    file: "faq.yaml",
    files: {
      "faq.yaml": `\
${workspace}---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec: {workspace: desk, name: 常见问题, format: text}
---
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: {files: "k/*.txt"}}
spec:
  dataset: faq
  name: "\${each.name}"
  source: {file: "\${each.path}"}
  chunking: {separator: "\\n", max_tokens: 800}
`,
      "k/退换货.txt": "七天",
      [`k/${"a".repeat(60)}.txt`]: "a",
    },
  },
  bot: {
    file: "bot.yaml",
    files: {
      "bot.yaml": `\
${workspace}---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support, depends_on: [Workspace.desk]}
spec:
  workspace: desk
  name: 售后助手
  prompt: {file: p.md}
  model: {<<: &model {id: "1706077826", temperature: 0.7}, top_k: 5}
  onboarding: {prologue: 你好, suggested_questions: [&ask 怎么退货？, 发票]}
  publish: {connectors: [api, {id: "999", config: {a: "\${env.COZE_HOOK}"}}]}
checks:
  - {name: 退货, say: {file: p.md}, expect: 七天, within: 30s}
  - name: json
    say: 订单
    expect: {pattern: "\\\\d{2}", schema: {type: object, properties: {a: {enum: [1, b]}}, required: [a]}}
    within: 90
`,
      "p.md": "你是售后助手",
    },
  },
  lookup: {
    file: "hooks.yaml",
    files: {
      "hooks.yaml": `\
apiVersion: cozeform/v1
kind: CallbackApp
metadata: {name: hooks, for_each: [甲, 乙]}
spec: {name: "通知\${each.key}", callback_url: "https://hooks.example.com/coze", events: [bot.published]}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec:
  workspace: {lookup: {name: 公共空间}}
  name: 夜班 $\${x} {{user_name}}
  format: text
  description: >-
    你好
    再见
`,
    },
  },
  patch: {
    file: "p/dev.yaml",
    files: {
      "cozeform.yaml": `${header}environments: {dev: {patches: [p/*.yaml]}}\n`,
      "m.yaml": `\
${workspace}---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec: {workspace: desk, name: 售后助手, onboarding: {prologue: 你好}, publish: {connectors: [api, {id: "999"}]}}
`,
      "p/dev.yaml": `\
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support, lifecycle: {prevent_destroy: true}}
spec:
  description: 测试用
  onboarding: null
  model: {id: "1706077826", top_k: 3}
  publish: {connectors: [{id: "999", config: {a: "\${env.COZE_HOOK}"}}]}
`,
    },
  },
};

/** A project file that says whatever one can say. */
export const projectSample: Sample = {
  file: "cozeform.yaml",
  files: {
    "cozeform.yaml": `\
${header}manifests: [m/*.yaml]
default_environment: dev
environments:
  dev:
    auth: {token: {env: COZE_DEV_TOKEN}}
    requests_per_second: 1000
    patches: [p/**/*.yaml]
    variables: {x: "-dev", n: 5, admin: "1000000000000201", hook: "\${env.COZE_HOOK}"}
  prod:
    endpoint: https://api.coze.com
    auth: {jwt: {app_id: "1138", key_id: k, private_key: {env: COZE_KEY}}}
    protect: true
    variables: {x: "\${var.suffix}", n: 6, admin: "1000000000000301", hook: "\${env.COZE_HOOK}"}
`,
    "m/desk.yaml": workspace.replace("客服空间", `"客服空间\${var.x}"`),
    "p/desk.yaml":
      "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: {name: desk}\nspec: {description: x}\n",
    [`k/${"a".repeat(60)}.txt`]: "a",
  },
};

/** What states, journals and plans are about that are mutated. */
export const project: Files = {
  "desk.yaml": workspace,
  "bot.yaml": `\
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec: {workspace: desk, name: 售后助手, prompt: 你好, onboarding: {prologue: 你好}, publish: {connectors: [api]}}
---
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: desk, for_each: {"2000000000001": member}}
spec: {workspace: desk, user_id: "\${each.key}", role: "\${each.value}"}
`,
};
