import type { Fields, ListShape, ObjectShape, Shape } from "../core/field.ts";
import { canonicalJson } from "../core/value.ts";
import { expandShorthand } from "./complete.ts";
import {
  type Entry,
  type List,
  type Mapping,
  own,
  soleText,
  toJson,
  valueAt,
  type Written,
} from "./written.ts";

/**
 * Merges a partial manifest over the whole one of the same address. Maps merge key by key, lists are replaced
 * unless their items have a key field, an explicit `null` takes a key away; every part keeps its own place.
 */
export function mergeManifest(fields: Fields, base: Mapping, patch: Mapping): Mapping {
  return mergeEntries(base, patch, (part, old, wanted) => {
    if (part === "spec") return mergeShape({ type: "object", fields }, old, wanted);
    return part === "metadata" && old.type === "map" && wanted.type === "map"
      ? mergeEntries(old, wanted, mergeMetadata)
      : wanted;
  });
}

function mergeMetadata(key: string, old: Written, wanted: Written): Written {
  const files = key === "for_each" && (soleText(old, "files") ?? soleText(wanted, "files"));
  return files ? wanted : mergeShape({ type: "map" }, old, wanted);
}

function mergeShape(shape: Shape, base: Written, patch: Written): Written {
  if (shape.type === "object") {
    const old = expandShorthand(shape, base);
    const wanted = expandShorthand(shape, patch);
    return old.type === "map" && wanted.type === "map" ? mergeObject(shape, old, wanted) : wanted;
  }
  if (shape.type === "map" && base.type === "map" && patch.type === "map") {
    return mergeEntries(base, patch, (_, old, wanted) => mergeShape(shape.values ?? shape, old, wanted));
  }
  if (shape.type === "list" && base.type === "list" && patch.type === "list") {
    return shape.key === undefined ? patch : mergeItems(shape, shape.key, base, patch);
  }
  return patch;
}

function mergeObject(shape: ObjectShape, base: Mapping, patch: Mapping): Mapping {
  const merged = mergeEntries(base, patch, (name, old, wanted) => {
    const field = own(shape.fields, name);
    return field ? mergeShape(field, old, wanted) : wanted;
  });
  const chosen =
    shape.exactlyOne?.filter((name) => patch.entries.has(name) && merged.entries.has(name)) ?? [];
  if (chosen.length === 0) return merged;
  // A patch that gives another one of the alternatives means that one instead.
  const dropped = new Set(shape.exactlyOne?.filter((name) => !chosen.includes(name)));
  return { ...merged, entries: new Map([...merged.entries].filter(([name]) => !dropped.has(name))) };
}

function mergeEntries(
  base: Mapping,
  patch: Mapping,
  merge: (key: string, old: Written, wanted: Written) => Written,
): Mapping {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, wanted] of patch.entries) {
    const old = entries.get(key);
    if (isExplicitNull(wanted.value)) entries.delete(key);
    else if (!old) entries.set(key, wanted);
    else {
      const value = merge(key, old.value, wanted.value);
      entries.set(key, { key: value === wanted.value ? wanted.key : old.key, value });
    }
  }
  return { ...base, entries };
}

const isExplicitNull = (node: Written): boolean =>
  node.type === "scalar" && node.value === null && node.source !== "" && !node.broken;

function mergeItems(shape: ListShape, key: string, base: List, patch: List): List {
  const expand = (item: Written) =>
    shape.items.type === "object" ? expandShorthand(shape.items, item) : item;
  const items = base.items.map(expand);
  const known = items.map((item) => keyText(item, key));
  for (const wanted of patch.items.map(expand)) {
    const wantedKey = keyText(wanted, key);
    const index = wantedKey === undefined ? -1 : known.indexOf(wantedKey);
    const old = items[index];
    if (old) items[index] = mergeShape(shape.items, old, wanted);
    else items.push(wanted);
  }
  return { ...base, items };
}

function keyText(item: Written, key: string): string | undefined {
  const value = valueAt(item, key);
  return value && canonicalJson(toJson(value));
}
