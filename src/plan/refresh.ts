import type { Address } from "../core/address.ts";
import { matchesRemembered, rememberValue } from "../core/digest.ts";
import type { Field, Fields } from "../core/field.ts";
import { formatPath, mapLeaves, valueAt } from "../core/spec-walk.ts";
import { describeTime } from "../core/time.ts";
import { isDigest, isObject, type Json, type Values } from "../core/value.ts";
import { indexKinds } from "../kind/find-kind.ts";
import type { Item } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import { knowsForms } from "../kind/stored-form.ts";
import { say } from "../messages/text.ts";
import { diffSpec, type FieldChange } from "./diff.ts";
import type { Observed, Plan, Step } from "./plan.ts";
import { toPlace } from "./steps/removal.ts";

/** What is remembered and live, for a comparison without manifests. */
export interface RefreshInput {
  readonly kinds: readonly KindSchema[];
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly observed: ReadonlyMap<Address, Observed>;
  /** The manifests: they hold texts that the state has as digests, and say which fields are ignored. */
  readonly manifests: ReadonlyMap<Address, Resource>;
  /** The state's lineage. */
  readonly salt: string;
}

/**
 * Says what changed at Coze since the last apply, of the fields that were applied: each object that differs as a step
 * that takes its values into the state, and each that is gone as one that forgets it. Pure.
 */
export function planRefresh(input: RefreshInput): Plan {
  const kinds = indexKinds(input.kinds);
  const steps = [...input.entries].flatMap(([address, entry]): readonly Step[] => {
    const kind = kinds.get(entry.kind);
    const seen = input.observed.get(address);
    // What isn't made yet, or is an invitation still, can't have been edited.
    if (!kind || entry.id === undefined || entry.note !== undefined) return [];
    if (seen?.status === "absent") return [forgetGone(address, entry)];
    return seen?.status === "present" ? [takeDrift(input, kind, address, entry, seen)] : [];
  });
  const sorted = steps.sort((a, b) => (a.address < b.address ? -1 : 1));
  return { steps: sorted, diagnostics: [], refusals: [], together: [], answered: [] };
}

function emptyRefresh(
  address: Address,
  { kind, dependencies, spec }: Entry,
): Omit<Step, "action" | "because" | "changes"> {
  return { address, kind, notes: [], effects: [], calls: [], removes: [], dependencies, former: spec };
}

/** An object that is gone. What it replaced and what is still to be removed would be lost with its entry. */
function forgetGone(address: Address, entry: Entry): Step {
  const { id = "", previous = [], kept = [] } = entry;
  const left = [...previous, ...kept].map((one) => one.id).join(", ");
  const step = {
    ...emptyRefresh(address, entry),
    because: [say("plan/gone", { id })],
    changes: [],
    place: toPlace(id, entry.parent),
  };
  if (left === "") return { ...step, action: "forget" };
  return { ...step, action: "refresh", spec: entry.spec, notes: [say("plan/refresh-keeps", { ids: left })] };
}

/** An object that is there, with what of the applied fields reads otherwise now. */
function takeDrift(
  input: RefreshInput,
  kind: KindSchema,
  address: Address,
  entry: Entry,
  { item, partial }: Extract<Observed, { readonly status: "present" }>,
): Step {
  const texts = [item.live, input.manifests.get(address)?.spec ?? {}] as const;
  const applied = spellApplied(kind.fields, entry, texts, input.salt);
  const changes = findDrift(input, kind, address, entry, item, { applied, partial });
  const isDrift = changes.length > 0;
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  const time = item.revision;
  const target = acceptLive(kind.fields, entry.spec, item.live, changed);
  return {
    ...emptyRefresh(address, entry),
    action: isDrift ? "refresh" : "no-op",
    because: [],
    notes: isDrift && time !== undefined ? [say("plan/drifted-at", { time: describeTime(time) })] : [],
    changes,
    place: toPlace(item.id, item.parent),
    live: item.live,
    former: applied,
    spec: rememberOnce(kind.fields, target, input.salt),
    target,
  };
}

/** The applied fields that read otherwise, from what was applied to what Coze holds. */
function findDrift(
  { manifests, salt }: RefreshInput,
  kind: KindSchema,
  address: Address,
  entry: Entry,
  { live }: Item,
  { applied, partial }: { readonly applied: Values; readonly partial?: boolean | undefined },
): readonly FieldChange[] {
  const manifest = manifests.get(address);
  const { changes } = diffSpec(kind.fields, {
    want: applied,
    live,
    applied: entry.spec,
    ignore: manifest?.lifecycle.ignoreChanges ?? [],
    read: entry.read,
    normalised: !(knowsForms(kind) && entry.read),
    salt,
    only: partial ? new Set(Object.keys(live)) : undefined,
  });
  return changes
    .filter(({ unreadable }) => !unreadable)
    .map(({ path, before, after, sensitive }) => ({ path, before: after, after: before, sensitive }));
}

/** What was applied as resources: what is observed where manifests don't matter. */
export function restoreResources({
  kinds,
  entries,
  manifests,
  salt,
}: Omit<RefreshInput, "observed">): readonly Resource[] {
  const kindOf = indexKinds(kinds);
  return [...entries].flatMap(([address, entry]): readonly Resource[] => {
    const kind = kindOf.get(entry.kind);
    const manifest = manifests.get(address);
    if (!kind) return [];
    const at = manifest?.at ?? { file: address, line: 1, column: 1 };
    return [
      {
        ...{ address, kind: entry.kind, dependencies: entry.dependencies, at, locate: () => at },
        spec: spellApplied(kind.fields, entry, [{}, manifest?.spec ?? {}], salt),
        lifecycle: { preventDestroy: false, ignoreChanges: manifest?.lifecycle.ignoreChanges ?? [] },
      },
    ];
  });
}

/** What was applied, with the texts that only their digests are remembered of, as far as one of the specs has them. */
function spellApplied(
  fields: Fields,
  { spec, read = {} }: Entry,
  known: readonly [live: Values, ...Values[]],
  salt: string,
): Values {
  return mapLeaves(fields, spec, ({ value, path }) => {
    const [live] = known;
    const there = valueAt(live, path);
    const form = read[formatPath(path)];
    if (form && there !== undefined && matchesRemembered(there, form.is, salt)) return there;
    if (!isDigest(value)) return value;
    const texts = known.map((one) => valueAt(one, path));
    return texts.find((text) => text !== undefined && matchesRemembered(text, value, salt)) ?? value;
  });
}

/** The applied spec with what Coze holds in some of its fields. */
function acceptLive(fields: Fields, applied: Values, live: Values, changed: ReadonlySet<string>): Values {
  const kept = Object.entries(applied).filter(([name]) => !changed.has(name));
  const taken = Object.entries(fields).flatMap(([name, field]): readonly [string, Json][] => {
    const value = changed.has(name) ? takeLive(field, applied[name], live[name]) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), ...Object.fromEntries(taken) };
}

/** Values in remembered form, of which some have it already. */
const rememberOnce = (fields: Fields, values: Values, salt: string): Values =>
  mapLeaves(fields, values, ({ value, sensitive }) =>
    isDigest(value) ? value : rememberValue(value, salt, sensitive),
  );

/** What Coze holds in an applied field; of what it doesn't return, what was applied. */
function takeLive(field: Field, applied: Json | undefined, live: Json | undefined): Json | undefined {
  if (field.presence === "computed") return undefined;
  if (field.readable === false || (field.readable === "sometimes" && live === undefined)) return applied;
  if (field.type === "object" && isObject(applied) && isObject(live)) {
    const parts = Object.entries(field.fields).flatMap(([name, part]): readonly [string, Json][] => {
      if (applied[name] === undefined) return [];
      const value = takeLive(part, applied[name], live[name]);
      return value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(parts);
  }
  return live;
}
