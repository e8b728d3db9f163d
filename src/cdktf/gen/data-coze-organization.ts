// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeOrganization}. */
export interface DataCozeOrganizationConfig extends TerraformMetaArguments {
  /** Id of the enterprise, such as `volcano_2105850001`, from the organization's settings page. */
  readonly enterprise: string;
  /** Name of the organization. */
  readonly name: string;
}

export interface DataCozeOrganization {
  /** Its id. */
  get id(): string;
  /** Id of the enterprise, such as `volcano_2105850001`, from the organization's settings page. */
  get enterprise(): string;
  set enterprise(value: string);
  readonly enterpriseInput: string | undefined;
  /** Name of the organization. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
}

/** An organization of an enterprise, looked up by name. Only the token of an enterprise's privileged app may list organizations. Looked up by enterprise and name; it is an error if there is none or more than one. */
export class DataCozeOrganization extends CozeDataSource {
  static readonly tfResourceType = "coze_organization";
  declare readonly terraformResourceType: "coze_organization";

  constructor(scope: Construct, id: string, config: DataCozeOrganizationConfig) {
    super(scope, id, "coze_organization", config);
  }
}

exposeDataSource(DataCozeOrganization);
