/** The texts of a starter project: one resource of each kind, explained where it stands. */
export function writeTemplate(projectName: string): { readonly [file: string]: string } {
  return {
    "cozeform.yaml": writeProjectFile(projectName),
    ".cozeform/.gitignore": gitignore,
    ".gitignore": projectIgnore,
    "manifests/workspace.yaml": workspace,
    "manifests/knowledge.yaml": knowledge,
    "manifests/bot.yaml": bot,
    "manifests/callback.yaml": callback,
    "prompts/assistant.md": prompt,
    "knowledge/faq/returns.txt": returns,
    "knowledge/faq/shipping.txt": shipping,
  };
}

const writeProjectFile = (name: string): string => `\
# yaml-language-server: $schema=schemas/project.schema.json
# Try it without an account:     cozeform plan --emulator
#                                cozeform apply --emulator
# Then put in your own where a comment says "yours", set COZE_DEV_TOKEN, and leave --emulator out.
# After an upgrade of cozeform:  cozeform schema --out schemas
apiVersion: cozeform/v1
kind: Project
name: ${JSON.stringify(name)}
manifests: [manifests/**/*.yaml]
default_environment: dev # -e prod names another one
environments:
  dev:
    # endpoint: https://api.coze.com # for the international site; https://api.coze.cn without it
    auth: {token: {env: COZE_DEV_TOKEN}} # the environment variable that holds the token
    variables: # manifests read them as \${var.suffix}
      suffix: "-dev"
      model: "1706077826" # yours: the id in the address of the model's page
      hooks: https://hooks-dev.example.com # yours: the host that receives callbacks
  prod:
    auth: {token: {env: COZE_PROD_TOKEN}}
    protect: true # apply and destroy ask for the environment's name
    # patches: [environments/prod/*.yaml] # partial manifests, merged over those of the same address
    variables:
      suffix: ""
      model: "1706077826"
      hooks: https://hooks.example.com
`;

const gitignore = `\
# The state (<environment>.state.json) tells cozeform which objects are yours. The team shares it: commit it, or have
# CI keep it between runs. What follows is one machine's own.
*.lock
*.journal
*.cache.json
*.emulator.*
emulator.json
.cozeform-tmp/
`;

/** What a repository must not hold: the lines of the project's own `.gitignore`. */
export const projectIgnore = `\
# What is on its way to its place, for a moment.
.cozeform-tmp/
# Saved plans: they hold what an apply writes.
*.plan.json
*.plan
plan.json
release.json
# Tokens and keys.
.env
.env.*
*.pem
*.key
keys/
.secrets/
`;

const schemaLine = "# yaml-language-server: $schema=../schemas/manifest.schema.json";

const workspace = `\
${schemaLine}
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk} # its address is Workspace.desk; other manifests refer to it as desk
spec:
  name: 客服空间\${var.suffix}
  description: 客服智能体和它使用的知识库。
---
# One manifest can stand for many resources: here one for each entry of a map.
# Without for_each, write the values in place of \${each.key} and \${each.value}.
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata:
  name: desk
  for_each:
    "1000000000000001": member # yours: user ids (UID), always quoted, with their role: admin or member
spec:
  workspace: desk # or {id: "…"}, or {lookup: {name: …}}, for a workspace that is not managed here
  user_id: \${each.key}
  role: \${each.value}
`;

const knowledge = `\
${schemaLine}
apiVersion: cozeform/v1
kind: Dataset
metadata:
  name: faq
  # lifecycle: {prevent_destroy: true} # refuses every plan that would delete it
spec:
  workspace: desk
  name: 常见问题
  format: text # or image
  description: 退货、发货等常见问题。
---
# One document for each file of a folder. Coze takes txt, pdf, doc and docx.
apiVersion: cozeform/v1
kind: Document
metadata:
  name: faq
  for_each: {files: knowledge/faq/**/*.txt}
spec:
  dataset: faq
  name: \${each.name} # the file's name; \${each.path} is its path in the project
  source: {file: "\${each.path}"} # or {url: https://…, refresh_hours: 24} for a web page
`;

const bot = `\
${schemaLine}
apiVersion: cozeform/v1
kind: Bot
metadata: {name: assistant}
spec:
  workspace: desk
  name: 客服助手\${var.suffix} # up to 20 characters
  description: 回答退货与发货问题。
  prompt: {file: prompts/assistant.md}
  model: {id: "\${var.model}", temperature: 0.5, max_tokens: 1024}
  knowledge:
    datasets: [faq]
    search_strategy: hybrid # or semantic, fulltext
  onboarding:
    prologue: 您好，请问有什么可以帮您？
    suggested_questions: [怎么申请退货？, 多久能收到货？]
  suggested_replies: {mode: enable}
  # What a manifest doesn't mention stays as it is at Coze: without publish, the bot remains a draft.
  publish: {connectors: [api, chat_sdk]}
`;

const callback = `\
${schemaLine}
# Where Coze reports events. The receiver must be up before an apply: Coze posts a challenge to it, which it has to
# echo within 3 seconds. The emulator takes hosts below example.com for ones that do.
apiVersion: cozeform/v1
kind: CallbackApp
metadata: {name: releases}
spec:
  name: 智能体发布通知\${var.suffix}
  callback_url: \${var.hooks}/coze/events
  events: [bot.published, bot.unpublished]
`;

const prompt = `\
# 角色

你是一家网店的客服助手，依据知识库回答顾客关于退货和发货的问题。

# 规则

- 先给结论，再给步骤，步骤不超过五步。
- 知识库没有写的，不猜测，请顾客联系人工客服。
- 不索取支付密码、验证码和身份证号。

# 语气

称呼「您」，平和具体，每次不超过 120 字。

# 示例

**顾客：** 衣服买大了，能退吗？
**助手：** 可以。签收后 7 天内、未使用且包装齐全，在“我的订单”中点击“申请售后”即可，退回运费由您承担。

# 拒绝

与购物无关的话题，说明帮不上忙，并请顾客继续咨询订单问题。
`;

const returns = `\
退货规则

签收后 7 天内，商品未使用、包装齐全，可以申请无理由退货，退回运费由顾客承担。
质量问题在签收后 15 天内免费退换，运费由店铺承担，请提供商品和外箱面单的照片。

办理：我的订单 → 申请售后 → 填写原因。24 小时内审核，审核通过后 5 天内寄回。
退款：仓库收到并验货后，1 至 7 个工作日原路退回。
`;

const shipping = `\
发货规则

现货在付款后 48 小时内发货，法定节假日顺延。一般 2 至 5 天送达，偏远地区 5 至 8 天。
实付满 99 元包邮，未满收取 10 元运费。

未发货的订单可以自行修改一次地址。
物流信息超过 72 小时没有更新，请联系人工客服查询。
`;
