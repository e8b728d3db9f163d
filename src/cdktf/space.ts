import { type TerraformMetaArguments, type TerraformProvider, Token } from "cdktf";
import { Construct } from "constructs";
import { say } from "../messages/text.ts";
import { providerSchema } from "../terraform/schema/provider-schema.ts";
import type { BotConfig } from "./gen/bot.ts";
import type { CopyConfig } from "./gen/copy.ts";
import type { DatasetConfig } from "./gen/dataset.ts";
import { Workspace, type WorkspaceConfig } from "./gen/workspace.ts";
import { WorkspaceMember, type WorkspaceMemberConfig } from "./gen/workspace-member.ts";
import { applyChanges, type Config, mergeConfig, providedBy } from "./runtime/config.ts";
import type { CozeResource, Reference } from "./runtime/constructs.ts";
import { inputsOf } from "./runtime/inputs.ts";
import { checkOptions } from "./runtime/synthesize.ts";

/** Configuration of what is in a space, which needn't say in which. */
export type Inside<Of> = Omit<Of, "workspace">;

type Default<Of> = Partial<Omit<Inside<Of>, keyof TerraformMetaArguments>>;

/** What resources of a space have where they don't say otherwise; objects such as a model are merged. */
export interface CozeSpaceDefaults {
  readonly bot?: Default<BotConfig> | undefined;
  readonly dataset?: Default<DatasetConfig> | undefined;
  readonly copy?: Default<CopyConfig> | undefined;
}

interface Common {
  /** Who works in it, beside the owner. */
  readonly members?: readonly Inside<WorkspaceMemberConfig>[] | undefined;
  readonly defaults?: CozeSpaceDefaults | undefined;
  /** Which of several providers makes all that is in the space. */
  readonly provider?: TerraformProvider | undefined;
}

/** Configuration of {@link CozeSpace}: of a workspace that is to be made, or one that is there. */
export type CozeSpaceConfig = Common &
  (WorkspaceConfig | { readonly workspace: Reference<"coze_workspace"> });

/** A class of resources. */
export type ResourceClass<Of, Made extends CozeResource> = {
  readonly tfResourceType: string;
  new (scope: Construct, id: string, config: Of): Made;
};

/** One resource of a space, and how it was made. */
export interface SpaceItem {
  readonly id: string;
  readonly make: ResourceClass<never, CozeResource>;
  /** As it was given and changed since, without the space's defaults. */
  readonly config: Config;
  readonly made: CozeResource;
}

/**
 * A workspace, its members, and what is in it. Resources that are added needn't say which workspace they are in, and
 * have the space's defaults and provider:
 *
 *     const desk = new CozeSpace(this, "desk", { name: "客服中心", description: "…", defaults: { bot: { model } } });
 *     const faq = desk.add(Dataset, "faq", { name: "常见问题", format: "text" });
 *     desk.add(Bot, "support", { name: "客服助手", prompt, knowledge: { datasets: [faq] } });
 */
export class CozeSpace extends Construct {
  /** The workspace that was made; undefined where one was given. */
  readonly made: Workspace | undefined;
  readonly workspace: Reference<"coze_workspace">;
  readonly #defaults: CozeSpaceDefaults;
  readonly #provider: TerraformProvider | undefined;
  readonly #items: (() => SpaceItem)[] = [];

  constructor(scope: Construct, id: string, config: CozeSpaceConfig) {
    super(scope, id);
    const { members = [], defaults = {}, ...own } = config;
    this.#defaults = defaults;
    this.#provider = config.provider;
    const where = this.node.path;
    checkOptions(defaults, `${where}.defaults`, ["bot", "dataset", "copy"]);
    if ("workspace" in own)
      checkOptions(own, say("cdktf/existing-workspace", { path: where }), ["workspace", "provider"]);
    if ("workspace" in own && !own.workspace)
      throw new Error(say("cdktf/workspace-missing", { path: where }));
    this.made = "workspace" in own ? undefined : new Workspace(this, "workspace", own);
    this.workspace = "workspace" in own ? own.workspace : (this.made as Workspace);
    for (const [index, member] of members.entries()) {
      this.#checkMember(member.userId, `${where}.members[${index}]`);
      new WorkspaceMember(this, `member-${member.userId}`, {
        ...member,
        workspace: this.workspace,
        ...providedBy(member.provider ?? this.#provider),
      });
    }
  }

  /** A member's construct is called by the user, so that it stays the same one wherever it stands in the list. */
  #checkMember(userId: string, where: string): void {
    if (Token.isUnresolved(userId)) throw new Error(say("cdktf/member-unknown", { where }));
    if (this.node.tryFindChild(`member-${userId}`))
      throw new Error(say("cdktf/member-twice", { where, user: userId }));
  }

  /** What was added, in that order. */
  get items(): readonly SpaceItem[] {
    return this.#items.map((look) => look());
  }

  /** Makes a resource in the space; of those that aren't in a workspace themselves, such as documents, beside it. */
  add<Of extends TerraformMetaArguments, Made extends CozeResource>(
    make: ResourceClass<Of, Made>,
    id: string,
    config: Inside<Of>,
  ): Made {
    const type = make.tfResourceType;
    const isInside = Object.hasOwn(providerSchema.resources[type]?.attributes ?? {}, "workspace");
    const complete = mergeConfig(
      {
        ...this.#defaults[type.replace(/^coze_/u, "") as keyof CozeSpaceDefaults],
        ...(isInside ? { workspace: this.workspace } : {}),
        provider: this.#provider,
      },
      config as Config,
    );
    if (this.node.tryFindChild(id)) throw new Error(say("cdktf/id-twice", { path: this.node.path, id }));
    const made = new make(this, id, complete as unknown as Of);
    const before = settingsOf(made);
    this.#items.push(() => ({
      id,
      make: make as ResourceClass<never, CozeResource>,
      config: applyChanges(config as Config, before, settingsOf(made)),
      made,
    }));
    return made;
  }
}

/** What a resource is told, beside what is in other places: each may be set after it was made. */
function settingsOf(made: CozeResource): Config {
  const { count, forEach, lifecycle, connection, provisioners } = made;
  return { ...inputsOf(made).all(), count, forEach, lifecycle, connection, provisioners };
}
