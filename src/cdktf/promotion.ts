import {
  Annotations,
  DataResource,
  type ITerraformDependable,
  type ITerraformIterator,
  TerraformAsset,
  TerraformDataSource,
  TerraformElement,
  TerraformLocal,
  TerraformStack,
} from "cdktf";
import { Construct } from "constructs";
import { suggest } from "../core/suggestions.ts";
import { say } from "../messages/text.ts";
import { type Counterparts, isAddressed, resolveIn, translate } from "./promotion/translation.ts";
import { type Config, mergeConfig, toId } from "./runtime/config.ts";
import type { CozeResource } from "./runtime/constructs.ts";
import { inputsOf } from "./runtime/inputs.ts";
import { checkOptions } from "./runtime/synthesize.ts";
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
  readonly except?: readonly string[] | undefined;
}

/**
 * Makes in one space all that was added to another: the same configuration, with references to what was made there, also
 * in texts and in `overrides`. Nothing is touched before all of the first space is as it should be: an apply that fails
 * there leaves the second as it was. What is added to `from` or set there later isn't promoted, nor is what `addOverride`
 * was told: `promoted()` gives what was made. Each space has defaults of its own: those of `from` aren't promoted.
 *
 *     new CozePromotion(this, "release", { from: staging, to: production, overrides: { support: { name: "客服助手" } } });
 *
 * Where the two are in different stacks, that of `to` is deployed after that of `from`.
 */
export class CozePromotion extends Construct {
  readonly #promoted = new Map<TerraformElement, CozeResource>();
  readonly #started = new Set<string>();
  readonly #config: CozePromotionConfig;
  readonly #from: TerraformStack;
  readonly #to: TerraformStack;
  readonly #after: readonly ITerraformDependable[];
  #addresses: ReadonlyMap<string, TerraformElement> | undefined;

  /**
   * Throws when `overrides` or `except` name what isn't there, when what stays behind is needed, and where a reference
   * can't be translated.
   */
  constructor(scope: Construct, id: string, config: CozePromotionConfig) {
    super(scope, id);
    const { from, to, overrides = {}, except = [] } = config;
    checkOptions(config, this.node.path, ["from", "to", "overrides", "except"]);
    this.#config = config;
    this.#from = TerraformStack.of(from);
    this.#to = TerraformStack.of(to);
    checkIds(from, [...Object.keys(overrides), ...except]);
    if (from === to) throw this.#refusal(say("cdktf/same-space"));
    this.#after = this.#follow();
    for (const item of from.items) if (!except.includes(item.id)) this.#promote(item);
    this.#warnOfLater();
  }

  /** What was made for a resource of the first space; undefined for one that stayed behind. */
  promoted<Made extends CozeResource>(original: Made): Made | undefined {
    return this.#promoted.get(original) as Made | undefined;
  }

  /** Warns at synthesis about resources and settings that were added after the promotion was constructed. */
  #warnOfLater(): void {
    const { from, except = [] } = this.#config;
    const settings = () => [...this.#promoted].map((pair) => pair.map((one) => inputsOf(one).all()));
    const before = settings();
    const findLater = (): readonly string[] => {
      const late = from.items.filter(({ id, made }) => !except.includes(id) && !this.#promoted.has(made));
      // Aspects set the same on both, so that nothing is missing.
      const changed = settings().map(
        ([own, copy], index) => own !== before[index]?.[0] && copy === before[index]?.[1],
      );
      const set = [...this.#promoted.keys()].filter((_, index) => changed[index]);
      return [
        ...late.map(({ id }) => say("cdktf/added-later", { id })),
        ...set.map(({ node }) => say("cdktf/set-later", { id: node.id })),
      ];
    };
    const warn = (text: string) => Annotations.of(this).addWarning(text);
    this.node.addValidation({
      validate: () => {
        findLater().forEach(warn);
        return [];
      },
    });
  }

  /** What everything that is promoted waits for: all of the first space, or its stack. */
  #follow(): readonly ITerraformDependable[] {
    if (this.#from === this.#to) {
      const dependsOn = this.#config.from.items.map(({ made }) => made);
      return [new DataResource(this, "ready", { dependsOn })];
    }
    this.#to.addDependency(this.#from);
    return [];
  }

  #promote(item: SpaceItem): CozeResource {
    const { to, overrides = {} } = this.#config;
    const done = this.#promoted.get(item.made);
    if (done) return done;
    if (this.#started.has(item.id)) throw this.#refusal(say("cdktf/circular", { id: item.id }));
    this.#started.add(item.id);
    const { provider, ...own } = item.config;
    if (provider !== undefined && !("provider" in (overrides[item.id] ?? {})))
      throw this.#refusal(say("cdktf/own-provider", { id: item.id, space: to.node.path }));
    const config = this.#translate(item, mergeConfig(own, overrides[item.id] ?? {}));
    if (to.node.tryFindChild(item.id))
      throw this.#refusal(say("cdktf/id-taken", { id: item.id, space: to.node.path }));
    const copy = to.add(item.make, item.id, config as never);
    this.#promoted.set(item.made, copy);
    return copy;
  }

  #translate(item: SpaceItem, config: Config): Config {
    const refuse = (problem: string): never => {
      throw this.#refusal(say("cdktf/override", { problem, id: item.id }));
    };
    const counterparts: Counterparts = {
      from: this.#from,
      to: this.#to,
      elementAt: (address) => {
        const element = this.#findAddress(address);
        return isAddressed(element) ? element : undefined;
      },
      configurationAt: (address) => this.#configurationAt(address),
      counterpartOfId: (resolved) => this.#counterpartOfId(resolved),
      ownPaths: this.#from === this.#to ? [] : assetPathsIn(this.#from),
      counterpartOf: (element, place) => this.#counterpartOf(element, place, refuse),
      refuse,
    };
    const entries = Object.entries(config).map(([property, value]): [string, unknown] => {
      const place = `${item.id}.${property}`;
      if (property === "forEach") this.#checkIterator(value, place, counterparts);
      return [property, translate(value, place, counterparts)];
    });
    const { dependsOn = [], ...rest } = Object.fromEntries(entries);
    const before = [...(dependsOn as ITerraformDependable[]), ...this.#after];
    const near = before.filter((one) => !this.#isFar(one));
    return near.length > 0 ? { ...rest, dependsOn: near } : rest;
  }

  /** An iterator can't be made again, so that it must be about nothing that has a counterpart. */
  #checkIterator(iterator: unknown, place: string, counterparts: Counterparts): void {
    const over: unknown = (iterator as ITerraformIterator | undefined)?._getForEachExpression();
    const told = (value: unknown) => JSON.stringify(resolveIn(this.#from, value) ?? null);
    if (told(over) !== told(translate(over, place, counterparts)))
      counterparts.refuse(say("cdktf/untranslatable", { place, value: told(over) }));
  }

  /** Terraform waits for nothing in another stack: stacks wait for each other. */
  #isFar(one: ITerraformDependable): boolean {
    return isAddressed(one) && TerraformStack.of(one) !== this.#to;
  }

  #counterpartOf(element: TerraformElement, place: string, refuse: (problem: string) => never): unknown {
    const { from, to, except = [] } = this.#config;
    if (isAddressed(element) && this.#idOf(element) === this.#idOf(from.workspace)) return to.workspace;
    const item = from.items.find(({ made }) => made === element);
    if (item && except.includes(item.id)) return refuse(say("cdktf/needs-excepted", { place, id: item.id }));
    if (item) return this.#promote(item);
    if (this.#isInside(element))
      return refuse(say("cdktf/needs-unadded", { place, element: element.node.path, space: from.node.path }));
    return element;
  }

  /** Whether an element is in the space that is promoted from, in CDKTF or at Coze. */
  #isInside(element: TerraformElement): boolean {
    const { from, to } = this.#config;
    const own = this.#idOf(from.workspace);
    if (!isAddressed(element) || own === this.#idOf(to.workspace)) return false;
    const { workspace } = inputsOf(element).all();
    return element.node.scopes.includes(from) || (workspace !== undefined && this.#idOf(workspace) === own);
  }

  /** As Terraform's text, so that ids that aren't known yet can be compared. */
  #idOf(reference: unknown): string {
    return JSON.stringify(resolveIn(this.#from, toId(reference)) ?? null);
  }

  /** The counterpart of the space itself, whose id may be a variable or a text as well. */
  #counterpartOfId(resolved: unknown): unknown {
    const { from, to } = this.#config;
    const own = resolveIn(this.#from, toId(from.workspace));
    const isOwn = typeof resolved === "string" && resolved === own && !isAddressed(from.workspace);
    return isOwn ? toId(to.workspace) : undefined;
  }

  #configurationAt(address: string): unknown {
    const element = this.#findAddress(address);
    return element && resolveIn(this.#from, element.toTerraform());
  }

  #findAddress(address: string): TerraformElement | undefined {
    this.#addresses ??= new Map(
      this.#from.node
        .findAll()
        .filter((one) => TerraformElement.isTerraformElement(one))
        .map((element) => [addressOf(element), element]),
    );
    return this.#addresses.get(address);
  }

  #refusal(what: string): Error {
    return new Error(`${this.node.path}: ${what}`);
  }
}

function checkIds(from: CozeSpace, ids: readonly string[]): void {
  const known = from.items.map(({ id }) => id);
  const wrong = ids.find((id) => !known.includes(id));
  if (wrong === undefined) return;
  const near = suggest(wrong, known);
  const place = { space: from.node.path, id: wrong };
  if (near) throw new Error(say("cdktf/no-item-near", { ...place, near }));
  if (known.length === 0) throw new Error(say("cdktf/no-items", place));
  throw new Error(say("cdktf/no-item", { ...place, known: known.join(", ") }));
}

const assetPathsIn = (stack: TerraformStack): readonly string[] =>
  stack.node.findAll().flatMap((one) => (one instanceof TerraformAsset ? [one.path] : []));

/**
 * `coze_bot.support`, `data.coze_bot.support`, `local.ids`. CDKTF settles a name where it is asked for one, and then takes no
 * other: so it isn't asked.
 */
function addressOf(element: TerraformElement): string {
  const { _logicalIdOverride: given } = element as unknown as { readonly _logicalIdOverride?: string };
  const name = given ?? TerraformStack.of(element).getLogicalId(element);
  if (element instanceof TerraformLocal) return `local.${name}`;
  if (!isAddressed(element)) return element.node.path;
  return `${TerraformDataSource.isTerraformDataSource(element) ? "data." : ""}${element.terraformResourceType}.${name}`;
}
