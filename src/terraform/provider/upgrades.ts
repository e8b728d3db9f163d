import type { Values } from "../../core/value.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { resourceType } from "../schema/names.ts";

/** Makes of a stored state of one version one of the next. */
export type Upgrade = (stored: Values) => Values;

/** By type of resource, from version 0 on; whoever renames or reshapes an attribute adds one. */
const upgrades: { readonly [type: string]: readonly Upgrade[] } = {};

/** The version of states of a kind. */
export const versionOf = (kind: Pick<KindSchema, "name">): number =>
  upgrades[resourceType(kind)]?.length ?? 0;

/** A stored state in today's form; undefined when it was written by a later provider than this. */
export function upgradeState(
  type: string,
  version: number,
  stored: Values,
  steps: readonly Upgrade[] = upgrades[type] ?? [],
): Values | undefined {
  if (version > steps.length) return undefined;
  return steps.slice(version).reduce((state, step) => step(state), stored);
}
