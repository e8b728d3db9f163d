import type { Address } from "../core/address.ts";
import type { Entry } from "../core/entry.ts";
import type { Fields } from "../core/field.ts";
import type { Kind } from "../core/kind.ts";
import { mapLeaves } from "../core/shape.ts";
import type { State } from "../state/state.ts";
import { standingOf } from "./ledger.ts";

/** Objects of a name that were replaced and that nobody needs any more. */
export interface Retired {
  readonly address: Address;
  /** They stay at Coze until somebody deletes them there. */
  readonly ids: readonly string[];
  /** What is remembered of the name without them. */
  readonly entry: Entry;
}

/**
 * Kept objects that can be forgotten: all but the one that a rollback would go back to, and those that something
 * remembered refers to. Pure.
 */
export function findRetired(
  { resources }: Pick<State, "resources">,
  kinds: readonly Pick<Kind<never>, "name" | "fields">[],
): readonly Retired[] {
  const fields = new Map(kinds.map((kind) => [kind.name, kind.fields]));
  const used = new Set(
    Object.values(resources).flatMap((entry) => referencesIn(fields.get(entry.kind) ?? {}, entry)),
  );
  return Object.entries(resources)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([address, entry]): readonly Retired[] => {
      const { kept = [], ...rest } = entry;
      const needed = kept.filter(({ id }) => used.has(id) || id === idBefore(entry));
      const ids = kept.filter((one) => !needed.includes(one)).map(({ id }) => id);
      if (ids.length === 0) return [];
      return [{ address, ids, entry: needed.length > 0 ? { ...rest, kept: needed } : rest }];
    });
}

/** The object that callers got before the standing release; of a name without releases, the last one replaced. */
function idBefore({ history = [], kept = [] }: Entry): string | undefined {
  const standing = standingOf({ history });
  if (!standing) return kept.at(-1)?.id;
  return history.findLast(({ at, undone }) => at < standing.at && !undone)?.id;
}

function referencesIn(fields: Fields, { spec }: Entry): readonly string[] {
  const ids: string[] = [];
  mapLeaves(fields, spec, ({ shape, value }) => {
    if (shape.type === "ref" && typeof value === "string") ids.push(value);
    return value;
  });
  return ids;
}
