import { kinds } from "../../kinds/index.ts";
import { say } from "../../messages/text.ts";
import type { FunctionSchema, ProviderSchema } from "./attribute.ts";
import { dataSourceSchemas } from "./data-source-schema.ts";
import { type CozeKind, resourceType } from "./names.ts";
import { resourceSchema } from "./resource-schema.ts";
import { providerAttributes } from "./settings.ts";

/** Kinds that can be made, by the types of their resources. */
export const resourceKinds: ReadonlyMap<string, CozeKind> = new Map(
  kinds.filter(({ removal }) => removal !== undefined).map((kind) => [resourceType(kind), kind]),
);

const yaml = {
  name: "yaml",
  type: "string",
  description: 'The text of the manifests: `file("bot.yaml")`, or `templatefile(…)` where they hold `${…}`.',
} as const;

const directory = {
  name: "directory",
  type: "string",
  description:
    "Where the files are that the manifests name, such as `path.module`; at most one. Without it, paths are taken as they are.",
} as const;

const readManifests = ({ description }: Pick<FunctionSchema, "description">) =>
  ({
    description: `${description} \`spec\` has every attribute of the resource of the kind, null where the manifest gives none. Texts in files are read, paths of files are put below \`directory\`, words such as \`api\` are written out, maps of anything become JSON. References stay the names that the manifest uses; checks, dependencies and lifecycle are left out.`,
    parameters: [yaml],
    variadic: directory,
    returns: "dynamic",
  }) as const;

/** The functions that configurations call as `provider::coze::NAME(…)`. */
export const functionSchemas: { readonly [name: string]: FunctionSchema } = {
  manifest: {
    ...readManifests({ description: "Gives `{kind, name, spec}` of a text that holds one manifest." }),
    get summary() {
      return say("terraform-functions/manifest-summary");
    },
  },
  manifests: {
    ...readManifests({
      description: "Gives a tuple of `{kind, name, spec}`, one for each document of the text.",
    }),
    get summary() {
      return say("terraform-functions/manifests-summary");
    },
  },
};

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
