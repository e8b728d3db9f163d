import { join } from "node:path";
import { Annotations, type TerraformProvider, TerraformResource, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Diagnostic } from "../core/diagnostic.ts";
import { suggestAddress } from "../core/suggestions.ts";
import { findKind } from "../kind/find-kind.ts";
import { cozeProvider, kinds } from "../kinds/index.ts";
import { say } from "../messages/text.ts";
import { resourceType } from "../terraform/schema/names.ts";
import { providerSchema } from "../terraform/schema/provider-schema.ts";
import { openContext, resourceClasses } from "./manifests/context.ts";
import type { Planned, ProjectSnapshot, Source } from "./manifests/project-snapshot.ts";
import { readSync, sourceOf, textsOf } from "./manifests/read-sync.ts";
import { toAttributes } from "./manifests/values.ts";
import { providedBy, toConfig } from "./runtime/config.ts";
import type { CozeResource } from "./runtime/constructs.ts";
import { constructId, nameInTerraform, prefixOf } from "./runtime/identifier.ts";
import { checkOptions } from "./runtime/synthesize.ts";

/** Configuration of {@link CozeManifests}. */
export interface CozeManifestsConfig {
  /** The project: where `cozeform.yaml` and the manifests are. A relative path is below the directory of the process. */
  readonly directory: string;
  /** One of the environments of `cozeform.yaml`; its default environment unless given. */
  readonly environment?: string | undefined;
  /** What `${var.NAME}` stands for, over the environment's variables; a token becomes what Terraform will know. */
  readonly variables?: { readonly [name: string]: string | number | boolean };
  /** Which of several providers makes the resources. */
  readonly provider?: TerraformProvider | undefined;
  /** Providers for single kinds, by the kind's name, overriding `provider`: `{ CallbackApp: operations }`. */
  readonly providers?: { readonly [kind: string]: TerraformProvider };
  /**
   * Any text: then secrets that only go to Coze are given as write-only arguments, which no plan and no state keeps
   * (Terraform 1.11 and later), and another text sends them again.
   */
  readonly secretsVersion?: string | undefined;
}

const optionNames = [
  "directory",
  "environment",
  "variables",
  "provider",
  "providers",
  "secretsVersion",
] as const satisfies readonly (keyof CozeManifestsConfig)[];

/** Thrown for manifests that can't be used: the message has every problem with its file, line, column and hint. */
export class InvalidManifests extends Error {
  override readonly name = "InvalidManifests";
  readonly #diagnostics: readonly Diagnostic[];

  constructor(directory: string, text: string, diagnostics: readonly Diagnostic[]) {
    super(`${say("cdktf/manifests-invalid", { directory })}\n\n${text}`);
    this.#diagnostics = diagnostics;
    // The mistake is in the manifests, so the program's stack would only distract.
    this.stack = `${this.name}: ${this.message}`;
  }

  /** The same as data. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }
}

/**
 * A directory of cozeform's manifests as resources of Terraform: references between manifests are references between
 * resources, lookups are data sources, and what environment variables hold are sensitive variables of Terraform's.
 *
 *     const desk = new CozeManifests(this, "desk", { directory: "manifests", environment: "prod" });
 *     new TerraformOutput(this, "support", { value: desk.resource("Bot.support").id });
 *
 * `Bot.support` is `coze_bot.desk_support` in Terraform. Throws {@link InvalidManifests}.
 */
export class CozeManifests extends Construct {
  /** By address, such as `Bot.support` or `Document.faq["prices.txt"]`. */
  readonly resources: ReadonlyMap<string, CozeResource>;
  /** The environment that the manifests were read for. */
  readonly environment: string;
  /** Where the API of that environment answers. */
  readonly endpoint: string;

  constructor(scope: Construct, id: string, config: CozeManifestsConfig) {
    super(scope, id);
    checkOptions(config, this.node.path, optionNames);
    checkOptions(
      config.providers ?? {},
      `${this.node.path}.providers`,
      kinds.map(({ name }) => name),
    );
    const blueprint = read(sourceOf(this.node.path, config));
    this.environment = blueprint.environmentName;
    this.endpoint = blueprint.endpoint;
    this.resources = this.#make(blueprint, config, new Map(textsOf(config.variables)));
    for (const warning of blueprint.warnings) Annotations.of(this).addWarning(warning);
    this.node.addValidation({ validate: () => this.#findNamesakes() });
  }

  /** The resource of an address; throws an error that names the nearest one when there is none. */
  resource(address: string): CozeResource {
    const found = this.resources.get(address);
    if (found) return found;
    const known = [...this.resources.keys()].sort();
    const near = suggestAddress(address, known);
    const items = known.filter((one) => one.startsWith(`${address}[`));
    const shown = (items.length > 0 ? items : known).slice(0, 12).join(", ");
    const isListed = near === undefined || items.length > 0;
    const place = { path: this.node.path, address };
    throw new Error(
      isListed
        ? say("cdktf/no-resource-listed", { ...place, addresses: shown })
        : say("cdktf/no-resource-near", { ...place, near }),
    );
  }

  #make(
    blueprint: ProjectSnapshot,
    config: CozeManifestsConfig,
    tokens: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, CozeResource> {
    const made = new Map<string, CozeResource>();
    const prefix = prefixOf(this);
    const providerOf = (kind: string) => config.providers?.[kind] ?? config.provider;
    const around = openContext({
      scope: this,
      prefix,
      providerOf,
      tokens,
      secretsVersion: config.secretsVersion,
      absolute: (file) => join(blueprint.directory, file),
      resourceOf: (address) => made.get(address),
    });
    for (const planned of blueprint.resources) {
      const type = resourceType({ name: planned.kind });
      const { attributes } = providerSchema.resources[type] ?? { attributes: {} };
      const values = toAttributes(findKind(cozeProvider, planned.kind).fields, planned.spec, around);
      const Made = resourceClasses[type];
      if (!Made) throw new Error(`there is no construct for ${type}`);
      const construct = new Made(this, constructId(planned.address), {
        ...toConfig(attributes, values),
        ...describeHandling(planned, made),
        ...providedBy(providerOf(planned.kind)),
      });
      construct.overrideLogicalId(nameInTerraform(prefix, planned.address));
      made.set(planned.address, construct);
    }
    return made;
  }

  /** CDKTF writes one of two elements of one name and says nothing of the other. */
  #findNamesakes(): string[] {
    const own = new Map([...this.resources].map(([address, one]) => [nameOf(one), { address, one }]));
    return TerraformStack.of(this)
      .node.findAll()
      .filter((element) => TerraformResource.isTerraformResource(element))
      .flatMap((element) => {
        const twin = own.get(nameOf(element as TerraformResource));
        if (!twin || twin.one === element) return [];
        const { address, one } = twin;
        const paths = { path: this.node.path, other: element.node.path };
        return [say("cdktf/same-name", { address, ...paths, name: nameOf(one) })];
      });
  }
}

const nameOf = ({ terraformResourceType, friendlyUniqueId }: TerraformResource): string =>
  `${terraformResourceType}.${friendlyUniqueId}`;

function read(source: Source): ProjectSnapshot {
  const found = readSync(source);
  if ("refusal" in found)
    throw new InvalidManifests(source.directory, found.refusal.text, found.refusal.diagnostics);
  return found.blueprint;
}

/** What of a manifest's metadata Terraform has words for. */
function describeHandling({ lifecycle, comesAfter }: Planned, made: ReadonlyMap<string, CozeResource>) {
  const { preventDestroy, ignoreChanges } = lifecycle;
  const handling = {
    ...(preventDestroy ? { preventDestroy } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges: [...ignoreChanges] } : {}),
  };
  const dependsOn = comesAfter.flatMap((address) => made.get(address) ?? []);
  return {
    ...(Object.keys(handling).length > 0 ? { lifecycle: handling } : {}),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
  };
}
