// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource } from "../runtime/constructs.ts";

/** Configuration of {@link CallbackApp}. */
export interface CallbackAppConfig extends TerraformMetaArguments {
  /** Name of the callback app, up to 128 characters. */
  readonly name: string;
  /** Where Coze posts events. It must be up before an apply: Coze posts a challenge there, to be echoed within 3 seconds. */
  readonly callbackUrl: string;
  /** `connector` for events of a channel of your own, otherwise `normal`. */
  readonly type?: "normal" | "connector" | (string & {}) | undefined;
  /** Id of the channel; for the type `connector`. */
  readonly connectorId?: string | undefined;
  /** Events to report ([list](https://docs.coze.cn/dev_how_to_guides/add_callback)). */
  readonly events?: readonly ("bot.published" | "bot.deleted" | "bot.unpublished" | "benefit.usage" | "benefit.plugin.scale.requested" | "benefit.plugin.scale.expired" | (string & {}))[] | undefined;
}

export interface CallbackApp {
  /** Id that Coze gave it. */
  get id(): string;
  /** Name of the callback app, up to 128 characters. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
  /** Where Coze posts events. It must be up before an apply: Coze posts a challenge there, to be echoed within 3 seconds. */
  get callbackUrl(): string;
  set callbackUrl(value: string);
  readonly callbackUrlInput: string | undefined;
  /** `connector` for events of a channel of your own, otherwise `normal`. */
  get type(): string;
  set type(value: "normal" | "connector" | (string & {}));
  resetType(): void;
  readonly typeInput: "normal" | "connector" | (string & {}) | undefined;
  /** Id of the channel; for the type `connector`. */
  get connectorId(): string;
  set connectorId(value: string);
  resetConnectorId(): void;
  readonly connectorIdInput: string | undefined;
  /** Events to report ([list](https://docs.coze.cn/dev_how_to_guides/add_callback)). */
  get events(): string[];
  set events(value: readonly ("bot.published" | "bot.deleted" | "bot.unpublished" | "benefit.usage" | "benefit.plugin.scale.requested" | "benefit.plugin.scale.expired" | (string & {}))[]);
  resetEvents(): void;
  readonly eventsInput: readonly ("bot.published" | "bot.deleted" | "bot.unpublished" | "benefit.usage" | "benefit.plugin.scale.requested" | "benefit.plugin.scale.expired" | (string & {}))[] | undefined;
  /** Secret that Coze signs its callbacks with. It can't be changed. */
  get verifyToken(): string;
  /** What an apply that failed didn't come to, such as `publish`; the next one does it. Null when all was done. */
  get unfinished(): string[];
}

/** A callback app: where Coze reports events, such as the publication of a bot. */
export class CallbackApp extends CozeResource {
  static readonly tfResourceType = "coze_callback_app";
  declare readonly terraformResourceType: "coze_callback_app";

  constructor(scope: Construct, id: string, config: CallbackAppConfig) {
    super(scope, id, "coze_callback_app", config);
  }
}

exposeResource(CallbackApp);
