// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeVoice}. */
export interface DataCozeVoiceConfig extends TerraformMetaArguments {
  /** Its id, instead of name. */
  readonly id?: string | undefined;
  /** Name of the voice. */
  readonly name?: string | undefined;
  /** Code of its language, such as `zh` or `en`. */
  readonly language?: string | undefined;
  /** The type of its model. */
  readonly model?: string | undefined;
  /** `system` for one of Coze's own voices, `cloned` for one that a user made. */
  readonly origin?: string | undefined;
}

export interface DataCozeVoice {
  /** Its id, instead of name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** Name of the voice. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** Code of its language, such as `zh` or `en`. */
  get language(): string;
  set language(value: string);
  resetLanguage(): void;
  readonly languageInput: string | undefined;
  /** The type of its model. */
  get model(): string;
  set model(value: string);
  resetModel(): void;
  readonly modelInput: string | undefined;
  /** `system` for one of Coze's own voices, `cloned` for one that a user made. */
  get origin(): string;
  set origin(value: string);
  resetOrigin(): void;
  readonly originInput: string | undefined;
  /** What its sample says. */
  get previewText(): string;
}

/** A voice that the token's user may use: one of Coze's own, or one that was cloned. Looked up by `id`, or by name; it is an error if there is none or more than one. */
export class DataCozeVoice extends CozeDataSource {
  static readonly tfResourceType = "coze_voice";
  declare readonly terraformResourceType: "coze_voice";

  constructor(scope: Construct, id: string, config: DataCozeVoiceConfig = {}) {
    super(scope, id, "coze_voice", config);
  }
}

exposeDataSource(DataCozeVoice);
