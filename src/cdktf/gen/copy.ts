// Made from the kinds by npm run generate: change those, and run it again.
import type { ComplexObject, TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link Copy}. */
export interface CopyConfig extends TerraformMetaArguments {
  /** What is copied. */
  readonly type: "bot" | "app" | "workflow" | (string & {});
  /** The original. The token's user must be in its workspace and in the one it is copied to; objects of a personal workspace can only be copied within it. */
  readonly source: CopySource;
  /** The workspace that the copy is made in. */
  readonly workspace: Reference<"coze_workspace">;
  /** Any text. Another text makes a new copy: references move to it, and the old copy stays in Coze. */
  readonly revision?: string | undefined;
  /** How long Coze's own work is waited for. The next apply continues to wait for what takes longer. */
  readonly timeouts?: CopyTimeouts | undefined;
}

/** The original. The token's user must be in its workspace and in the one it is copied to; objects of a personal workspace can only be copied within it. */
export interface CopySource {
  /** Its id. */
  readonly id?: string | undefined;
  /** A bot. */
  readonly bot?: Reference<"coze_bot"> | undefined;
  /** A workflow. */
  readonly workflow?: Reference<"coze_workflow"> | undefined;
}

export interface CopySourceOutputReference extends ComplexObject {
  /** Its id. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** A bot. */
  get bot(): string;
  set bot(value: Reference<"coze_bot">);
  resetBot(): void;
  readonly botInput: Reference<"coze_bot"> | undefined;
  /** A workflow. */
  get workflow(): string;
  set workflow(value: Reference<"coze_workflow">);
  resetWorkflow(): void;
  readonly workflowInput: Reference<"coze_workflow"> | undefined;
}

/** How long Coze's own work is waited for. The next apply continues to wait for what takes longer. */
export interface CopyTimeouts {
  /** How long a creation may take, such as `"90s"`, `"10m"` or `"1h30m"`. Default 30 minutes of waiting. */
  readonly create?: string | undefined;
}

export interface CopyTimeoutsOutputReference extends ComplexObject {
  /** How long a creation may take, such as `"90s"`, `"10m"` or `"1h30m"`. Default 30 minutes of waiting. */
  get create(): string;
  set create(value: string);
  resetCreate(): void;
  readonly createInput: string | undefined;
}

export interface Copy {
  /** Id that Coze gave it. */
  get id(): string;
  /** What is copied. */
  get type(): string;
  set type(value: "bot" | "app" | "workflow" | (string & {}));
  readonly typeInput: "bot" | "app" | "workflow" | (string & {}) | undefined;
  /** The original. The token's user must be in its workspace and in the one it is copied to; objects of a personal workspace can only be copied within it. */
  get source(): CopySourceOutputReference;
  putSource(value: CopySource): void;
  readonly sourceInput: CopySource | undefined;
  /** The workspace that the copy is made in. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Any text. Another text makes a new copy: references move to it, and the old copy stays in Coze. */
  get revision(): string;
  set revision(value: string);
  resetRevision(): void;
  readonly revisionInput: string | undefined;
  /** What the copy is called; Coze takes it from the original. */
  get name(): string;
  /** Coze's task that is still making it; the next apply goes on waiting for it. Null when it is made. */
  get task(): string;
  /** What an apply that failed didn't come to, such as `publish`; the next one does it. Null when all was done. */
  get unfinished(): string[];
  /** How long Coze's own work is waited for. The next apply continues to wait for what takes longer. */
  get timeouts(): CopyTimeoutsOutputReference;
  putTimeouts(value: CopyTimeouts): void;
  resetTimeouts(): void;
  readonly timeoutsInput: CopyTimeouts | undefined;
}

/** A copy of a bot, app or workflow: the only way to make an app or a workflow through the API. */
export class Copy extends CozeResource {
  static readonly tfResourceType = "coze_copy";
  declare readonly terraformResourceType: "coze_copy";

  constructor(scope: Construct, id: string, config: CopyConfig) {
    super(scope, id, "coze_copy", config);
  }
}

exposeResource(Copy);
