// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozePlugin}. */
export interface DataCozePluginConfig extends TerraformMetaArguments {
  /** Its id, instead of name. */
  readonly id?: string | undefined;
  /** Name of the plugin in the store. */
  readonly name?: string | undefined;
}

export interface DataCozePlugin {
  /** Its id, instead of name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** Name of the plugin in the store. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What the plugin does. */
  get description(): string;
}

/** A plugin of Coze's store, looked up by name. Plugins of a workspace's own library have no list: refer to them by their ids. Looked up by `id`, or by name; it is an error if there is none or more than one. */
export class DataCozePlugin extends CozeDataSource {
  static readonly tfResourceType = "coze_plugin";
  declare readonly terraformResourceType: "coze_plugin";

  constructor(scope: Construct, id: string, config: DataCozePluginConfig = {}) {
    super(scope, id, "coze_plugin", config);
  }
}

exposeDataSource(DataCozePlugin);
