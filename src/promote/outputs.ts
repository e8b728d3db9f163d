import { type Address, parseAddress } from "../core/address.ts";
import { isDeposed } from "../engine/deposed-address.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { State } from "../state/model.ts";
import { shownInstead } from "./open-promotion.ts";

/** What other programs need to know of one resource to call it. */
export interface Output {
  readonly address: Address;
  readonly kind: string;
  readonly name: string;
  /** The key of `for_each`. */
  readonly key?: string;
  readonly id: string;
  /** What Coze called its last publication. */
  readonly version?: string;
  /** The state of its original that it was made from. */
  readonly revision?: string;
}

/** What an environment has made, by address; `missing`: what Coze is still making, or nobody knows. */
export interface Outputs {
  readonly outputs: readonly Output[];
  readonly missing: readonly Address[];
}

/**
 * Reads off a state the ids that callers have, with versions and revisions: nothing else of what is remembered gets out.
 * What an open promotion has only prepared isn't what callers have.
 */
export function listOutputs(
  { resources, promotion }: Pick<State, "resources" | "promotion">,
  kinds: readonly Pick<KindSchema, "name" | "release">[],
): Outputs {
  const outputs: Output[] = [];
  const missing: Address[] = [];
  for (const [address, entry] of Object.entries(resources).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parsed = parseAddress(address);
    if (!parsed || isDeposed(address, entry)) continue;
    const former = shownInstead(entry, promotion);
    const { id, version } = former ?? entry;
    if (id === undefined) {
      missing.push(address);
      continue;
    }
    const field = kinds.find(({ name }) => name === parsed.kind)?.release?.revision;
    const revision = former ? former.revision : field === undefined ? undefined : entry.spec[field];
    outputs.push({
      address,
      ...parsed,
      id,
      ...(version === undefined ? {} : { version }),
      ...(typeof revision === "string" && revision !== "" ? { revision } : {}),
    });
  }
  return { outputs, missing };
}
