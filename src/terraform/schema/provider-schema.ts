import { kinds } from "../../kinds/index.ts";
import { functionSchemas } from "../functions/functions.ts";
import { dataSourceSchemas } from "../provider/data-sources.ts";
import { providerAttributes } from "../provider/settings.ts";
import type { ProviderSchema } from "./attribute.ts";
import type { CozeKind } from "./coze-kind.ts";
import { resourceType } from "./names.ts";
import { resourceSchema } from "./resource-schema.ts";

/** Kinds that can be made, by the types of their resources. */
export const resourceKinds: ReadonlyMap<string, CozeKind> = new Map(
  kinds.filter(({ removal }) => removal !== undefined).map((kind) => [resourceType(kind), kind]),
);

/** All that the provider has: every kind as a resource, every kind that shows what it is as a data source. */
export const providerSchema: ProviderSchema = {
  provider: {
    version: 0,
    description: "Manages agents, knowledge and workspaces of Coze (扣子).",
    attributes: providerAttributes,
  },
  resources: Object.fromEntries([...resourceKinds].map(([type, kind]) => [type, resourceSchema(kind)])),
  dataSources: dataSourceSchemas,
  functions: functionSchemas,
};
