// Made from the kinds by npm run generate: change those, and run it again.
import type { ComplexList, ComplexObject, TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeBot}. */
export interface DataCozeBotConfig extends TerraformMetaArguments {
  /** Its id, instead of workspace and name. */
  readonly id?: string | undefined;
  /** The workspace that holds the bot. A bot can't be moved. */
  readonly workspace?: Reference<"coze_workspace"> | undefined;
  /** Name of the bot, 1 to 20 characters. */
  readonly name?: string | undefined;
}

export interface DataCozeBotCachedPromptOutputReference extends ComplexObject {
  /** The part that stays the same and is cached. */
  get prefix(): string;
  /** The part that changes and isn't cached. */
  get dynamic(): string;
}

export interface DataCozeBotOnboardingOutputReference extends ComplexObject {
  /** Opening words, up to 300 characters. Coze fills in `{{user_name}}`. */
  get prologue(): string;
  /** Questions offered at the beginning, in order, up to 50 characters each. */
  get suggestedQuestions(): string[];
}

export interface DataCozeBotModelOutputReference extends ComplexObject {
  /** Id of the model, from the address of its page in the workspace's model list. */
  get id(): string;
  /** Randomness of answers; the range depends on the model. */
  get temperature(): number;
  /** Share of probability that sampling keeps, 0 to 1. */
  get topP(): number;
  /** Number of candidates that sampling keeps. */
  get topK(): number;
  /** Longest answer, in tokens. */
  get maxTokens(): number;
  /** Rounds of conversation that the model is given. */
  get contextRound(): number;
  /** Format of answers. */
  get responseFormat(): string;
  /** Penalty for returning to the same topics. */
  get presencePenalty(): number;
  /** Penalty for repeating the same words. */
  get frequencyPenalty(): number;
  /** Protocol between bot and model; only some models know `responses_api`. */
  get apiMode(): string;
  /** Further parameters as Coze names them, such as `thinking_type` or `caching` ([reference](https://docs.coze.cn/developer_guides/create_bot)). */
  get parameters(): string;
}

export interface DataCozeBotPluginsOutputReference extends ComplexObject {
  /** The plugin. */
  get plugin(): string;
  /** The tool of the plugin that the bot may use. */
  get tool(): string;
}

export interface DataCozeBotPluginsList extends ComplexList {
  get(index: number): DataCozeBotPluginsOutputReference;
}

export interface DataCozeBotKnowledgeOutputReference extends ComplexObject {
  /** Datasets of the bot's workspace, at most 150. */
  get datasets(): string[];
}

export interface DataCozeBotSuggestedRepliesOutputReference extends ComplexObject {
  /** Whether to propose any; `customized` follows `prompt`. */
  get mode(): string;
  /** How to find the questions, for the mode `customized`. */
  get prompt(): string;
}

export interface DataCozeBotPublishOutputReference extends ComplexObject {
  /** Channels to publish to. A channel of your own needs the API beside it; Coze's other channels can't be published to through the API. */
  get connectors(): DataCozeBotPublishConnectorsList;
}

export interface DataCozeBotPublishConnectorsOutputReference extends ComplexObject {
  /** Id of the channel: 1024 is the API, 999 the Chat SDK, others are channels of your own. */
  get id(): string;
}

export interface DataCozeBotPublishConnectorsList extends ComplexList {
  get(index: number): DataCozeBotPublishConnectorsOutputReference;
}

export interface DataCozeBot {
  /** Its id, instead of workspace and name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The workspace that holds the bot. A bot can't be moved. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  resetWorkspace(): void;
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Name of the bot, 1 to 20 characters. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What the bot does, up to 500 characters. */
  get description(): string;
  /** Persona and reply logic, up to 20,000 characters. */
  get prompt(): string;
  /** The prompt in two parts, instead of `prompt`, when the model's prefix cache is on. */
  get cachedPrompt(): DataCozeBotCachedPromptOutputReference;
  /** How a conversation begins. */
  get onboarding(): DataCozeBotOnboardingOutputReference;
  /** The model and its parameters; ranges depend on the model. Coze takes it whole: with any change, what it doesn't show and isn't given here (`cache`, `anti_leak`, `current_time`) may go back to its default. */
  get model(): DataCozeBotModelOutputReference;
  /** Tools that the bot may use. */
  get plugins(): DataCozeBotPluginsList;
  /** Workflows that the bot may run. */
  get workflows(): string[];
  /** The datasets that the bot draws on, and how. Coze takes it whole: with any change, `auto_call` and `search_strategy` may go back to their defaults unless they are given here. */
  get knowledge(): DataCozeBotKnowledgeOutputReference;
  /** Questions that Coze proposes after each reply. */
  get suggestedReplies(): DataCozeBotSuggestedRepliesOutputReference;
  /** Where the bot is published. Every publication makes a version of the bot. */
  get publish(): DataCozeBotPublishOutputReference;
  /** The latest version of the bot, empty before the first. */
  get version(): string;
}

/** An agent: prompt, model, tools and knowledge, and the channels it is published to. Looked up by `id`, or by workspace and name; it is an error if there is none or more than one. */
export class DataCozeBot extends CozeDataSource {
  static readonly tfResourceType = "coze_bot";
  declare readonly terraformResourceType: "coze_bot";

  constructor(scope: Construct, id: string, config: DataCozeBotConfig = {}) {
    super(scope, id, "coze_bot", config);
  }
}

exposeDataSource(DataCozeBot);
