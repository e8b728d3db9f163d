// Made from the kinds by npm run generate: change those, and run it again.
import type { ComplexList, ComplexObject, IResolvable, TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link Bot}. */
export interface BotConfig extends TerraformMetaArguments {
  /** The workspace that holds the bot. A bot can't be moved. */
  readonly workspace: Reference<"coze_workspace">;
  /** Name of the bot, 1 to 20 characters. */
  readonly name: string;
  /** What the bot does, up to 500 characters. */
  readonly description?: string | undefined;
  /** Image file of the icon. Coze gives every bot an icon; it can't be restored. */
  readonly icon?: string | undefined;
  /** Persona and reply logic, up to 20,000 characters. */
  readonly prompt?: string | undefined;
  /** The prompt in two parts, instead of `prompt`, when the model's prefix cache is on. */
  readonly cachedPrompt?: BotCachedPrompt | undefined;
  /** How a conversation begins. */
  readonly onboarding?: BotOnboarding | undefined;
  /** The model and its parameters; ranges depend on the model. Coze takes it whole: with any change, what it doesn't show and isn't given here (`cache`, `anti_leak`, `current_time`) may go back to its default. */
  readonly model?: BotModel | undefined;
  /** Tools that the bot may use. */
  readonly plugins?: readonly BotPlugins[] | IResolvable | undefined;
  /** Workflows that the bot may run. */
  readonly workflows?: readonly (Reference<"coze_workflow" | "coze_copy">)[] | undefined;
  /** The datasets that the bot draws on, and how. Coze takes it whole: with any change, `auto_call` and `search_strategy` may go back to their defaults unless they are given here. */
  readonly knowledge?: BotKnowledge | undefined;
  /** Questions that Coze proposes after each reply. */
  readonly suggestedReplies?: BotSuggestedReplies | undefined;
  /** Where the bot is published. Every publication makes a version of the bot. */
  readonly publish?: BotPublish | undefined;
}

/** The prompt in two parts, instead of `prompt`, when the model's prefix cache is on. */
export interface BotCachedPrompt {
  /** The part that stays the same and is cached. */
  readonly prefix?: string | undefined;
  /** The part that changes and isn't cached. */
  readonly dynamic?: string | undefined;
}

export interface BotCachedPromptOutputReference extends ComplexObject {
  /** The part that stays the same and is cached. */
  get prefix(): string;
  set prefix(value: string);
  resetPrefix(): void;
  readonly prefixInput: string | undefined;
  /** The part that changes and isn't cached. */
  get dynamic(): string;
  set dynamic(value: string);
  resetDynamic(): void;
  readonly dynamicInput: string | undefined;
}

/** How a conversation begins. */
export interface BotOnboarding {
  /** Opening words, up to 300 characters. Coze fills in `{{user_name}}`. */
  readonly prologue?: string | undefined;
  /** Questions offered at the beginning, in order, up to 50 characters each. */
  readonly suggestedQuestions?: readonly string[] | undefined;
}

export interface BotOnboardingOutputReference extends ComplexObject {
  /** Opening words, up to 300 characters. Coze fills in `{{user_name}}`. */
  get prologue(): string;
  set prologue(value: string);
  resetPrologue(): void;
  readonly prologueInput: string | undefined;
  /** Questions offered at the beginning, in order, up to 50 characters each. */
  get suggestedQuestions(): string[];
  set suggestedQuestions(value: readonly string[]);
  resetSuggestedQuestions(): void;
  readonly suggestedQuestionsInput: readonly string[] | undefined;
}

/** The model and its parameters; ranges depend on the model. Coze takes it whole: with any change, what it doesn't show and isn't given here (`cache`, `anti_leak`, `current_time`) may go back to its default. */
export interface BotModel {
  /** Id of the model, from the address of its page in the workspace's model list. */
  readonly id: string;
  /** Randomness of answers; the range depends on the model. */
  readonly temperature?: number | undefined;
  /** Share of probability that sampling keeps, 0 to 1. */
  readonly topP?: number | undefined;
  /** Number of candidates that sampling keeps. */
  readonly topK?: number | undefined;
  /** Longest answer, in tokens. */
  readonly maxTokens?: number | undefined;
  /** Rounds of conversation that the model is given. */
  readonly contextRound?: number | undefined;
  /** Format of answers. */
  readonly responseFormat?: "text" | "markdown" | "json" | (string & {}) | undefined;
  /** Penalty for returning to the same topics. */
  readonly presencePenalty?: number | undefined;
  /** Penalty for repeating the same words. */
  readonly frequencyPenalty?: number | undefined;
  /** `prefix` caches the beginning of the prompt, which `cached_prompt` then gives; paid plans, some models. */
  readonly cache?: "closed" | "prefix" | (string & {}) | undefined;
  /** Protocol between bot and model; only some models know `responses_api`. */
  readonly apiMode?: "chat_api" | "responses_api" | (string & {}) | undefined;
  /** Whether the bot declines to reveal its prompt. */
  readonly antiLeak?: boolean | IResolvable | undefined;
  /** Whether the prompt tells the model the current time. */
  readonly currentTime?: boolean | IResolvable | undefined;
  /** Further parameters as Coze names them, such as `thinking_type` or `caching` ([reference](https://docs.coze.cn/developer_guides/create_bot)). */
  readonly parameters?: string | { readonly [key: string]: unknown } | undefined;
}

export interface BotModelOutputReference extends ComplexObject {
  /** Id of the model, from the address of its page in the workspace's model list. */
  get id(): string;
  set id(value: string);
  readonly idInput: string | undefined;
  /** Randomness of answers; the range depends on the model. */
  get temperature(): number;
  set temperature(value: number);
  resetTemperature(): void;
  readonly temperatureInput: number | undefined;
  /** Share of probability that sampling keeps, 0 to 1. */
  get topP(): number;
  set topP(value: number);
  resetTopP(): void;
  readonly topPInput: number | undefined;
  /** Number of candidates that sampling keeps. */
  get topK(): number;
  set topK(value: number);
  resetTopK(): void;
  readonly topKInput: number | undefined;
  /** Longest answer, in tokens. */
  get maxTokens(): number;
  set maxTokens(value: number);
  resetMaxTokens(): void;
  readonly maxTokensInput: number | undefined;
  /** Rounds of conversation that the model is given. */
  get contextRound(): number;
  set contextRound(value: number);
  resetContextRound(): void;
  readonly contextRoundInput: number | undefined;
  /** Format of answers. */
  get responseFormat(): string;
  set responseFormat(value: "text" | "markdown" | "json" | (string & {}));
  resetResponseFormat(): void;
  readonly responseFormatInput: "text" | "markdown" | "json" | (string & {}) | undefined;
  /** Penalty for returning to the same topics. */
  get presencePenalty(): number;
  set presencePenalty(value: number);
  resetPresencePenalty(): void;
  readonly presencePenaltyInput: number | undefined;
  /** Penalty for repeating the same words. */
  get frequencyPenalty(): number;
  set frequencyPenalty(value: number);
  resetFrequencyPenalty(): void;
  readonly frequencyPenaltyInput: number | undefined;
  /** `prefix` caches the beginning of the prompt, which `cached_prompt` then gives; paid plans, some models. */
  get cache(): string;
  set cache(value: "closed" | "prefix" | (string & {}));
  resetCache(): void;
  readonly cacheInput: "closed" | "prefix" | (string & {}) | undefined;
  /** Protocol between bot and model; only some models know `responses_api`. */
  get apiMode(): string;
  set apiMode(value: "chat_api" | "responses_api" | (string & {}));
  resetApiMode(): void;
  readonly apiModeInput: "chat_api" | "responses_api" | (string & {}) | undefined;
  /** Whether the bot declines to reveal its prompt. */
  get antiLeak(): IResolvable;
  set antiLeak(value: boolean | IResolvable);
  resetAntiLeak(): void;
  readonly antiLeakInput: boolean | IResolvable | undefined;
  /** Whether the prompt tells the model the current time. */
  get currentTime(): IResolvable;
  set currentTime(value: boolean | IResolvable);
  resetCurrentTime(): void;
  readonly currentTimeInput: boolean | IResolvable | undefined;
  /** Further parameters as Coze names them, such as `thinking_type` or `caching` ([reference](https://docs.coze.cn/developer_guides/create_bot)). */
  get parameters(): string;
  set parameters(value: string | { readonly [key: string]: unknown });
  resetParameters(): void;
  readonly parametersInput: string | { readonly [key: string]: unknown } | undefined;
}

/** Tools that the bot may use. */
export interface BotPlugins {
  /** The plugin. */
  readonly plugin: Reference<"coze_plugin">;
  /** The tool of the plugin that the bot may use. */
  readonly tool: Reference<"coze_plugin_tool">;
}

export interface BotPluginsOutputReference extends ComplexObject {
  /** The plugin. */
  get plugin(): string;
  set plugin(value: Reference<"coze_plugin">);
  readonly pluginInput: Reference<"coze_plugin"> | undefined;
  /** The tool of the plugin that the bot may use. */
  get tool(): string;
  set tool(value: Reference<"coze_plugin_tool">);
  readonly toolInput: Reference<"coze_plugin_tool"> | undefined;
}

export interface BotPluginsList extends ComplexList {
  get(index: number): BotPluginsOutputReference;
}

/** The datasets that the bot draws on, and how. Coze takes it whole: with any change, `auto_call` and `search_strategy` may go back to their defaults unless they are given here. */
export interface BotKnowledge {
  /** Datasets of the bot's workspace, at most 150. */
  readonly datasets: readonly Reference<"coze_dataset">[];
  /** Whether every round draws on the datasets, or only when the prompt says so. */
  readonly autoCall?: boolean | IResolvable | undefined;
  /** How the datasets are searched. */
  readonly searchStrategy?: "semantic" | "hybrid" | "fulltext" | (string & {}) | undefined;
}

export interface BotKnowledgeOutputReference extends ComplexObject {
  /** Datasets of the bot's workspace, at most 150. */
  get datasets(): string[];
  set datasets(value: readonly Reference<"coze_dataset">[]);
  readonly datasetsInput: readonly Reference<"coze_dataset">[] | undefined;
  /** Whether every round draws on the datasets, or only when the prompt says so. */
  get autoCall(): IResolvable;
  set autoCall(value: boolean | IResolvable);
  resetAutoCall(): void;
  readonly autoCallInput: boolean | IResolvable | undefined;
  /** How the datasets are searched. */
  get searchStrategy(): string;
  set searchStrategy(value: "semantic" | "hybrid" | "fulltext" | (string & {}));
  resetSearchStrategy(): void;
  readonly searchStrategyInput: "semantic" | "hybrid" | "fulltext" | (string & {}) | undefined;
}

/** Questions that Coze proposes after each reply. */
export interface BotSuggestedReplies {
  /** Whether to propose any; `customized` follows `prompt`. */
  readonly mode: "enable" | "disable" | "customized" | (string & {});
  /** How to find the questions, for the mode `customized`. */
  readonly prompt?: string | undefined;
}

export interface BotSuggestedRepliesOutputReference extends ComplexObject {
  /** Whether to propose any; `customized` follows `prompt`. */
  get mode(): string;
  set mode(value: "enable" | "disable" | "customized" | (string & {}));
  readonly modeInput: "enable" | "disable" | "customized" | (string & {}) | undefined;
  /** How to find the questions, for the mode `customized`. */
  get prompt(): string;
  set prompt(value: string);
  resetPrompt(): void;
  readonly promptInput: string | undefined;
}

/** Where the bot is published. Every publication makes a version of the bot. */
export interface BotPublish {
  /** Channels to publish to. A channel of your own needs the API beside it; Coze's other channels can't be published to through the API. */
  readonly connectors?: readonly BotPublishConnectors[] | IResolvable | undefined;
}

export interface BotPublishOutputReference extends ComplexObject {
  /** Channels to publish to. A channel of your own needs the API beside it; Coze's other channels can't be published to through the API. */
  get connectors(): BotPublishConnectorsList;
  putConnectors(value: readonly BotPublishConnectors[] | IResolvable): void;
  resetConnectors(): void;
  readonly connectorsInput: readonly BotPublishConnectors[] | IResolvable | undefined;
}

/** Channels to publish to. A channel of your own needs the API beside it; Coze's other channels can't be published to through the API. */
export interface BotPublishConnectors {
  /** Id of the channel: 1024 is the API, 999 the Chat SDK, others are channels of your own. */
  readonly id: string;
  /** Parameters for a channel of your own, such as `device_id`. They can't be read back. */
  readonly config?: string | { readonly [key: string]: unknown } | undefined;
  /** The same as `config`, kept in no plan and no state (Terraform 1.11 and later). Give it an `ephemeral` variable that isn't `sensitive`. Raise `config_wo_version` to have another value sent. */
  readonly configWo?: string | undefined;
  /** Any text; another one sends `config_wo` again. */
  readonly configWoVersion?: string | undefined;
}

export interface BotPublishConnectorsOutputReference extends ComplexObject {
  /** Id of the channel: 1024 is the API, 999 the Chat SDK, others are channels of your own. */
  get id(): string;
  set id(value: string);
  readonly idInput: string | undefined;
  /** Parameters for a channel of your own, such as `device_id`. They can't be read back. */
  get config(): string;
  set config(value: string | { readonly [key: string]: unknown });
  resetConfig(): void;
  readonly configInput: string | { readonly [key: string]: unknown } | undefined;
  /** The same as `config`, kept in no plan and no state (Terraform 1.11 and later). Give it an `ephemeral` variable that isn't `sensitive`. Raise `config_wo_version` to have another value sent. */
  get configWo(): string;
  set configWo(value: string);
  resetConfigWo(): void;
  readonly configWoInput: string | undefined;
  /** Any text; another one sends `config_wo` again. */
  get configWoVersion(): string;
  set configWoVersion(value: string);
  resetConfigWoVersion(): void;
  readonly configWoVersionInput: string | undefined;
}

export interface BotPublishConnectorsList extends ComplexList {
  get(index: number): BotPublishConnectorsOutputReference;
}

export interface Bot {
  /** Id that Coze gave it. */
  get id(): string;
  /** The workspace that holds the bot. A bot can't be moved. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Name of the bot, 1 to 20 characters. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
  /** What the bot does, up to 500 characters. */
  get description(): string;
  set description(value: string);
  resetDescription(): void;
  readonly descriptionInput: string | undefined;
  /** Image file of the icon. Coze gives every bot an icon; it can't be restored. */
  get icon(): string;
  set icon(value: string);
  resetIcon(): void;
  readonly iconInput: string | undefined;
  /** SHA-256 of the content of `icon`, worked out when planning. */
  get iconSha256(): string;
  /** Persona and reply logic, up to 20,000 characters. */
  get prompt(): string;
  set prompt(value: string);
  resetPrompt(): void;
  readonly promptInput: string | undefined;
  /** The prompt in two parts, instead of `prompt`, when the model's prefix cache is on. */
  get cachedPrompt(): BotCachedPromptOutputReference;
  putCachedPrompt(value: BotCachedPrompt): void;
  resetCachedPrompt(): void;
  readonly cachedPromptInput: BotCachedPrompt | undefined;
  /** How a conversation begins. */
  get onboarding(): BotOnboardingOutputReference;
  putOnboarding(value: BotOnboarding): void;
  resetOnboarding(): void;
  readonly onboardingInput: BotOnboarding | undefined;
  /** The model and its parameters; ranges depend on the model. Coze takes it whole: with any change, what it doesn't show and isn't given here (`cache`, `anti_leak`, `current_time`) may go back to its default. */
  get model(): BotModelOutputReference;
  putModel(value: BotModel): void;
  resetModel(): void;
  readonly modelInput: BotModel | undefined;
  /** Tools that the bot may use. */
  get plugins(): BotPluginsList;
  putPlugins(value: readonly BotPlugins[] | IResolvable): void;
  resetPlugins(): void;
  readonly pluginsInput: readonly BotPlugins[] | IResolvable | undefined;
  /** Workflows that the bot may run. */
  get workflows(): string[];
  set workflows(value: readonly (Reference<"coze_workflow" | "coze_copy">)[]);
  resetWorkflows(): void;
  readonly workflowsInput: readonly (Reference<"coze_workflow" | "coze_copy">)[] | undefined;
  /** The datasets that the bot draws on, and how. Coze takes it whole: with any change, `auto_call` and `search_strategy` may go back to their defaults unless they are given here. */
  get knowledge(): BotKnowledgeOutputReference;
  putKnowledge(value: BotKnowledge): void;
  resetKnowledge(): void;
  readonly knowledgeInput: BotKnowledge | undefined;
  /** Questions that Coze proposes after each reply. */
  get suggestedReplies(): BotSuggestedRepliesOutputReference;
  putSuggestedReplies(value: BotSuggestedReplies): void;
  resetSuggestedReplies(): void;
  readonly suggestedRepliesInput: BotSuggestedReplies | undefined;
  /** Where the bot is published. Every publication makes a version of the bot. */
  get publish(): BotPublishOutputReference;
  putPublish(value: BotPublish): void;
  resetPublish(): void;
  readonly publishInput: BotPublish | undefined;
  /** The latest version of the bot, empty before the first. */
  get version(): string;
  /** What an apply that failed didn't come to, such as `publish`; the next one does it. Null when all was done. */
  get unfinished(): string[];
}

/** An agent: prompt, model, tools and knowledge, and the channels it is published to. */
export class Bot extends CozeResource {
  static readonly tfResourceType = "coze_bot";
  declare readonly terraformResourceType: "coze_bot";

  constructor(scope: Construct, id: string, config: BotConfig) {
    super(scope, id, "coze_bot", config);
  }
}

exposeResource(Bot);
