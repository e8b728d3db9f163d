import type { Address } from "../../core/address.ts";
import type { Fields, ListShape, ObjectShape, Shape } from "../../core/field.ts";
import { findConflicts } from "../../core/schema-errors.ts";
import { proposeWord, suggest, suggestAddress } from "../../core/suggestions.ts";
import { canonicalJson } from "../../core/value.ts";
import { explain, say } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import { isProjectFile } from "../project/discover-manifests.ts";
import { addressOf, type Kinds, type Manifest } from "../recognize-manifests.ts";
import { commonParts } from "../schema/header-fields.ts";
import { expandShorthand } from "../schema/shorthand.ts";
import {
  type List,
  type Mapping,
  mappingAt,
  ownValue,
  type SourceEntry,
  type SourceNode,
  textOf,
  toJson,
  valueAt,
  withEntry,
} from "../yaml/source-tree.ts";
import { readFilesForm } from "./for-each.ts";
import { dropMatch, isMatch, readMatch, reportNoMatch } from "./matching.ts";
import { type ForEachItem, type Scope, substitute } from "./substitute.ts";
import { readSources } from "./web-pages.ts";

/** What patches are merged with. */
export interface MergeContext {
  readonly fields: Fields;
  /** What is known of the values that keys of items are told apart by. */
  readonly scope: Scope;
  /** Reports keys that a patch removes and the manifest doesn't have. */
  readonly report: Report;
  /**
   * What is merged if it is no patch: an environment's defaults over those of the project, or a manifest over defaults.
   * In these, every list is replaced as a whole.
   */
  readonly over?: "defaults" | "manifest" | undefined;
}

/**
 * Merges a partial manifest over the whole one of the same address. Maps merge key by key, lists are replaced
 * unless their items have a key field, an explicit `null` takes a key away; every part keeps its own place.
 */
function mergeManifest(context: MergeContext, base: Mapping, patch: Mapping): Mapping {
  const spec: Shape = { type: "object", fields: context.fields };
  return mergeEntries(context, base, patch, {
    path: [],
    isNeeded: (part) => !ownValue(commonParts, part),
    merge: (part, old, wanted) => {
      const common = ownValue(commonParts, part);
      if (common) return mergeShape(context, common, [part], old, wanted);
      if (part === "spec") return mergeShape(context, spec, [part], old, wanted);
      if (part !== "metadata" || old.type !== "map" || wanted.type !== "map") return wanted;
      return mergeEntries(context, old, wanted, {
        path: [part],
        merge: (key, one, other) => mergeMetadata(context, key, one, other),
      });
    },
  });
}

function mergeMetadata(context: MergeContext, key: string, old: SourceNode, wanted: SourceNode): SourceNode {
  // That of a patch may name one item of the manifest's.
  if (key === "name") return old;
  const isWhole = key === "for_each" && [old, wanted].some((one) => readFilesForm(one) ?? readSources(one));
  return isWhole ? wanted : mergeShape(context, { type: "map" }, ["metadata", key], old, wanted);
}

/** Merges a spec, or a part of one, over defaults of the same kind. */
export const mergeSpec = (context: MergeContext, base: Mapping, spec: Mapping): SourceNode =>
  mergeShape(context, { type: "object", fields: context.fields }, [], base, spec);

type Steps = readonly string[];

function mergeShape(
  context: MergeContext,
  shape: Shape,
  path: Steps,
  base: SourceNode,
  patch: SourceNode,
): SourceNode {
  if (shape.type === "object") {
    const old = expandShorthand(shape, base);
    const wanted = expandShorthand(shape, patch);
    return old.type === "map" && wanted.type === "map"
      ? mergeObject(context, shape, path, old, wanted)
      : wanted;
  }
  if (shape.type === "map" && base.type === "map" && patch.type === "map") {
    return mergeEntries(context, base, patch, {
      path,
      merge: (key, old, wanted) => mergeShape(context, shape.values ?? shape, [...path, key], old, wanted),
    });
  }
  const isKeyed = shape.type === "list" && shape.key !== undefined && context.over === undefined;
  if (isKeyed && shape.key !== undefined && base.type === "list" && patch.type === "list") {
    return mergeItems(context, { ...shape, key: shape.key }, path, base, patch);
  }
  return patch;
}

function mergeObject(
  context: MergeContext,
  shape: ObjectShape,
  path: Steps,
  base: Mapping,
  patch: Mapping,
): Mapping {
  const merged = mergeEntries(context, base, patch, {
    path,
    isNeeded: (name) => ownValue(shape.fields, name)?.presence === "required",
    merge: (name, old, wanted) => {
      const field = ownValue(shape.fields, name);
      return field ? mergeShape(context, field, [...path, name], old, wanted) : wanted;
    },
  });
  const given = [...patch.entries.keys()].filter((name) => merged.entries.has(name));
  const chosen = shape.exactlyOne?.filter((name) => given.includes(name)) ?? [];
  // A patch that gives another one of the alternatives means that one instead.
  const others = chosen.length === 0 ? [] : shape.exactlyOne?.filter((name) => !chosen.includes(name));
  const excluded = context.over === "defaults" ? excludedBy(given, shape.fields, merged) : [];
  const dropped = new Set([...(others ?? []), ...excluded]);
  if (dropped.size === 0) return merged;
  return { ...merged, entries: new Map([...merged.entries].filter(([name]) => !dropped.has(name))) };
}

/** The other fields of a map that can't be set together with those that are given. */
const excludedBy = (given: readonly string[], fields: Fields, { entries }: Mapping): readonly string[] =>
  [...entries.keys()].filter(
    (name) => !given.includes(name) && given.some((other) => findConflicts(fields, [name, other]).length > 0),
  );

/** A manifest without the defaults that can't be set together with what it, or a patch of it, gives. */
export function dropExcludedDefaults(root: Mapping, fields: Fields): Mapping {
  const spec = mappingAt(root, "spec");
  if (!spec) return root;
  const given = [...spec.entries].flatMap(([name, { key }]) => (isProjectFile(key.file) ? [] : [name]));
  const dropped = new Set(excludedBy(given, fields, spec));
  if (dropped.size === 0) return root;
  const entries = new Map([...spec.entries].filter(([name]) => !dropped.has(name)));
  return withEntry(root, "spec", { ...spec, entries });
}

interface EntryMergeOptions {
  readonly path: Steps;
  /** Whether a key can't be taken away. */
  readonly isNeeded?: ((key: string) => boolean) | undefined;
  readonly merge: (key: string, old: SourceNode, wanted: SourceNode) => SourceNode;
}

function mergeEntries(
  context: MergeContext,
  base: Mapping,
  patch: Mapping,
  { path, isNeeded, merge }: EntryMergeOptions,
): Mapping {
  const { over } = context;
  const entries = new Map<string, SourceEntry>(base.entries);
  for (const [key, wanted] of patch.entries) {
    const old = entries.get(key);
    // Where a value is needed, the check of the whole tells that the patch gives none. Defaults need no value.
    if (isExplicitNull(wanted.value) && !(old && over !== "defaults" && isNeeded?.(key))) {
      if (entries.delete(key)) continue;
      // Without a default, it is for the check of the manifest to say that null is no value.
      if (over === "manifest") entries.set(key, wanted);
      else reportAbsent(context, [...path, key], wanted, base);
    } else if (!old) entries.set(key, wanted);
    else {
      const value = merge(key, old.value, wanted.value);
      const isWanted = value === wanted.value || over === "manifest";
      entries.set(key, { key: isWanted ? wanted.key : old.key, value });
    }
  }
  return over === "manifest" ? addDefaults(patch, entries) : { ...base, entries };
}

/** What a manifest has is written there, and comes first, even if defaults add to it. */
function addDefaults(manifest: Mapping, merged: ReadonlyMap<string, SourceEntry>): Mapping {
  const own = [...manifest.entries.keys()].flatMap((key): [string, SourceEntry][] => {
    const entry = merged.get(key);
    return entry ? [[key, entry]] : [];
  });
  return { ...manifest, entries: new Map([...own, ...merged]) };
}

function reportAbsent(
  { report, over }: MergeContext,
  path: Steps,
  { key }: SourceEntry,
  base: Mapping,
): void {
  const hint = proposeWord(path.at(-1) ?? "", base.entries.keys(), "keys");
  const values = { field: path.join(".") };
  const message =
    over === undefined
      ? say("manifest-values/patch-removes-absent", values)
      : say("manifest-values/default-removes-absent", values);
  report(key, { code: "unknown-patch-target", message, hint });
}

const isExplicitNull = (node: SourceNode): boolean =>
  node.type === "scalar" && node.value === null && node.source !== "" && !node.broken;

function mergeItems(
  context: MergeContext,
  shape: ListShape & { readonly key: string },
  path: Steps,
  base: List,
  patch: List,
): List {
  if (patch.items.length === 0) {
    const values = { list: path.join("."), key: shape.key };
    context.report(patch.at, { code: "empty-patch", ...explain("manifest-values/patch-list-empty", values) });
  }
  const keyText = (item: SourceNode): string | undefined => {
    const value = valueAt(item, shape.key);
    return value && canonicalJson(toJson(substitute(value, context.scope, () => {})));
  };
  const expand = (item: SourceNode) =>
    shape.items.type === "object" ? expandShorthand(shape.items, item) : item;
  const items = base.items.map(expand);
  const known = items.map(keyText);
  for (const wanted of patch.items.map(expand)) {
    const wantedKey = keyText(wanted);
    const index = wantedKey === undefined ? -1 : known.indexOf(wantedKey);
    const old = items[index];
    const place = [...path, (wantedKey ?? "").replaceAll('"', "")];
    if (old) items[index] = mergeShape(context, shape.items, place, old, wanted);
    else items.push(wanted);
  }
  return { ...base, items };
}

/** What patches are merged with. */
export type PatchContext = Omit<MergeContext, "fields"> & { readonly kinds: Kinds };

/**
 * Merges each patch over the manifest of its address or over all that its `match` finds, those of one item only when
 * there are items; one that hits or says nothing is reported. Of several the later ones win.
 */
export function applyPatches(
  manifests: readonly Manifest[],
  patches: readonly Manifest[],
  context: PatchContext,
): readonly Manifest[] {
  if (patches.length === 0) return manifests;
  const patched = new Map<Address, Manifest>();
  for (const one of manifests) if (one.identity) patched.set(addressOf(one.identity), one);
  for (const patch of patches) {
    if (patch.damaged) continue;
    const found = findPatched(patch, patched, context);
    const root = patch.root.entries.has("match") ? dropMatch(patch.root) : patch.root;
    for (const [address, one] of found) {
      if (!one.damaged) patched.set(address, applyPatch(one, { ...patch, root }, context));
    }
  }
  return manifests.map((one) => (one.identity ? (patched.get(addressOf(one.identity)) ?? one) : one));
}

/** The manifests that a patch is about, by address; reports a patch that is about none, or changes nothing. */
function findPatched(
  patch: Manifest,
  manifests: ReadonlyMap<Address, Manifest>,
  { kinds, scope, report }: PatchContext,
): readonly (readonly [Address, Manifest])[] {
  const { identity, root } = patch;
  if (root.entries.has("match")) {
    const match = readMatch(root, kinds, report);
    if (!match) return [];
    const found = [...manifests].filter(([, one]) => isMatch(one, match, scope));
    if (found.length === 0) reportNoMatch(root, match, [...manifests.values()], scope, report);
    if (isEmptyPatch(root)) {
      report(root.at, { code: "empty-patch", ...explain("manifest-values/match-empty") });
    }
    return found;
  }
  if (!identity) {
    reportUnidentified(root, kinds, report);
    return [];
  }
  const address = addressOf(identity);
  const one = manifests.get(address);
  if (!one) reportUnknownTarget(patch, address, manifests.keys(), report);
  if (isEmptyPatch(root)) {
    report(root.at, { code: "empty-patch", ...explain("manifest-values/patch-empty", { address }) });
  }
  return one ? [[address, one]] : [];
}

function applyPatch(manifest: Manifest, patch: Manifest, context: PatchContext): Manifest {
  const key = patch.identity?.key;
  if (key === undefined) return mergeOver(manifest, [patch], context);
  const items = new Map(manifest.items);
  return { ...manifest, items: items.set(key, [...(items.get(key) ?? []), patch]) };
}

/** A manifest with patches merged over it, the last one on top. */
export function mergeOver(
  manifest: Manifest,
  patches: readonly Manifest[],
  { scope, report }: Omit<MergeContext, "fields">,
): Manifest {
  const context = { fields: manifest.kind?.fields ?? {}, scope, report };
  const root = patches.reduce((base, patch) => mergeManifest(context, base, patch.root), manifest.root);
  return { ...manifest, root, flawed: manifest.flawed || patches.some((patch) => patch.flawed) };
}

function reportUnknownTarget(
  { identity }: Manifest,
  address: string,
  known: Iterable<string>,
  report: Report,
): void {
  const near = suggestAddress(address, known);
  report(identity?.nameAt, {
    code: "unknown-patch-target",
    message: say("manifest-values/patch-without-manifest", { address }),
    hint:
      near === undefined ? say("manifest-values/patch-identity") : say("common/did-you-mean", { word: near }),
  });
}

/** Whether a patch holds no more than what names its manifest. */
function isEmptyPatch(root: Mapping): boolean {
  const named = new Set(["apiVersion", "kind", "match"]);
  const names = root.entries.has("match") ? 0 : 1;
  return [...root.entries].every(([part, { value }]) => {
    if (part === "metadata" && value.type === "map") return value.entries.size <= names;
    return named.has(part) || (part === "spec" && value.type === "map" && value.entries.size === 0);
  });
}

function reportUnidentified(root: Mapping, kinds: Kinds, report: Report): void {
  const kind = valueAt(root, "kind");
  const word = textOf(kind);
  if (kind && word !== undefined && !kinds.has(word)) {
    const message = say("manifest-schema/kind-unknown", { kind: JSON.stringify(word) });
    report(kind.at, { code: "unknown-kind", message, hint: proposeWord(word, kinds.keys(), "kinds") });
    return;
  }
  report(root.at, {
    code: "missing",
    message: say("manifest-values/patch-unidentified", {
      field: word === undefined ? "kind" : "metadata.name",
    }),
    hint: say("manifest-values/patch-identity"),
  });
}

/** Reports patches of single items that aren't there, and those that want to be several. */
export function reportUnknownItems(
  { identity, items: patched = new Map() }: Manifest,
  items: readonly ForEachItem[] | undefined,
  report: Report,
): void {
  const address = identity ? addressOf(identity) : "";
  const keys = items?.map(({ key }) => String(key.value));
  for (const [key, patches] of patched) {
    const near = keys && suggest(key, keys);
    const hint = near && say("common/did-you-mean", { word: JSON.stringify(near) });
    const lacking = keys ? "manifest-values/patch-without-item" : "manifest-values/patch-without-for-each";
    const message = say(lacking, { address, item: JSON.stringify(key) });
    for (const { identity: named, root } of patches) {
      if (!keys?.includes(key)) report(named?.nameAt, { code: "unknown-patch-target", message, hint });
      const forEach = mappingAt(root, "metadata")?.entries.get("for_each");
      if (forEach) {
        report(forEach.key, { code: "bad-for-each", ...explain("manifest-values/patch-item-for-each") });
      }
    }
  }
}
