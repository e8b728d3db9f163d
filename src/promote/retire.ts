import type { Address } from "../core/address.ts";
import type { Fields } from "../core/field.ts";
import { leavesOf } from "../core/spec-walk.ts";
import type { Values } from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry, Release } from "../kind/state-entry.ts";
import type { State } from "../state/model.ts";

/** Replaced objects of a resource that are no longer needed. */
export interface RetiredObjects {
  readonly address: Address;
  /** They stay at Coze until somebody deletes them there. */
  readonly ids: readonly string[];
  /** What is remembered of the name without them. */
  readonly entry: Entry;
}

/**
 * Kept objects that can be forgotten: all but the one that a rollback would go back to, and those that something
 * remembered refers to, or what callers get. Pure.
 */
export function findRetired(
  { resources }: Pick<State, "resources">,
  kinds: readonly Pick<KindSchema, "name" | "fields">[],
): readonly RetiredObjects[] {
  const fields = new Map(kinds.map((kind) => [kind.name, kind.fields]));
  const used = new Set(
    Object.values(resources).flatMap((entry) => {
      const specs = [entry.spec, ...releasesInUse(entry).map(({ spec = {} }) => spec)];
      return specs.flatMap((spec) => referencesIn(fields.get(entry.kind) ?? {}, spec));
    }),
  );
  return Object.entries(resources)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([address, entry]): readonly RetiredObjects[] => {
      const { kept = [], ...rest } = entry;
      const needed = kept.filter(({ id }) => used.has(id) || id === previousId(entry));
      const ids = kept.filter((one) => !needed.includes(one)).map(({ id }) => id);
      if (ids.length === 0) return [];
      return [{ address, ids, entry: needed.length > 0 ? { ...rest, kept: needed } : rest }];
    });
}

/** The object that callers got before the standing release; of a name without releases, the last one replaced. */
function previousId({ history = [], kept = [] }: Entry): string | undefined {
  const [standing, before] = releasesInUse({ history });
  return standing ? before?.id : kept.at(-1)?.id;
}

/** What callers get, which may be more than any manifest says, and what a rollback would give them. */
const releasesInUse = ({ history = [] }: Pick<Entry, "history">): readonly Release[] =>
  history
    .filter(({ undone }) => !undone)
    .slice(-2)
    .reverse();

const referencesIn = (fields: Fields, spec: Values): readonly string[] =>
  leavesOf(fields, spec).flatMap(({ shape, value }) =>
    shape.type === "ref" && typeof value === "string" ? [value] : [],
  );
