// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeCallbackApp}. */
export interface DataCozeCallbackAppConfig extends TerraformMetaArguments {
  /** Its id, instead of name. */
  readonly id?: string | undefined;
  /** Name of the callback app, up to 128 characters. */
  readonly name?: string | undefined;
}

export interface DataCozeCallbackApp {
  /** Its id, instead of name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** Name of the callback app, up to 128 characters. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** Where Coze posts events. It must be up before an apply: Coze posts a challenge there, to be echoed within 3 seconds. */
  get callbackUrl(): string;
  /** `connector` for events of a channel of your own, otherwise `normal`. */
  get type(): string;
  /** Id of the channel; for the type `connector`. */
  get connectorId(): string;
  /** Events to report ([list](https://docs.coze.cn/dev_how_to_guides/add_callback)). */
  get events(): string[];
  /** Secret that Coze signs its callbacks with. It can't be changed. */
  get verifyToken(): string;
}

/** A callback app: where Coze reports events, such as the publication of a bot. Looked up by `id`, or by name; it is an error if there is none or more than one. */
export class DataCozeCallbackApp extends CozeDataSource {
  static readonly tfResourceType = "coze_callback_app";
  declare readonly terraformResourceType: "coze_callback_app";

  constructor(scope: Construct, id: string, config: DataCozeCallbackAppConfig = {}) {
    super(scope, id, "coze_callback_app", config);
  }
}

exposeDataSource(DataCozeCallbackApp);
