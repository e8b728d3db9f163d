import { type Address, parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { rememberSpec } from "../core/digest.ts";
import { groupBy } from "../core/group.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { suggestAddress } from "../core/suggestions.ts";
import { canonicalJson, isFileContent, isLookup, isReference, type Values } from "../core/value.ts";
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

/** Items of one `for_each` of which one goes and one comes that is the same but for its key. */
function findMovedItems(
  entries: ReadonlyMap<Address, Entry>,
  desired: readonly Wanted[],
  kinds: readonly KindSchema[],
  salt: string,
): ReadonlyMap<Address, Address> {
  const kindOf = indexKinds(kinds);
  const wanted = new Set(desired.map(({ address }) => address));
  const came = desired.filter(({ address }) => !entries.has(address) && isItem(address));
  const families = new Set(came.map(({ address }) => familyOf(address)));
  const went = [...entries].filter(([address]) => !wanted.has(address) && families.has(familyOf(address)));
  if (went.length === 0) return new Map();
  const idOf = (address: Address) => entries.get(address)?.id;
  const cameAlike = groupBy(came, ({ address, kind, spec }) => {
    const schema = kindOf.get(kind);
    return schema && describeItem(address, schema, spec, salt, idOf);
  });
  const wentAlike = groupBy(went, ([address, { kind, spec, parent }]) => {
    const schema = kindOf.get(kind);
    const whole = schema?.parent && parent !== undefined ? { ...spec, [schema.parent]: parent } : spec;
    return schema && describeItem(address, schema, whole, salt, idOf);
  });
  return new Map(
    [...wentAlike].flatMap(([likeness, [[from], ...others]]): [Address, Address][] => {
      const [to, ...rest] = cameAlike.get(likeness) ?? [];
      return to && others.length + rest.length === 0 ? [[from, to.address]] : [];
    }),
  );
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
  const plain = mapLeaves(fields, rememberSpec(fields, chosen, salt), ({ value }) => {
    if (isReference(value)) return idOf(value.$ref) ?? value;
    return isFileContent(value) ? value.sha256 : value;
  });
  if (Object.values(plain).some(isLookup)) return undefined;
  return canonicalJson([familyOf(address), plain]);
}

const isItem = (address: Address): boolean => parseAddress(address)?.key !== undefined;

/** The address of the whole `for_each` of an item; that of a single resource itself. */
export const familyOf = (address: Address): Address => address.replace(/\[.*$/su, "");
