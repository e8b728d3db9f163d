import {
  AssetType,
  TerraformAsset,
  type TerraformMetaArguments,
  type TerraformProvider,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import type { Construct } from "constructs";
import { parseAddress } from "../../core/address.ts";
import { digestOf } from "../../core/digest.ts";
import { canonicalJson, type FileContent, isLookup, type Lookup } from "../../core/value.ts";
import { findKind } from "../../kind/find-kind.ts";
import { cozeProvider } from "../../kinds/index.ts";
import { say } from "../../messages/text.ts";
import { resourceType } from "../../terraform/schema/names.ts";
import { providerSchema } from "../../terraform/schema/provider-schema.ts";
import * as classes from "../gen/index.ts";
import { providedBy, toConfig } from "../runtime/config.ts";
import { CozeDataSource, CozeResource } from "../runtime/constructs.ts";
import { constructId, sourceNameInTerraform } from "../runtime/identifier.ts";
import { asTemplate, type ConstructContext, toTemplate } from "./values.ts";

/** What the constructs are made in. */
interface ContextInput {
  readonly scope: Construct;
  /** What the names of all that is made begin with in Terraform. */
  readonly prefix: string;
  readonly providerOf: (kind: string) => TerraformProvider | undefined;
  /** Variables of the manifests that only Terraform knows. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly secretsVersion: string | undefined;
  /** Where a file of the project is. */
  readonly absolute: (file: string) => string;
  readonly resourceOf: (address: string) => CozeResource | undefined;
}

/** Makes a construct for each data source, file and variable that manifests call for, when it is first called for. */
export function openContext(ground: ContextInput): ConstructContext {
  const files = new Map<string, TerraformAsset>();
  const sources = new Map<string, CozeDataSource>();
  const around: ConstructContext = {
    idOf(address) {
      const resource = ground.resourceOf(address);
      if (!resource) throw new Error(`${address} isn't made before it is referred to`);
      return resource.id;
    },
    lookUp(kind, words) {
      const identity = canonicalJson({ kind, words });
      const source = sources.get(identity) ?? makeSource(ground, around, kind, words, identity);
      sources.set(identity, source);
      return source.id;
    },
    placeOf(file) {
      const asset = files.get(file.$file) ?? makeAsset(ground, file);
      files.set(file.$file, asset);
      return asTemplate(asset.path);
    },
    fill(name) {
      const [, place, own = ""] = /^(env|var)\.(.*)$/su.exec(name) ?? [];
      return place === "env" ? variableOf(ground.scope, own).stringValue : (ground.tokens.get(own) ?? "");
    },
    secretsVersion: ground.secretsVersion,
  };
  return around;
}

/** The path that Terraform sees has the content's hash in it, and nothing of the machine. */
const makeAsset = ({ scope, absolute }: ContextInput, { $file, sha256 }: FileContent): TerraformAsset =>
  new TerraformAsset(scope, constructId(`file ${$file}`), {
    path: absolute($file),
    type: AssetType.FILE,
    assetHash: sha256.slice(0, 32),
  });

function makeSource(
  ground: ContextInput,
  around: ConstructContext,
  kind: string,
  words: Lookup["$lookup"],
  identity: string,
): CozeDataSource {
  const type = resourceType({ name: kind });
  const Made = dataSourceClasses[type];
  const { attributes } = providerSchema.dataSources[type] ?? { attributes: {} };
  if (!Made) throw new Error(`there is no data source ${type}`);
  const values = Object.entries(words).map(
    ([name, word]) => [name, wordOf(around, kind, name, word)] as const,
  );
  const source = new Made(ground.scope, `lookup ${kind} ${digestOf(identity).slice(0, 6)}`, {
    ...toConfig(attributes, Object.fromEntries(values)),
    ...providedBy(ground.providerOf(kind)),
  });
  const { parent } = findKind(cozeProvider, kind);
  const told = Object.entries(words).flatMap(([name, word]) =>
    name === parent || typeof word !== "string" ? [] : [word],
  );
  source.overrideLogicalId(sourceNameInTerraform(ground.prefix, told, identity));
  return source;
}

/** What holds an object is an id, the address of a resource, or itself looked up. */
function wordOf(around: ConstructContext, kind: string, name: string, word: string | Lookup): string {
  const field = findKind(cozeProvider, kind).fields[name];
  if (field?.type !== "ref") return toTemplate(String(word), around);
  if (isLookup(word)) return around.lookUp(field.kind, word.$lookup);
  return parseAddress(word) ? around.idOf(word) : toTemplate(word, around);
}

/** The stack's variable of this name: one that is there already, or a sensitive one that Terraform has to be given. */
function variableOf(scope: Construct, name: string): TerraformVariable {
  const stack = TerraformStack.of(scope);
  const found = stack.node.tryFindChild(name);
  if (found instanceof TerraformVariable) return found;
  if (found)
    throw new Error(say("cdktf/no-variable", { name, stack: stack.node.path, found: found.node.path }));
  return new TerraformVariable(stack, name, {
    type: "string",
    sensitive: true,
    nullable: false,
    description: `What manifests name as env.${name}; give it as TF_VAR_${name}.`,
  });
}

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
