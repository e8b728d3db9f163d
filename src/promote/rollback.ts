import { type Address, addressMatches } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Field, Fields } from "../core/field.ts";
import { formatPath, mapLeaves, type Path } from "../core/spec-walk.ts";
import { describeTime } from "../core/time.ts";
import {
  isFileContent,
  isObject,
  isReference,
  isSameContent,
  type Json,
  type Values,
} from "../core/value.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry, Release } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import type { State } from "../state/model.ts";
import { currentRelease, isPromoted } from "./release-history.ts";
import { placedFields } from "./three-way-merge.ts";

/** A resource that the rollback takes back, and the release that it goes back to. */
export interface RollbackStep {
  readonly address: Address;
  readonly target: Release;
  /** The release that is undone; absent if callers never saw it. */
  readonly left?: Release | undefined;
  /** Its state entry while the rollback is under way. */
  readonly entry: Entry;
}

/** A resource that can't be rolled back, why, and the next move if there is one. */
export interface RollbackRefusal {
  readonly address: Address;
  readonly why: string;
  readonly hint?: string | undefined;
  /** The id of the lost object, to which other releases of that time may refer. */
  readonly lacks?: string | undefined;
}

/** A rollback's steps, and what it can't take back. */
export interface Rollback {
  readonly returns: readonly RollbackStep[];
  readonly stays: readonly RollbackRefusal[];
  /** The promotion that is taken back, as far as there is one number for all. */
  readonly promotion?: number | undefined;
  /** The last promotion, when it is open and changed nothing. */
  readonly empty?: number | undefined;
}

/**
 * Plans a rollback: it continues an unfinished one (which may have nothing left to do); else it takes back the given
 * addresses; else everything of the last promotion that can be taken back, including what callers never saw. Every
 * resource goes back to its release before that promotion. Pure.
 */
export function planRollback(state: State, addresses: readonly Address[]): Rollback {
  const known = Object.entries(state.resources).filter(
    ([address, entry]) =>
      isPromoted(entry) && (addresses.length === 0 || addresses.some((one) => addressMatches(one, address))),
  );
  const underway = known.filter(([, { restoring }]) => restoring !== undefined);
  if (underway.length > 0) return splitDecisions(underway, continueRollback);
  const back = new Set(state.promotion?.returning);
  const named = known.filter(([address]) => !back.has(address));
  if (addresses.length > 0) {
    return splitDecisions(named, (one) => beginStep(one, lastPromotionNumber(state.promotion, one[1])));
  }
  if (back.size > 0) return { returns: [], stays: [] };
  return { ...planLastPromotion(state.promotion, known), ...findEmpty(state.promotion, known) };
}

function planLastPromotion(promotion: State["promotion"], known: readonly NamedEntry[]): Rollback {
  const numbers = known.flatMap(([, entry]) => lastPromotionNumber(promotion, entry) ?? []);
  const earlier = known.flatMap(([, entry]) => validReleases(entry).flatMap((one) => one.promotion ?? []));
  const all = [...new Set([...numbers, ...earlier])].sort((a, b) => b - a);
  const found = all.map((number): Rollback => {
    const concerned = known.filter(([, entry]) => (lastPromotionNumber(promotion, entry) ?? -1) >= number);
    return { ...splitDecisions(concerned, (one) => beginStep(one, number)), promotion: number };
  });
  // What a promotion created stays, and doesn't keep the rest from going further back.
  return found.find(({ returns }) => returns.length > 0) ?? found[0] ?? { returns: [], stays: [] };
}

/** A promotion that failed before it changed anything is over, and what was before it is taken back. */
function findEmpty(promotion: State["promotion"], known: readonly NamedEntry[]): Pick<Rollback, "empty"> {
  if (!promotion?.open) return {};
  const { number } = promotion;
  return known.some(([, entry]) => lastPromotionNumber(promotion, entry) === number) ? {} : { empty: number };
}

const validReleases = ({ history = [] }: Entry): readonly Release[] =>
  history.filter(({ undone }) => !undone);

/** The last promotion that released a resource, or began to. */
function lastPromotionNumber(promotion: State["promotion"], entry: Entry): number | undefined {
  // A promotion that didn't get to its end began it: what callers get is the standing release.
  if (promotion?.open && entry.status !== "ready") return promotion.number;
  const numbers = validReleases(entry).flatMap((one) => one.promotion ?? []);
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

/**
 * Removes resources whose objects are lost at Coze (by address, with the reason), and those whose earlier releases
 * refer to them. Pure.
 */
export function excludeLost(
  { returns, stays, ...rest }: Rollback,
  lost: ReadonlyMap<Address, string>,
): Rollback {
  const gone = new Map(
    returns.flatMap(({ address, target }) => (lost.has(address) ? [[target.id, address] as const] : [])),
  );
  for (const { address, lacks } of stays) if (lacks !== undefined) gone.set(lacks, address);
  const left = returns.flatMap(({ address, target }): readonly RollbackRefusal[] => {
    const why = lost.get(address);
    if (why !== undefined) return [{ address, why, hint: say("promote/recreate") }];
    const needed = [...idsIn(target.spec ?? {})].flatMap((id) => gone.get(id) ?? []);
    const [first] = needed.filter((one) => one !== address);
    return first === undefined ? [] : [{ address, why: say("promote/needs-stuck", { address: first }) }];
  });
  const staying = new Set(left.map(({ address }) => address));
  return {
    ...rest,
    returns: returns.filter(({ address }) => !staying.has(address)),
    stays: [...stays, ...left].sort((a, b) => (a.address < b.address ? -1 : 1)),
  };
}

function* idsIn(value: Json): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) for (const item of value) yield* idsIn(item);
  else if (isObject(value)) for (const item of Object.values(value)) yield* idsIn(item);
}

type NamedEntry = readonly [Address, Entry];
type RollbackDecision = RollbackStep | RollbackRefusal;

function splitDecisions(
  entries: readonly NamedEntry[],
  decide: (named: NamedEntry) => RollbackDecision | undefined,
): Rollback {
  const decisions = entries.flatMap((named) => decide(named) ?? []);
  const byAddress = (a: RollbackDecision, b: RollbackDecision): number => (a.address < b.address ? -1 : 1);
  return {
    returns: decisions.filter((decision): decision is RollbackStep => "entry" in decision).sort(byAddress),
    stays: decisions.filter((decision): decision is RollbackRefusal => "why" in decision).sort(byAddress),
  };
}

function continueRollback([address, entry]: NamedEntry): RollbackDecision | undefined {
  const { history = [], restoring } = entry;
  const target = history.find(({ at }) => at === restoring);
  const left = currentRelease(entry);
  if (!target) return { address, why: say("promote/target-forgotten") };
  return { address, target, entry, left: left?.at === target.at ? undefined : left };
}

/** The step back to before a promotion; `number` is undefined if no promotion released the resource. */
function beginStep([address, entry]: NamedEntry, number: number | undefined): RollbackDecision {
  const { id } = entry;
  const releases = validReleases(entry);
  const standing = releases.at(-1);
  if (!standing || number === undefined) return { address, why: say("promote/no-release") };
  if (id === undefined) {
    const key = entry.status === "unknown" ? "promote/copy-lost" : "promote/still-working";
    return refuse(address, explain(key, { commandLine: commandLine(["state", "rm", address]) }));
  }
  const first = releases.findIndex(({ promotion = 0 }) => promotion >= number);
  // What was begun and never shown is taken back by itself.
  const target = first < 0 ? standing : releases[first - 1];
  if (!target) {
    return { address, why: say("promote/created", { number: releases[first]?.promotion ?? number }) };
  }
  if (target.id !== id) return swapObjects(address, entry, target, standing);
  if (!target.spec) {
    return refuse(address, explain("promote/release-expired", { time: describeTime(target.at) }));
  }
  const decision = { address, target, entry: { ...entry, restoring: target.at } };
  return target === standing ? decision : { ...decision, left: standing };
}

/** Goes back to the object of an earlier release, which was kept. */
function swapObjects(address: Address, entry: Entry, target: Release, left: Release): RollbackDecision {
  const { id = "", parent, spec, brought, kept = [] } = entry;
  const former = kept.find((one) => one.id === target.id);
  if (!former) {
    return { ...refuse(address, explain("promote/object-forgotten", { id: target.id })), lacks: target.id };
  }
  const current = { id, parent, spec, brought };
  const { brought: _left, done: _done, version: _version, begun: _begun, ...rest } = entry;
  return {
    address,
    target,
    left,
    entry: {
      ...rest,
      ...former,
      status: "ready",
      kept: [...kept.filter((one) => one !== former), current],
      restoring: target.at,
    },
  };
}

type Texts = { readonly message: string; readonly hint: string };

const refuse = (address: Address, { message: why, hint }: Texts): RollbackRefusal => ({ address, why, hint });

/**
 * The desired resource of a rollback: its earlier release merged over its manifest. The manifest still decides parent,
 * identity and publication, and provides secrets and files, which no history holds. `addressOf` maps ids to addresses.
 */
export function restoreReleased(
  kind: KindSchema,
  resource: Resource,
  { target, left, entry }: RollbackStep,
  addressOf: (id: string) => Address | undefined,
): Resource {
  const notes = [describeTarget({ target, left })];
  if (kind.replacement === "keep-old") {
    // A kept object is taken back as it is, immutable fields included.
    const taken =
      left && left.id !== target.id ? [say("promote/swapped", { id: target.id, former: left.id })] : [];
    return { ...resource, spec: entry.spec, promoted: { own: entry.spec, notes: [...notes, ...taken] } };
  }
  const stays: string[] = [];
  const placed = placedFields(kind);
  const fields = Object.entries(kind.fields).filter(([name]) => !placed.has(name));
  const kept = Object.entries(resource.spec).filter(([name]) => placed.has(name));
  const former = restore(Object.fromEntries(fields), [], stays, target.spec ?? {}, resource.spec);
  const dependencies = new Set(resource.dependencies);
  const spec = mapLeaves(kind.fields, { ...Object.fromEntries(kept), ...former }, ({ shape, value }) => {
    const address = shape.type === "ref" && typeof value === "string" ? addressOf(value) : undefined;
    if (isReference(value)) dependencies.add(value.$ref);
    if (address === undefined || address === resource.address) return value;
    dependencies.add(address);
    return { $ref: address };
  });
  const files = stays.map((path) => say("promote/file-stays", { path }));
  return {
    ...resource,
    spec,
    dependencies: [...dependencies].sort(),
    promoted: { own: resource.spec, notes: [...notes, ...files] },
  };
}

/** The released values, where a rollback may restore them; adds the paths of files that have changed since to `stays`. */
function restore(fields: Fields, path: Path, stays: string[], released: Values, manifest: Values): Values {
  const entries = Object.entries(fields).flatMap(([name, field]): readonly [string, Json][] => {
    const value = restoreField(field, [...path, name], stays, released[name], manifest[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function restoreField(
  field: Field,
  path: Path,
  stays: string[],
  released: Json | undefined,
  manifest: Json | undefined,
): Json | undefined {
  if (field.presence === "computed") return undefined;
  if (field.sensitive || field.settable === "create") return manifest;
  if (field.type === "file") {
    const same = isFileContent(released) && isFileContent(manifest) && isSameContent(released, manifest);
    if (released !== undefined && !same) stays.push(formatPath(path));
    return manifest;
  }
  if (field.type === "object" && !(released === undefined && field.clearable === false)) {
    const [former, own] = [released, manifest].map((value) => (isObject(value) ? value : {}));
    const values = restore(field.fields, path, stays, former ?? {}, own ?? {});
    return Object.keys(values).length > 0 ? values : undefined;
  }
  // Whatever Coze shows it showed then, so what is missing wasn't set.
  return released ?? (field.readable === undefined ? field.default : undefined);
}

function describeTarget({ target, left }: Pick<RollbackStep, "target" | "left">): string {
  const { version, revision } = target;
  const release = describeOrigin(target, left);
  if (version !== undefined) return say("promote/release-with-version", { release, version });
  return revision === undefined ? release : say("promote/release-with-revision", { release, revision });
}

function describeOrigin({ at, promotion }: Release, left: Release | undefined): string {
  if (promotion !== undefined) return say("promote/as-released", { time: describeTime(at) });
  const number = left?.promotion;
  return number === undefined ? say("promote/as-it-was") : say("promote/as-before", { number });
}
