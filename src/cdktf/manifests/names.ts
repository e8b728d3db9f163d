import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Address, parseAddress } from "../../core/address.ts";
import { asIdentifier, ownLetters, shortDigest, slugOf, strange } from "../runtime/identifier.ts";

/**
 * What Terraform calls a resource behind its type: `desk_support` for `Bot.support` of the manifests called `desk`,
 * `desk_policies_1a` for a key of `for_each`. Where a key has more than ASCII letters, digits, `_` and `-`, six digits of
 * its hash follow, so that different keys never get one name.
 */
export function nameInTerraform(prefix: string, address: Address): string {
  const { name, key } = parseAddress(address) ?? { name: address };
  return key === undefined ? `${prefix}_${name}` : `${prefix}_${name}_${slugOf(key)}`;
}

/**
 * What the names of all that a construct makes begin with: as CDKTF would call it, but for one directly in a stack whose
 * id has letters of other scripts. CDKTF leaves those out there, and ids of these alone would all be the same.
 */
export function prefixOf(construct: Construct): string {
  const allocated = TerraformStack.of(construct).getLogicalId(construct.node);
  const prefix = ownLetters(construct.node.id, allocated) ?? allocated;
  return asIdentifier(prefix);
}

/** What Terraform calls a data source behind its type: what it looks for goes by these words. */
export function sourceNameInTerraform(prefix: string, words: readonly string[], identity: string): string {
  const slug = words.map((word) => word.replaceAll(strange, "_")).join("_");
  return `${prefix}_${slug}_${shortDigest(identity)}`;
}
