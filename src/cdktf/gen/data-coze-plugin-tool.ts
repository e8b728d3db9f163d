// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozePluginTool}. */
export interface DataCozePluginToolConfig extends TerraformMetaArguments {
  /** Its id, instead of plugin and name. */
  readonly id?: string | undefined;
  /** The plugin that the tool is part of. */
  readonly plugin?: Reference<"coze_plugin"> | undefined;
  /** Name of the tool, as the plugin's page shows it. */
  readonly name?: string | undefined;
}

export interface DataCozePluginTool {
  /** Its id, instead of plugin and name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The plugin that the tool is part of. */
  get plugin(): string;
  set plugin(value: Reference<"coze_plugin">);
  resetPlugin(): void;
  readonly pluginInput: Reference<"coze_plugin"> | undefined;
  /** Name of the tool, as the plugin's page shows it. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What the tool does. */
  get description(): string;
}

/** A tool of a plugin, looked up by its name; where Coze doesn't show it there, refer to it by its id. Looked up by `id`, or by plugin and name; it is an error if there is none or more than one. */
export class DataCozePluginTool extends CozeDataSource {
  static readonly tfResourceType = "coze_plugin_tool";
  declare readonly terraformResourceType: "coze_plugin_tool";

  constructor(scope: Construct, id: string, config: DataCozePluginToolConfig = {}) {
    super(scope, id, "coze_plugin_tool", config);
  }
}

exposeDataSource(DataCozePluginTool);
