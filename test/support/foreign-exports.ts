import { stringify } from "yaml";

/** Exports of other platforms, made for tests: each has every part that a conversion reads or names. */
const node = (type: string, title: string, data: object = {}) => ({
  id: title,
  type: "custom",
  data: { type, title, desc: "", ...data },
});

const modelConfig = {
  agent_mode: {
    enabled: true,
    strategy: "function_call",
    tools: [
      { enabled: true, provider_id: "time", tool_label: "报时", tool_name: "current_time" },
      { dataset: { enabled: true, id: "9e1d0c0a" } },
    ],
  },
  dataset_configs: { datasets: { datasets: [{ dataset: { enabled: true, id: "5b7a44f2" } }] } },
  model: { provider: "openai", name: "gpt-4o-mini", mode: "chat", completion_params: { temperature: 0.3 } },
  opening_statement: "你好！",
  pre_prompt: "你是售后助手，住在{{city}}。\n只谈退货。",
  prompt_type: "simple",
  suggested_questions: ["怎么退货？", "多久到账？"],
  speech_to_text: { enabled: true },
  user_input_form: [{ "text-input": { label: "城市", variable: "city", required: true } }],
};

/** A Dify DSL of a mode: apps with a prompt have `model_config`, the others `workflow`. */
export function difyExport(mode: string, name = "售后助手", version: string | undefined = "0.1.5"): string {
  const app = { name, description: "回答退货问题", icon: "🤖", mode };
  const head = { app, kind: "app", ...(version !== undefined && { version }) };
  if (mode !== "advanced-chat" && mode !== "workflow")
    return stringify({ ...head, model_config: modelConfig });
  const model = { provider: "tongyi", name: "qwen-max", completion_params: { temperature: 0.7 } };
  const system = { role: "system", text: "你是导购。参考 {{#search.result#}}" };
  return stringify({
    ...head,
    dependencies: [{ value: { marketplace_plugin_unique_identifier: "langgenius/tongyi:0.0.9@1f2e" } }],
    workflow: {
      conversation_variables: [{ name: "cart" }],
      features: { opening_statement: "欢迎光临", suggested_questions: ["有什么新品？"] },
      graph: {
        nodes: [
          node("start", "开始", { variables: [{ variable: "plan" }] }),
          node("knowledge-retrieval", "查资料", { dataset_ids: ["77aa"] }),
          node("llm", "回答", { model, prompt_template: [system] }),
          node("tool", "发邮件", { tool_label: "邮件" }),
          node(mode === "workflow" ? "end" : "answer", "结束"),
        ],
        edges: [],
      },
    },
  });
}

const input = (key: string, value: unknown) => ({ key, renderTypeList: ["hidden"], value });

/** A FastGPT export as versions from 4.8 on write it. */
export const fastGptExport = {
  nodes: [
    { nodeId: "userGuide", name: "系统配置", flowNodeType: "userGuide", inputs: [], outputs: [] },
    { nodeId: "start", name: "流程开始", flowNodeType: "workflowStart", version: "481", inputs: [] },
    {
      nodeId: "search",
      name: "知识库搜索",
      flowNodeType: "datasetSearchNode",
      inputs: [input("datasets", [{ datasetId: "66aa", name: "退货政策" }])],
    },
    {
      nodeId: "chat",
      name: "AI 对话",
      flowNodeType: "chatNode",
      inputs: [input("model", "gpt-4o-mini"), input("temperature", 3), input("systemPrompt", "你是客服。")],
    },
    { nodeId: "http", name: "查订单", flowNodeType: "httpRequest468", inputs: [] },
  ],
  edges: [{ source: "start", target: "search" }],
  chatConfig: {
    welcomeText: "您好，请问：\n[怎么退货？]\n[查订单]",
    variables: [{ key: "order", label: "订单" }],
  },
};

/** The same of a version before 4.8. */
export const fastGptModules = [
  {
    moduleId: "userGuide",
    name: "用户引导",
    flowType: "userGuide",
    inputs: [input("welcomeText", "您好\n[开放时间]"), input("variables", [{ key: "name", label: "姓名" }])],
  },
  {
    moduleId: "chat",
    name: "AI 对话",
    flowType: "chatNode",
    inputs: [input("model", "gpt-3.5-turbo"), input("systemPrompt", "你是实验室助手。")],
  },
];

const params = (...list: readonly (readonly [string, unknown])[]) => [
  { name: "设置", params: list.map(([key, value]) => ({ key, label: key, value })) },
];

const block = (type: string, name: string, group_params: object) => ({
  id: `${type}_1`,
  type: "flowNode",
  data: { id: `${type}_1`, v: "3", type, name, group_params },
});

/** A workflow of Bisheng. */
export const bishengWorkflow = {
  name: "招商助手",
  description: "回答政策问题",
  nodes: [
    block("start", "开始", params(["guide_word", "欢迎"], ["guide_question", ["有哪些补贴？"]])),
    block("input", "输入", params(["user_input", ""])),
    block(
      "agent",
      "助手",
      params(
        ["model_id", 5],
        ["temperature", 0.7],
        ["system_prompt", "你熟悉政策。"],
        ["knowledge_id", { type: "knowledge", value: [{ key: 6, label: "政策库" }] }],
        ["tool_list", [{ key: 3, label: "天眼查" }]],
      ),
    ),
    block("code", "整理", params(["code", "def main(): pass"])),
  ],
  edges: [],
  viewport: { x: 0, y: 0, zoom: 1 },
};

const component = (type: string, template: object) => ({
  id: `${type}-1`,
  type: "genericNode",
  data: { id: `${type}-1`, type, node: { display_name: type, template } },
});

/** Skills of Bisheng, as its list of templates has them. */
export const bishengSkills = [
  {
    name: "合同审查",
    description: "审查合同",
    flow_id: "544b7e31",
    flow_type: 1,
    data: {
      nodes: [
        component("PromptTemplate", { template: { value: "审查：{text}" } }),
        component("BishengLLM", { model_id: { value: 5 } }),
        component("Milvus", { collection_name: { value: "合同库" } }),
      ],
      edges: [],
    },
  },
];

/** An assistant of Bisheng. */
export const bishengAssistant = {
  name: "人事助手",
  desc: "回答人事问题",
  prompt: "你是人事。",
  guide_word: "请讲",
  guide_question: ["年假几天？"],
  model_name: "qwen-turbo",
  temperature: 0.5,
  tool_list: [{ id: 1, name: "日历" }],
  flow_list: [],
  knowledge_list: [{ id: 2, name: "员工手册" }],
};

/** An `agents.yaml` of OpenAgentPack; the reviewer's instructions are in a file. */
export const agentPack = `\
version: "1"
providers:
  bailian: {api_key: "\${DASHSCOPE_API_KEY}"}
agents:
  researcher:
    description: Finds sources
    model: qwen3.7-max
    instructions: |
      You are a research agent.
      Cite your sources.
    environment: dev
    tools: {builtin: [bash, read], mcp: [{type: mcp_toolkit, mcpServerName: WebSearch}]}
  reviewer:
    description: Reviews code
    model: {claude: claude-sonnet, bailian: qwen3.7-max}
    instructions: prompts/reviewer.md
    skills: [code-review]
deployments:
  nightly: {agent: reviewer}
`;
