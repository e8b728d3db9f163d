import type { Path } from "../../../core/spec-walk.ts";
import type { Type } from "../../schema/attribute.ts";

/** One step of a path, as the protocol tells names of attributes, keys of maps and indexes apart. */
export type Selector =
  | { readonly case: "attributeName"; readonly value: string }
  | { readonly case: "elementKeyString"; readonly value: string }
  | { readonly case: "elementKeyInt"; readonly value: bigint };

/** The steps of a path through a type, up to where a set begins, to whose elements no path leads. */
export function selectorsOf(path: Path, type: Type): readonly Selector[] {
  const selectors: Selector[] = [];
  let place: Type | undefined = type;
  for (const step of path) {
    const selector: Selector | undefined = place && selectorOf(place, step);
    if (!place || !selector) break;
    selectors.push(selector);
    place = partOf(place, step);
  }
  return selectors;
}

function selectorOf(place: Type, step: string | number): Selector | undefined {
  if (typeof place === "string" || "set" in place) return undefined;
  if ("map" in place) return { case: "elementKeyString", value: String(step) };
  if ("object" in place) {
    const isAttribute = typeof step === "string" && Object.hasOwn(place.object, step);
    return isAttribute ? { case: "attributeName", value: step } : undefined;
  }
  return typeof step === "number" ? { case: "elementKeyInt", value: BigInt(step) } : undefined;
}

function partOf(place: Type, step: string | number): Type | undefined {
  if (typeof place === "string" || "set" in place) return undefined;
  if ("map" in place) return place.map;
  if ("list" in place) return place.list;
  return "tuple" in place ? place.tuple[Number(step)] : place.object[step];
}
