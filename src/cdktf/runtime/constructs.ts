import {
  ImportableResource,
  TerraformDataSource,
  type TerraformElement,
  type TerraformMetaArguments,
  TerraformProvider,
  TerraformResource,
} from "cdktf";
import type { Construct } from "constructs";
import { version } from "../../core/version.ts";
import type { Attributes, Schema } from "../../terraform/schema/attribute.ts";
import { providerSchema } from "../../terraform/schema/provider-schema.ts";
import { exposeAttributes } from "./accessors.ts";
import { type Config, providedBy } from "./config.ts";
import { ownLetters } from "./identifier.ts";
import { inputsOf, takeInputs } from "./inputs.ts";
import { checkProperties, synthesize, synthesizeHcl } from "./synthesize.ts";

/** An id: as a text, or of the construct that has it. */
export type Reference<Type extends string> = string | Identified<Type>;

interface Identified<Type extends string> {
  readonly terraformResourceType: Type;
  readonly id: string;
}

/** What every construct's configuration may hold beside the attributes. */
const metaArguments = [
  "dependsOn",
  "count",
  "provider",
  "lifecycle",
  "provisioners",
  "connection",
  "forEach",
] as const satisfies readonly (keyof TerraformMetaArguments)[];

/** Constructs and the provider that runs them belong together. */
const terraformGeneratorMetadata = {
  providerName: "coze",
  providerVersion: version,
  providerVersionConstraint: version,
};

function start(type: string, config: TerraformMetaArguments) {
  const given = metaArguments.map((name) => [name, config[name]] as const);
  return { terraformResourceType: type, terraformGeneratorMetadata, ...Object.fromEntries(given) };
}

function schemaOf(schemas: { readonly [type: string]: Schema }, type: string): Schema {
  const schema = schemas[type];
  if (!schema) throw new Error(`the provider has no ${type}`);
  return schema;
}

/** A resource of the provider. */
export abstract class CozeResource extends TerraformResource {
  readonly #attributes: Attributes;

  constructor(scope: Construct, id: string, type: string, config: TerraformMetaArguments) {
    super(scope, id, start(type, config));
    this.#attributes = schemaOf(providerSchema.resources, type).attributes;
    begin(this, this.#attributes, config, metaArguments);
    keepLetters(this);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Has `cdktf plan` write the configuration of an object that is there already, for the construct `importToId`. */
  static generateConfigForImport(
    this: { readonly tfResourceType: string },
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return new ImportableResource(scope, importToId, {
      // biome-ignore lint/complexity/noThisInStatic: each class that inherits this has a type of its own
      terraformResourceType: this.tfResourceType,
      importId: importFromId,
      ...providedBy(provider),
    });
  }

  protected override synthesizeAttributes() {
    return synthesize(this.#attributes, inputsOf(this).all());
  }

  protected override synthesizeHclAttributes() {
    return synthesizeHcl(this.#attributes, inputsOf(this).all());
  }
}

/** A data source of the provider. */
export abstract class CozeDataSource extends TerraformDataSource {
  readonly #attributes: Attributes;

  constructor(scope: Construct, id: string, type: string, config: TerraformMetaArguments) {
    super(scope, id, start(type, config));
    this.#attributes = schemaOf(providerSchema.dataSources, type).attributes;
    begin(this, this.#attributes, config, metaArguments);
    keepLetters(this);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes() {
    return synthesize(this.#attributes, inputsOf(this).all());
  }

  protected override synthesizeHclAttributes() {
    return synthesizeHcl(this.#attributes, inputsOf(this).all());
  }
}

/** Where Terraform finds the provider. */
const source = "cozeform/coze";

/** The provider itself: who talks to Coze, and how. */
export abstract class CozeProviderBase extends TerraformProvider {
  static readonly tfResourceType: string = "coze";
  #alias: string | undefined;

  constructor(scope: Construct, id: string, config: { readonly alias?: string | undefined }) {
    super(scope, id, {
      terraformResourceType: "coze",
      terraformGeneratorMetadata,
      terraformProviderSource: source,
    });
    begin(this, providerSchema.provider.attributes, config, ["alias"]);
    this.#alias = config.alias;
  }

  /** Tells several of them apart: resources name the one that they are made by. */
  override get alias(): string | undefined {
    return this.#alias;
  }

  override set alias(name: string | undefined) {
    this.#alias = name;
  }

  get aliasInput(): string | undefined {
    return this.#alias;
  }

  resetAlias(): void {
    this.#alias = undefined;
  }

  protected override synthesizeAttributes() {
    return synthesize(providerSchema.provider.attributes, inputsOf(this).all());
  }

  protected override synthesizeHclAttributes() {
    return synthesizeHcl(providerSchema.provider.attributes, inputsOf(this).all());
  }
}

function begin(
  construct: Construct,
  attributes: Attributes,
  config: object,
  others: readonly string[],
): void {
  checkProperties(attributes, config as Config, construct.node.path, others);
  takeInputs(construct, attributes, config as Config);
}

/** CDKTF leaves letters of other scripts out of names: two directly in a stack would be one, and one be lost. */
function keepLetters(element: TerraformElement): void {
  const name = ownLetters(element.node.id, element.cdktfStack.getLogicalId(element));
  if (name !== undefined) element.overrideLogicalId(name);
}

/** Gives a class of resources the members of its type's attributes. */
export const exposeResource = (of: {
  readonly tfResourceType: string;
  readonly prototype: CozeResource;
}): void =>
  exposeAttributes(of.prototype, schemaOf(providerSchema.resources, of.tfResourceType).attributes, "token");

/** Gives a class of data sources the members of its type's attributes. */
export const exposeDataSource = (of: {
  readonly tfResourceType: string;
  readonly prototype: CozeDataSource;
}): void =>
  exposeAttributes(of.prototype, schemaOf(providerSchema.dataSources, of.tfResourceType).attributes, "token");

/** Gives a provider's class the members of its attributes. */
export const exposeProvider = (of: { readonly prototype: CozeProviderBase }): void =>
  exposeAttributes(of.prototype, providerSchema.provider.attributes, "input");
