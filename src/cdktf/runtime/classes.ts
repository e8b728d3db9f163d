import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import * as classes from "../gen/index.ts";
import { CozeDataSource, CozeResource } from "./constructs.ts";

/** A class whose configuration isn't known by its type: the runtime checks it. */
type Made<Base> = new (scope: Construct, id: string, config: TerraformMetaArguments) => Base;

function classesOf<Base>(base: abstract new (...args: never[]) => Base): {
  readonly [type: string]: Made<Base>;
} {
  const found = Object.values(classes).filter((one) => one.prototype instanceof base);
  return Object.fromEntries(found.map((one) => [one.tfResourceType, one as unknown as Made<Base>]));
}

/** The classes of resources by Terraform's type, for what makes them from data. */
export const resourceClasses = classesOf(CozeResource);

/** The classes of data sources by Terraform's type. */
export const dataSourceClasses = classesOf(CozeDataSource);
