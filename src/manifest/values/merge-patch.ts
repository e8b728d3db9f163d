import type { Fields, ListShape, ObjectShape, Shape } from "../../core/field.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { canonicalJson } from "../../core/value.ts";
import type { Report } from "../diagnostic-codes.ts";
import { commonParts } from "../schema/header-fields.ts";
import { expandShorthand } from "../schema/shorthand.ts";
import {
  type List,
  type Mapping,
  own,
  type SourceEntry,
  type SourceNode,
  soleText,
  toJson,
  valueAt,
} from "../yaml/source-tree.ts";
import { type Scope, substitute } from "./substitute.ts";

/** What patches are merged with. */
export interface Merging {
  readonly fields: Fields;
  /** What is known of the values that keys of items are told apart by. */
  readonly scope: Scope;
  /** Told of what a patch takes away and isn't there. */
  readonly report: Report;
}

/**
 * Merges a partial manifest over the whole one of the same address. Maps merge key by key, lists are replaced
 * unless their items have a key field, an explicit `null` takes a key away; every part keeps its own place.
 */
export function mergeManifest(merging: Merging, base: Mapping, patch: Mapping): Mapping {
  const spec: Shape = { type: "object", fields: merging.fields };
  return mergeEntries(merging, base, patch, {
    path: [],
    isNeeded: (part) => !own(commonParts, part),
    merge: (part, old, wanted) => {
      const common = own(commonParts, part);
      if (common) return mergeShape(merging, common, [part], old, wanted);
      if (part === "spec") return mergeShape(merging, spec, [part], old, wanted);
      if (part !== "metadata" || old.type !== "map" || wanted.type !== "map") return wanted;
      return mergeEntries(merging, old, wanted, {
        path: [part],
        merge: (key, one, other) => mergeMetadata(merging, key, one, other),
      });
    },
  });
}

function mergeMetadata(merging: Merging, key: string, old: SourceNode, wanted: SourceNode): SourceNode {
  // That of a patch may name one item of the manifest's.
  if (key === "name") return old;
  const files = key === "for_each" && (soleText(old, "files") ?? soleText(wanted, "files"));
  return files ? wanted : mergeShape(merging, { type: "map" }, ["metadata", key], old, wanted);
}

type Steps = readonly string[];

function mergeShape(
  merging: Merging,
  shape: Shape,
  path: Steps,
  base: SourceNode,
  patch: SourceNode,
): SourceNode {
  if (shape.type === "object") {
    const old = expandShorthand(shape, base);
    const wanted = expandShorthand(shape, patch);
    return old.type === "map" && wanted.type === "map"
      ? mergeObject(merging, shape, path, old, wanted)
      : wanted;
  }
  if (shape.type === "map" && base.type === "map" && patch.type === "map") {
    return mergeEntries(merging, base, patch, {
      path,
      merge: (key, old, wanted) => mergeShape(merging, shape.values ?? shape, [...path, key], old, wanted),
    });
  }
  if (shape.type === "list" && base.type === "list" && patch.type === "list") {
    return shape.key === undefined
      ? patch
      : mergeItems(merging, { ...shape, key: shape.key }, path, base, patch);
  }
  return patch;
}

function mergeObject(
  merging: Merging,
  shape: ObjectShape,
  path: Steps,
  base: Mapping,
  patch: Mapping,
): Mapping {
  const merged = mergeEntries(merging, base, patch, {
    path,
    isNeeded: (name) => own(shape.fields, name)?.presence === "required",
    merge: (name, old, wanted) => {
      const field = own(shape.fields, name);
      return field ? mergeShape(merging, field, [...path, name], old, wanted) : wanted;
    },
  });
  const chosen =
    shape.exactlyOne?.filter((name) => patch.entries.has(name) && merged.entries.has(name)) ?? [];
  if (chosen.length === 0) return merged;
  // A patch that gives another one of the alternatives means that one instead.
  const dropped = new Set(shape.exactlyOne?.filter((name) => !chosen.includes(name)));
  return { ...merged, entries: new Map([...merged.entries].filter(([name]) => !dropped.has(name))) };
}

interface EntryMerging {
  readonly path: Steps;
  /** Whether a key can't be taken away. */
  readonly isNeeded?: (key: string) => boolean;
  readonly merge: (key: string, old: SourceNode, wanted: SourceNode) => SourceNode;
}

function mergeEntries(
  { report }: Merging,
  base: Mapping,
  patch: Mapping,
  { path, isNeeded, merge }: EntryMerging,
): Mapping {
  const entries = new Map<string, SourceEntry>(base.entries);
  for (const [key, wanted] of patch.entries) {
    const old = entries.get(key);
    // Where a value is needed, the check of the whole tells that the patch gives none.
    if (isExplicitNull(wanted.value) && !(old && isNeeded?.(key))) {
      if (!entries.delete(key)) reportAbsent(report, [...path, key], wanted, base);
    } else if (!old) entries.set(key, wanted);
    else {
      const value = merge(key, old.value, wanted.value);
      entries.set(key, { key: value === wanted.value ? wanted.key : old.key, value });
    }
  }
  return { ...base, entries };
}

function reportAbsent(report: Report, path: Steps, { key }: SourceEntry, base: Mapping): void {
  const hint = proposeWord(path.at(-1) ?? "", base.entries.keys(), "keys");
  const message = `there is no ${path.join(".")} that this patch could take away`;
  report(key, { code: "unknown-patch-target", message, hint });
}

const isExplicitNull = (node: SourceNode): boolean =>
  node.type === "scalar" && node.value === null && node.source !== "" && !node.broken;

function mergeItems(
  merging: Merging,
  shape: ListShape & { readonly key: string },
  path: Steps,
  base: List,
  patch: List,
): List {
  if (patch.items.length === 0) {
    const message = `the items of ${path.join(".")} are merged by ${shape.key}, so an empty list changes nothing`;
    merging.report(patch.at, { code: "empty-patch", message, hint: "write null to take all of them away" });
  }
  const keyText = (item: SourceNode): string | undefined => {
    const value = valueAt(item, shape.key);
    return value && canonicalJson(toJson(substitute(value, merging.scope, () => {})));
  };
  const expand = (item: SourceNode) =>
    shape.items.type === "object" ? expandShorthand(shape.items, item) : item;
  const items = base.items.map(expand);
  const known = items.map(keyText);
  for (const wanted of patch.items.map(expand)) {
    const wantedKey = keyText(wanted);
    const index = wantedKey === undefined ? -1 : known.indexOf(wantedKey);
    const old = items[index];
    if (old)
      items[index] = mergeShape(
        merging,
        shape.items,
        [...path, (wantedKey ?? "").replaceAll('"', "")],
        old,
        wanted,
      );
    else items.push(wanted);
  }
  return { ...base, items };
}
