import { DataResource, type ITerraformDependable, type TerraformElement } from "cdktf";
import { Construct } from "constructs";
import { nearest } from "../core/nearest.ts";
import type { CozeResource } from "./runtime/constructs.ts";
import { mergeConfig, replaceConstructs } from "./runtime/merge.ts";
import type { Config } from "./runtime/spelling.ts";
import type { CozeSpace, SpaceItem } from "./space.ts";

/** Configuration of {@link CozePromotion}. */
export interface CozePromotionConfig {
  /** The space that is tried out. */
  readonly from: CozeSpace;
  /** The space that gets the same, such as production's. */
  readonly to: CozeSpace;
  /** What is otherwise there, by the id of the construct in `from`; objects such as a model are merged. */
  readonly overrides?: { readonly [id: string]: Config };
  /** Ids of constructs in `from` that stay behind. */
  readonly except?: readonly string[];
}

/**
 * Makes in one space all that was added to another: the same configuration, with references to what was made there.
 * Nothing is touched before all of the first space is as it should be: an apply that fails there leaves the second as
 * it was. What is added to `from` later isn't promoted.
 *
 *     new CozePromotion(this, "release", { from: staging, to: production, overrides: { support: { name: "客服助手" } } });
 */
export class CozePromotion extends Construct {
  readonly #promoted = new Map<TerraformElement, CozeResource>();

  /** Throws when `overrides` or `except` name what isn't there, or what stays behind is needed. */
  constructor(scope: Construct, id: string, { from, to, overrides = {}, except = [] }: CozePromotionConfig) {
    super(scope, id);
    checkIds(from, [...Object.keys(overrides), ...except]);
    const staying = new Set(from.items.filter((item) => except.includes(item.id)).map(({ made }) => made));
    const ready = new DataResource(this, "ready", { dependsOn: from.items.map(({ made }) => made) });
    for (const item of from.items) {
      if (staying.has(item.made)) continue;
      const config = mergeConfig(this.#translate(from, to, item, staying), overrides[item.id] ?? {});
      const dependsOn = [...((config.dependsOn as ITerraformDependable[] | undefined) ?? []), ready];
      const copy = to.add(item.make, item.id, { ...config, dependsOn } as never);
      this.#promoted.set(item.made, copy);
    }
  }

  /** What was made for a resource of the first space; undefined for one that stayed behind. */
  promoted<Made extends CozeResource>(original: Made): Made | undefined {
    return this.#promoted.get(original) as Made | undefined;
  }

  #translate(
    from: CozeSpace,
    to: CozeSpace,
    item: SpaceItem,
    staying: ReadonlySet<TerraformElement>,
  ): Config {
    const { provider: _, ...config } = item.config;
    return replaceConstructs(config, (construct) => {
      if (staying.has(construct as CozeResource))
        throw new Error(`${this.node.path}: ${item.id} needs ${construct.node.id}, which stays behind`);
      if (construct === from.made) return to.made ?? construct;
      return this.#promoted.get(construct) ?? construct;
    });
  }
}

function checkIds(from: CozeSpace, ids: readonly string[]): void {
  const known = from.items.map(({ id }) => id);
  const wrong = ids.find((id) => !known.includes(id));
  if (wrong === undefined) return;
  const near = nearest(wrong, known);
  throw new Error(
    `${from.node.path} has no ${wrong}${near ? `: did you mean ${near}?` : `; it has ${known.join(", ") || "nothing yet"}`}`,
  );
}
