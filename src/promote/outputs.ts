import { type Address, parseAddress } from "../core/address.ts";
import { isDeposed } from "../kind/deposed.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { State } from "../state/model.ts";
import { releaseShownInstead } from "./open-promotion.ts";

/** What other programs need to know of one resource to call it. */
export interface Output {
  readonly address: Address;
  readonly kind: string;
  readonly name: string;
  /** The key of `for_each`. */
  readonly key?: string | undefined;
  readonly id: string;
  /** What Coze called its last publication. */
  readonly version?: string | undefined;
  /** The state of its original that it was made from. */
  readonly revision?: string | undefined;
}

/** The objects of an environment, by address; `missing`: those that Coze is still creating, or whose ids are unknown. */
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
    const former = releaseShownInstead(entry, promotion);
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
      version,
      revision: typeof revision === "string" && revision !== "" ? revision : undefined,
    });
  }
  return { outputs, missing };
}
