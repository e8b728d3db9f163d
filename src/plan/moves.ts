import { type Address, parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { rememberSpec } from "../core/digest.ts";
import type { Fields } from "../core/field.ts";
import { groupBy } from "../core/group.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { suggestAddress } from "../core/suggestions.ts";
import {
  canonicalJson,
  isFileContent,
  isLookup,
  isObject,
  isReference,
  type Json,
  type Values,
} from "../core/value.ts";
import { indexKinds } from "../kind/find-kind.ts";
import { entriesAfter, followMoves, type Move } from "../kind/move.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";

/** The entries of a state at the addresses that resources have now. */
export interface MovedEntries {
  readonly entries: ReadonlyMap<Address, Entry>;
  /** The new address of each entry that has one, by the former one. */
  readonly moved: ReadonlyMap<Address, Address>;
  /** Moves that can't be made. */
  readonly problems: readonly Diagnostic[];
}

type Wanted = Pick<Resource, "address" | "kind" | "spec">;

/**
 * Moves entries to the addresses that resources have now: as project and manifests say, and items of a `for_each` whose
 * key alone changed. A move whose entry is gone already, or never was, is none.
 */
export function moveToday(
  entries: ReadonlyMap<Address, Entry>,
  desired: readonly Wanted[],
  moves: readonly Move[],
  kinds: readonly KindSchema[],
  salt: string,
): MovedEntries {
  const told = followTold(entries, desired, moves);
  const after = entriesAfter(entries, told.moved);
  const items = findMovedItems(after, desired, kinds, salt);
  const moved = new Map([...told.moved, ...items]);
  return { entries: entriesAfter(after, items), moved, problems: told.problems };
}

function followTold(
  entries: ReadonlyMap<Address, Entry>,
  desired: readonly Wanted[],
  moves: readonly Move[],
): Omit<MovedEntries, "entries"> {
  const wanted = desired.map(({ address }) => address);
  const known = new Set(wanted);
  const moved = new Map<Address, Address>();
  const problems: Diagnostic[] = [];
  const taken = new Set<Address>();
  for (const from of entries.keys()) {
    const to = moves.length > 0 ? followMoves(from, moves) : from;
    if (to === undefined || to === from) continue;
    const at = moves.find((move) => followMoves(from, [move]) !== from)?.at;
    if (entries.has(to) || taken.has(to)) {
      const values = { from, to, commandLine: commandLine(["state", "rm", from]) };
      problems.push({ code: "moved", severity: "error", ...explain("plan/moved-both", values), at });
    } else if (!known.has(to) && !parseAddress(to)?.key) {
      const problem = explain("plan/moved-nowhere", { from, to });
      const word = suggestAddress(to, wanted);
      const hint = word === undefined ? problem.hint : say("common/did-you-mean", { word });
      problems.push({ code: "moved", severity: "error", ...problem, hint, at });
    } else {
      moved.set(from, to);
      taken.add(to);
    }
  }
  return { moved, problems };
}

/**
 * Items of a `for_each` that are wanted under another key than they have: what one item was, another one is now. An entry
 * that is in the way goes where the moves began, so that no two are at one address.
 */
function findMovedItems(
  entries: ReadonlyMap<Address, Entry>,
  desired: readonly Wanted[],
  kinds: readonly KindSchema[],
  salt: string,
): ReadonlyMap<Address, Address> {
  const kindOf = indexKinds(kinds);
  const items = new Map(
    desired
      .filter(({ address, kind }) => isItem(address) && kindOf.get(kind)?.recognizedBy)
      .map((item) => [item.address, item]),
  );
  const families = new Set([...items.keys()].map(familyOf));
  const idOf = (address: Address) => entries.get(address)?.id;
  const describeWanted = ({ address, kind, spec }: Wanted) => {
    const schema = kindOf.get(kind);
    return schema && describeItem(address, schema, spec, salt, idOf);
  };
  const describeEntry = ([address, { kind, spec, parent }]: readonly [Address, Entry]) => {
    const schema = kindOf.get(kind);
    const whole = schema?.parent && parent !== undefined ? { ...spec, [schema.parent]: parent } : spec;
    return schema && describeItem(address, schema, whole, salt, idOf);
  };
  const isSteady = (address: Address): boolean => {
    const [item, entry] = [items.get(address), entries.get(address)];
    if (!item || !entry) return false;
    // What is half-made stays where it is.
    return entry.status !== "ready" || describeWanted(item) === describeEntry([address, entry]);
  };
  const held = [...entries].filter(([address]) => isItem(address) && families.has(familyOf(address)));
  const went = groupBy(
    held.filter(([address]) => !isSteady(address)),
    describeEntry,
  );
  if (went.size === 0) return new Map();
  const came = groupBy(
    [...items.values()].filter(({ address }) => !isSteady(address)),
    describeWanted,
  );
  const moved = new Map(
    [...went].flatMap(([likeness, from]) => pairItems(from, came.get(likeness) ?? [], kindOf)),
  );
  return closeMoves(moved, entries);
}

/** Pairs entries and wanted items that are alike: those of one name first, so that the fewest are renamed. */
function pairItems(
  from: readonly (readonly [Address, Entry])[],
  to: readonly Wanted[],
  kindOf: ReadonlyMap<string, KindSchema>,
): readonly [Address, Address][] {
  const titleOf = (kind: string, spec: Values): string => {
    const { title, identity = [] } = kindOf.get(kind) ?? {};
    return canonicalJson(spec[title ?? identity.at(-1) ?? ""] ?? null);
  };
  const left = new Map(to.map((item) => [item.address, item]));
  const byTitle = groupBy(to, ({ kind, spec }) => titleOf(kind, spec));
  const take = (found: Wanted | undefined, address: Address): [Address, Address][] => {
    if (!found) return [];
    left.delete(found.address);
    return [[address, found.address]];
  };
  const named = from.map(([address, { kind, spec }]) =>
    take(
      byTitle.get(titleOf(kind, spec))?.find((one) => left.has(one.address)),
      address,
    ),
  );
  return from.flatMap(([address], index) => {
    const own = named[index] ?? [];
    return own.length > 0 ? own : take([...left.values()][0], address);
  });
}

/** Moves that leave no entry behind under another: one that isn't moved itself goes where its chain of moves begins. */
function closeMoves(
  moved: ReadonlyMap<Address, Address>,
  entries: ReadonlyMap<Address, Entry>,
): ReadonlyMap<Address, Address> {
  const former = new Map([...moved].map(([from, to]) => [to, from]));
  const closed = new Map(moved);
  for (const to of moved.values()) {
    if (!entries.has(to) || moved.has(to)) continue;
    let begin = to;
    for (let from = former.get(begin); from !== undefined; from = former.get(begin)) begin = from;
    closed.set(to, begin);
  }
  return closed;
}

/** By what an item is recognised under another key, as text; undefined when its kind's items can't be. */
function describeItem(
  address: Address,
  { fields, recognizedBy, parent }: KindSchema,
  spec: Values,
  salt: string,
  idOf: (address: Address) => string | undefined,
): string | undefined {
  if (!recognizedBy || recognizedBy.some((name) => spec[name] === undefined)) return undefined;
  const named = [...recognizedBy, ...(parent === undefined ? [] : [parent])];
  const chosen = Object.fromEntries(
    named.flatMap((name) => (name in spec ? [[name, spec[name] ?? null]] : [])),
  );
  const plain = mapLeaves(fields, rememberSpec(fields, withoutShown(fields, chosen), salt), ({ value }) => {
    if (isReference(value)) return idOf(value.$ref) ?? value;
    return isFileContent(value) ? value.sha256 : value;
  });
  if (Object.values(plain).some(isLookup)) return undefined;
  return canonicalJson([familyOf(address), plain]);
}

/** Values without what only says how a file is read, which its hash shows. */
function withoutShown(fields: Fields, values: Values): Values {
  const kept = Object.entries(values).flatMap(([name, value]): [string, Json][] => {
    const field = fields[name];
    if (field?.shownBy !== undefined) return [];
    const isNested = field?.type === "object" && isObject(value);
    return [[name, isNested ? withoutShown(field.fields, value) : value]];
  });
  return Object.fromEntries(kept);
}

const isItem = (address: Address): boolean => parseAddress(address)?.key !== undefined;

/** The address of the whole `for_each` of an item; that of a single resource itself. */
export const familyOf = (address: Address): Address => address.replace(/\[.*$/su, "");
