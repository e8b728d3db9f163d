import type { BotConfig } from "../../src/emulator/areas/bot-collection.ts";
import type { World } from "../../src/emulator/world/world.ts";

/** Texts that YAML, interpolation or a file could spoil. */
export const trickyTexts = [
  "你是客服。\n\n遇到退款，先问订单号。\n  - 缩进\n",
  "价格 ${var.price}，原样 $${env.X}，变量 {{user_name}}",
  "Windows\r\n换行\r\n",
  "行尾空格   \n制表\t\n\n\n",
  "  开头的空格\n然后",
  "控制\u0007字符\u0000和\u2028分隔",
  "emoji 👩‍👩‍👧‍👦 🇨🇳 ﬀ",
  "no",
  "2024-01-01",
  "0012",
  "1e3",
  "null",
  "# 不是注释",
  "- 不是列表: {也不是: 映射}",
  "<<<<<<< HEAD\n一\n=======\n二\n>>>>>>> main\n",
  "\ufeff开头的标记",
  "e\u0301 组合",
  "很长。".repeat(300),
  "`${each.key}` 和 ＄{var.x}",
] as const;

/** What another client made: the ids of the two workspaces to export, and of one beside them. */
export interface EstateWorld {
  readonly workspaces: readonly string[];
  readonly other: string;
}

const names = ["售后助手", "重庆火锅", "Order Bot", "绿色通道", "😀", "售后助手", "Ünïcode", "123"];

/**
 * Fills a world with about `size` objects, made by people and by other programs: with same-named ones, drafts, published
 * ones with newer drafts, multi-agent bots, Volcano datasets and every field in use.
 */
export function buildEstate(world: World, size = 300): EstateWorld {
  const first = world.addWorkspace({ name: "客服空间", description: "对外客服\n第二行" });
  const second = world.addWorkspace({ name: "客服空间", description: "同名的另一个" });
  const other = world.addWorkspace({ name: "别处", description: "不导出" });
  world.addBot({ space_id: other.id, draft: { name: "外人" } });
  for (const [index, space] of [first, second].entries()) {
    for (let member = 0; member < size / 20; member += 1) {
      space.members.push({
        user_id: `20697204560${String(index)}${String(member).padStart(2, "0")}`,
        role_type: member % 3 === 0 ? "admin" : "member",
        user_nickname: member % 4 === 0 ? "李四" : `用户${String(member)}`,
      } as never);
    }
    fillWorkspace(world, space.id, size);
  }
  return { workspaces: [first.id, second.id], other: other.id };
}

function fillWorkspace(world: World, space_id: string, size: number): void {
  const plugin = world.addPlugin({
    name: "天气",
    tools: [{ id: world.newId(), name: "forecast", description: "" }],
  } as never);
  const workflows = ["开票", "开票", "退款"].map((name) => world.addWorkflow({ space_id, name }).id);
  world.addApp({ space_id, name: "商城" });
  const datasets = Array.from({ length: Math.ceil(size / 30) }, (_, index) =>
    world.addDataset({
      space_id,
      name: index % 4 === 3 ? "常见问题" : `知识 ${String(index)}`,
      description: trickyTexts[index % trickyTexts.length] ?? "",
      format_type: index % 3 === 2 ? 2 : 0,
    }),
  );
  world.addDataset({ space_id, name: "火山库", dataset_type: "volcano" });
  world.addDataset({ space_id, name: "表格", format_type: 1 });
  for (const [index, dataset] of datasets.entries()) addDocument(world, dataset.id, index);
  const bots = Math.ceil(size / 2 - size / 20 - (2 * size) / 30);
  for (let index = 0; index < bots; index += 1) {
    const uses = {
      plugin,
      workflows,
      datasets: datasets.filter(({ format_type }) => format_type === 0).map(({ id }) => id),
    };
    const bot = world.addBot({ space_id, draft: draftOf(index, uses) });
    if (index % 13 === 5) bot.bot_mode = 1;
    if (index % 3 === 0) world.publishBot(bot.id, index % 2 === 0 ? ["1024", "999"] : ["1024"]);
    if (index % 6 === 0) world.editBot(bot.id, { description: "改过，未发布" });
    if (index % 17 === 7) world.publishBot(bot.id, ["10000122"]);
  }
}

function addDocument(world: World, dataset_id: string, index: number): void {
  const id = world.newId();
  world.documents.set(id, {
    id,
    dataset_id,
    name: `退货 ${String(index)}.md`,
    type: "md",
    size: 3,
    char_count: 1,
    sha256: "",
    source_type: 0,
    update_type: 0,
    update_interval: 0,
    chunk_strategy: { chunk_type: 0 },
    creator_id: world.options.me.id,
    create_time: world.seconds(),
    update_time: world.seconds(),
    ready_at_ms: 0,
    caption: index % 2 === 0 ? "一张图" : "",
    captioned_at_ms: 0,
  });
}

interface Uses {
  readonly plugin: { readonly id: string; readonly tools: readonly { readonly id: string }[] };
  readonly workflows: readonly string[];
  readonly datasets: readonly string[];
}

/** The draft of the bot with this number: most fields in turn, all of them now and then. */
function draftOf(index: number, { plugin, workflows, datasets }: Uses): BotConfig {
  const text = trickyTexts[index % trickyTexts.length] ?? "";
  const has = (every: number): boolean => index % every === 0;
  return {
    name: index < names.length ? (names[index] ?? "") : `机器人${String(index)}`,
    description: has(2) ? text.slice(0, 200) : "",
    prompt_info: has(7)
      ? {
          prompt_mode: "prefix",
          prefix_prompt_info: { prefix_prompt: text, dynamic_prompt: "今天 {{date}}" },
        }
      : { prompt: text },
    ...(has(3)
      ? {
          onboarding_info: {
            prologue: text.slice(0, 200),
            suggested_questions: ["怎么退货？", "0012", "- x"],
          },
        }
      : {}),
    ...(has(2)
      ? {
          model_info_config: {
            model_id: "1706077826",
            temperature: 0.7,
            top_p: 0.9,
            top_k: 5,
            max_tokens: 4096,
            context_round: 10,
            response_format: "markdown" as const,
            presence_penalty: 0.25,
            frequency_penalty: -0.5,
            ...(has(4) ? { parameters: { thinking: { type: "auto", 预算: 3 } } } : {}),
          },
        }
      : {}),
    ...(has(5)
      ? { plugin_id_list: { id_list: [{ plugin_id: plugin.id, api_id: plugin.tools[0]?.id ?? "" }] } }
      : {}),
    ...(has(4) ? { workflow_id_list: { ids: workflows.map((id) => ({ id })) } } : {}),
    ...(has(3) ? { knowledge: { dataset_ids: datasets.slice(0, 3) } } : {}),
    ...(has(11)
      ? { suggest_reply_info: { reply_mode: "customized" as const, customized_prompt: text } }
      : {}),
  };
}
