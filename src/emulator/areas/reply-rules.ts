import { anything, choice, flag, id, map, number, object, required } from "../http/params.ts";
import { isJsonEqual, sortById, timeAfter, type World } from "../world/world.ts";
import { type Area, anyText, type FieldsOf, stored } from "./area.ts";
import type { Bot, BotConfig } from "./bot-collection.ts";
import type { Workflow, WorkflowVersion } from "./workflows.ts";

/** An error inside an answer. */
export interface Trouble {
  code: number;
  msg: string;
}

/** The fields of {@link Trouble}. */
export const troubleFields = object({ code: stored.number, msg: stored.text } satisfies FieldsOf<Trouble>);

/** How long a chat, run or copy takes; by default as the world's options say. */
export interface Pace {
  readonly takes_ms?: number | undefined;
  readonly never_ends?: boolean | undefined;
}

/**
 * A rule for the outcome of chats. Absent conditions always hold. Without answer, failure and tool call, the answer is
 * derived from the prompt. Of several rules that match, the last counts.
 */
export interface ChatRule extends Pace {
  /** A bot's id, or its name in the configuration that answers. */
  readonly bot?: string | undefined;
  /** Name or id of the bot's workspace. */
  readonly workspace?: string | undefined;
  /** The whole message. */
  readonly says?: string | undefined;
  /** A regular expression that matches the message or a part of it. */
  readonly matches?: string | undefined;
  readonly of?: "draft" | "published" | undefined;
  /** A text that the prompt of the configuration that answers contains. */
  readonly prompt?: string | undefined;
  /** A text in which `{{prompt}}` and other {@link chatWords} stand for parts of that configuration. */
  readonly answer?: string | undefined;
  /** The chat fails with this `last_error`. */
  readonly fail?: { readonly code: number; readonly msg?: string | undefined };
  /** The chat stops and waits for the client to call this tool. */
  readonly asks?: { readonly name: string; readonly arguments?: string | undefined };
}

/** A rule for the outcome of workflow runs; like {@link ChatRule}. */
export interface RunRule extends Pace {
  /** A workflow's id or name. */
  readonly workflow?: string | undefined;
  readonly workspace?: string | undefined;
  /** Parameters that the run was given, among others. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** The content of the published version that runs. */
  readonly content?: string | undefined;
  /** A text, or values that become one; {@link runWords} stand for parts of the workflow. */
  readonly output?: unknown | undefined;
  readonly fail?: { readonly code: number; readonly msg?: string | undefined };
}

declare module "../world/world.ts" {
  interface World {
    /** Rules for the outcome of chats and runs; see `scriptChat` and `scriptRun`. */
    readonly chatRules: Map<string, ChatRule & { readonly id: string }>;
    readonly runRules: Map<string, RunRule & { readonly id: string }>;
    /** Adds a rule for chats; replaces the rule with the same conditions, if there is one. */
    scriptChat(rule: ChatRule): void;
    /** Adds a rule for runs of workflows; replaces the rule with the same conditions, if there is one. */
    scriptRun(rule: RunRule): void;
  }
}

const ruleFields = {
  id: required(id),
  workspace: anyText,
  fail: object({ code: stored.number, msg: anyText }),
  takes_ms: number,
  never_ends: flag,
} as const;

const chatRuleFields = {
  ...ruleFields,
  bot: anyText,
  says: anyText,
  matches: anyText,
  of: choice("draft", "published"),
  prompt: anyText,
  answer: anyText,
  asks: object({ name: stored.text, arguments: anyText }),
} as const satisfies FieldsOf<ChatRule & { id: string }>;

const runRuleFields = {
  ...ruleFields,
  workflow: anyText,
  parameters: map,
  content: anyText,
  output: anything,
} as const satisfies FieldsOf<RunRule & { id: string }>;

/** Rules for the outcome of chats and runs. They have no operations. */
export const replyRuleArea: Area = {
  collections: {
    chatRules: { fields: chatRuleFields, generation: 2 },
    runRules: { fields: runRuleFields, generation: 2 },
  },
  methods: (world) => ({
    scriptChat: (rule) => {
      refuseUnknownWords(rule.answer, chatWords);
      const { bot, workspace, says, matches, of, prompt } = rule;
      if (matches !== undefined) new RegExp(matches, "u");
      putRule(world, world.chatRules, rule, { bot, workspace, says, matches, of, prompt });
    },
    scriptRun: (rule) => {
      refuseUnknownWords(rule.output, runWords);
      const { workflow, workspace, parameters, content } = rule;
      putRule(world, world.runRules, rule, { workflow, workspace, parameters, content });
    },
  }),
};

function refuseUnknownWords(value: unknown, known: readonly string[]): void {
  const unknown = wordsIn(value).find((word) => !known.includes(word));
  if (unknown !== undefined)
    throw new Error(`{{${unknown}}} stands for nothing: known are ${known.join(", ")}`);
}

/** Adds a rule in the place of one with the same conditions: of several that match, the last counts. */
function putRule<R extends object>(
  world: World,
  rules: Map<string, R & { readonly id: string }>,
  rule: R,
  conditions: Partial<R>,
): void {
  const isTwin = (one: R): boolean =>
    Object.entries(conditions).every(([name, value]) =>
      isJsonEqual(Object.entries(one).find(([key]) => key === name)?.[1], value),
    );
  const twin = [...rules.values()].find(isTwin);
  const id = twin?.id ?? world.newId();
  rules.set(id, structuredClone({ ...rule, id }));
}

/** The words allowed in `{{…}}` in the answer of a chat. */
export const chatWords = [
  "said",
  "of",
  "name",
  "prompt",
  "model",
  "workflows",
  "plugins",
  "datasets",
] as const;

/** The words allowed in `{{…}}` in the output of a run. */
export const runWords = ["workflow", "name", "version", "content", "parameters"] as const;

type Words = Readonly<Record<string, string>>;

/** The words in `{{…}}` of a text, or of the texts within a value. */
export function wordsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [...value.matchAll(placeholder)].map(([, word = ""]) => word);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(wordsIn) : [];
}

const placeholder = /\{\{\s*(\w+)\s*\}\}/gu;

function fill(value: unknown, words: Words): unknown {
  if (typeof value === "string") {
    return value.replace(placeholder, (whole, word: string) => words[word] ?? whole);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, words));
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, words)]))
    : value;
}

/** A message to a bot, and the configuration that answers. */
export interface ChatTurn {
  readonly bot: Bot;
  readonly config: BotConfig;
  readonly of: "draft" | "published";
  readonly said: string;
}

/** The outcome of a chat or run, and how long it takes. */
export interface ReplyOutcome extends Pace {
  readonly text: string;
  readonly fails?: Trouble | undefined;
  readonly asks?: ChatRule["asks"] | undefined;
}

/** The outcome of a chat by the world's rules. */
export function outcomeOfChat(world: World, turn: ChatTurn): ReplyOutcome {
  const { bot, config, of, said } = turn;
  const rule = sortById(world.chatRules.values()).findLast(
    (one) =>
      isCalled(one.bot, bot.id, config.name) &&
      isIn(world, one.workspace, bot.space_id) &&
      (one.says ?? said) === said &&
      (one.matches === undefined || new RegExp(one.matches, "u").test(said)) &&
      (one.of ?? of) === of &&
      promptOf(config).includes(one.prompt ?? ""),
  );
  const words = wordsOfTurn(turn);
  const text = String(fill(rule?.answer ?? 'My prompt is "{{prompt}}", and I was told "{{said}}".', words));
  return { ...paceOf(rule), text, fails: troubleOf(rule), asks: rule?.asks };
}

function wordsOfTurn({ config, of, said }: ChatTurn): Words {
  const ids = (list: readonly string[] = []) => list.join(",");
  return {
    said,
    of,
    name: config.name,
    prompt: promptOf(config),
    model: config.model_info_config?.model_id ?? "",
    workflows: ids(config.workflow_id_list?.ids?.map(({ id }) => id)),
    plugins: ids(config.plugin_id_list?.id_list?.map(({ plugin_id }) => plugin_id)),
    datasets: ids(config.knowledge?.dataset_ids),
  } satisfies Record<(typeof chatWords)[number], string>;
}

function promptOf({ prompt_info: prompt }: BotConfig): string {
  return prompt?.prompt ?? prompt?.prefix_prompt_info?.prefix_prompt ?? "";
}

/** The outcome of a run of a workflow's version by the world's rules; its text is the run's output. */
export function outcomeOfRun(
  world: World,
  workflow: Workflow,
  { version, content = "" }: WorkflowVersion,
  parameters: Readonly<Record<string, unknown>>,
): ReplyOutcome {
  const rule = sortById(world.runRules.values()).findLast(
    (one) =>
      isCalled(one.workflow, workflow.id, workflow.name) &&
      isIn(world, one.workspace, workflow.space_id) &&
      (one.content ?? content) === content &&
      Object.entries(one.parameters ?? {}).every(([name, value]) => isJsonEqual(parameters[name], value)),
  );
  const words = {
    workflow: workflow.id,
    name: workflow.name,
    version,
    content,
    parameters: JSON.stringify(parameters),
  } satisfies Record<(typeof runWords)[number], string>;
  const given = rule?.output ?? {
    output: '{{name}} {{version}} made of "{{content}}" was given {{parameters}}',
  };
  const output = fill(given, words);
  const text = typeof output === "string" ? output : JSON.stringify(output);
  return { ...paceOf(rule), text, fails: troubleOf(rule) };
}

const isCalled = (wanted: string | undefined, id: string, name: string): boolean =>
  wanted === undefined || wanted === id || wanted === name;

const isIn = (world: World, wanted: string | undefined, spaceId: string): boolean =>
  isCalled(wanted, spaceId, world.workspaces.get(spaceId)?.name ?? "");

const paceOf = ({ takes_ms, never_ends }: Pace = {}): Pace => ({ takes_ms, never_ends });

const troubleOf = ({ fail }: Pick<ChatRule, "fail"> = {}): Trouble | undefined =>
  fail && { code: fail.code, msg: fail.msg ?? "The request failed" };

/** When something that starts now ends, in milliseconds; for what never ends, a time that is never reached. */
export const endOf = (world: World, { takes_ms, never_ends }: Pace, usualMs: number): number =>
  timeAfter(world, never_ends ? Number.POSITIVE_INFINITY : (takes_ms ?? usualMs));
