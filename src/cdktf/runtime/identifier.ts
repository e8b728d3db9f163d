import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Address, parseAddress } from "../../core/address.ts";
import { digestOf } from "../../core/digest.ts";

/** A name of all letters of an id, where CDKTF made `allocated` of it and left some out. */
export function ownLetters(id: string, allocated: string): string | undefined {
  const isLeftOut = !isAscii(id) && allocated === id.replaceAll(/[^\w-]/gu, "");
  return isLeftOut ? asIdentifier(slugOf(id)) : undefined;
}

/** Identifiers of Terraform's begin with a letter or `_`. */
const asIdentifier = (name: string): string => (/^[\p{ID_Start}_]/u.test(name) ? name : `_${name}`);

const isAscii = (text: string): boolean => !/[^\p{ASCII}]/u.test(text);

/** The id of a construct: CDKTF writes `--` for the `/` of a path, so that what has both needs more to tell it apart. */
export const constructId = (text: string): string =>
  text.includes("--") ? `${text} ${shortDigest(text)}` : text;

/** What no identifier of Terraform's holds; letters are those of any script. */
const strange = /(?:[^\p{ID_Continue}-]|[\u200c\u200d])+/gu;

/**
 * A text as part of an identifier; where it has more than that takes, six digits of its hash follow. They follow letters of
 * other scripts as well: CDKTF leaves those out of what it calls values that go from stack to stack.
 */
function slugOf(key: string): string {
  const slug = key.replaceAll(strange, "_");
  return slug === key && isAscii(key) ? slug : `${slug.replace(/^_+|_+$/gu, "")}_${shortDigest(key)}`;
}

/** Six digits of a text's hash. */
const shortDigest = (text: string): string => digestOf(text).slice(0, 6);

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

/** The name of a data source behind its type, built from the words that it looks for. */
export function sourceNameInTerraform(prefix: string, words: readonly string[], identity: string): string {
  const slug = words.map((word) => word.replaceAll(strange, "_")).join("_");
  return `${prefix}_${slug}_${shortDigest(identity)}`;
}
