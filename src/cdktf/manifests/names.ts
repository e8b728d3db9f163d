import { type Address, parseAddress } from "../../core/address.ts";
import { digestOf } from "../../core/digest.ts";

/**
 * What Terraform calls a resource behind its type: `desk_support` for `Bot.support` of the manifests called `desk`,
 * `desk_policies_1a` for a key of `for_each`. Where a key has more than letters, digits, `_` and `-`, six digits of its
 * hash follow, so that different keys never get one name.
 */
export function nameInTerraform(prefix: string, address: Address): string {
  const { name, key } = parseAddress(address) ?? { name: address };
  return key === undefined ? `${prefix}_${name}` : `${prefix}_${name}_${slugOf(key)}`;
}

/** What Terraform calls a data source behind its type: what it looks for goes by these words. */
export function sourceNameInTerraform(prefix: string, words: readonly string[], identity: string): string {
  const slug = words.map((word) => word.replaceAll(strange, "_")).join("_");
  return `${prefix}_${slug}_${shortDigest(identity)}`;
}

/** What no identifier of Terraform's holds; letters are those of any script. */
const strange = /[^\p{ID_Continue}-]+/gu;

function slugOf(key: string): string {
  const slug = key.replaceAll(strange, "_");
  return slug === key ? slug : `${slug.replace(/^_+|_+$/gu, "")}_${shortDigest(key)}`;
}

const shortDigest = (text: string): string => digestOf(text).slice(0, 6);
