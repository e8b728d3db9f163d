import { rememberValue } from "../../core/digest.ts";
import type { Fields, Shape } from "../../core/field.ts";
import { groupBy } from "../../core/group.ts";
import { formatPath, leavesOf, type Path, valueAt } from "../../core/spec-walk.ts";
import {
  canonicalJson,
  isDigest,
  isFileContent,
  isReference,
  type Json,
  type Values,
} from "../../core/value.ts";
import type { TextComparison } from "./text-likeness.ts";

/** The share of written fields that have to be equal; from 0 to 1. */
const alike = 0.8;

/** The written fields of a resource, prepared for many comparisons. */
export interface WrittenFields {
  /** By top-level name, cheap ones to compare first. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, Leaf>>;
}

interface Leaf {
  readonly path: Path;
  readonly shape: Shape;
  readonly value: Json;
  /** The same for equal values, whether one is remembered as a digest or not. */
  readonly key: string;
}

/** How the fields of what goes compare with those of what comes. */
export interface Likeness {
  readonly equal: number;
  readonly written: number;
  /** It depends on a text that the state keeps only as a digest. */
  readonly unread?: true | undefined;
}

/** What values of two resources are compared by. */
export interface ComparisonContext {
  readonly texts: TextComparison;
  /** The id of the object that a reference stands for, if there is one. */
  idOf(address: string): string | undefined;
}

/** The written fields of a spec, in remembered form or as wanted. */
export function readWritten(fields: Fields, spec: Values, salt: string): WrittenFields {
  const leaves = leavesOf(fields, spec).map(({ path, shape, value, sensitive }): Leaf => {
    const kept = isDigest(value) ? value : rememberValue(value, salt, sensitive);
    return { path, shape, value, key: isFileContent(kept) ? kept.sha256 : canonicalJson(kept) };
  });
  const byName = groupBy(leaves, ({ path }) => String(path[0]));
  const entries = [...byName].map(
    ([name, some]) => [name, new Map(some.map((leaf) => [formatPath(leaf.path), leaf]))] as const,
  );
  const isCostly = (parts: ReadonlyMap<string, Leaf>) =>
    [...parts.values()].some(({ shape }) => isText(shape));
  return { fields: new Map(entries.sort(([, a], [, b]) => Number(isCostly(a)) - Number(isCostly(b)))) };
}

const isText = (shape: Shape): boolean => shape.type === "string" && shape.text === true;

/**
 * How alike two resources are by what is written of them, if they are: at least 80 % of the fields are equal, where texts
 * count as equal that are alike, and no long text of both is another one. `live`: what Coze shows of what goes.
 */
export function compareWritten(
  went: WrittenFields,
  came: WrittenFields,
  live: Values | undefined,
  context: ComparisonContext,
): Likeness | undefined {
  const names = [...new Set([...went.fields.keys(), ...came.fields.keys()])];
  const least = alike * names.length - 1e-9;
  let equal = 0;
  let unread: true | undefined;
  for (const [index, name] of names.entries()) {
    const share = shareOf(went.fields.get(name), came.fields.get(name), live, context);
    if (share === "other-text") return undefined;
    if (share === "unread") unread = true;
    equal += share === "unread" ? 1 : share;
    // Most pairs end here, before any long text is compared.
    if (equal + names.length - index - 1 < least) return undefined;
  }
  return { equal: Math.floor(equal), written: names.length, unread };
}

/** The share of a top-level field that is equal, by its parts. */
function shareOf(
  went: ReadonlyMap<string, Leaf> = new Map(),
  came: ReadonlyMap<string, Leaf> = new Map(),
  live: Values | undefined,
  context: ComparisonContext,
): number | "other-text" | "unread" {
  const shared = [...went].filter(([path]) => came.has(path));
  let equal = 0;
  let unread = false;
  for (const [path, leaf] of shared) {
    const other = came.get(path);
    const same = other ? compareLeaf(leaf, other, live, context) : "other";
    if (same === "other-text") return "other-text";
    if (same === "unread") unread = true;
    if (same !== "other") equal += 1;
  }
  return unread ? "unread" : equal / Math.max(went.size + came.size - shared.length, 1);
}

function compareLeaf(
  { value, shape, path, key }: Leaf,
  came: Leaf,
  live: Values | undefined,
  { texts, idOf }: ComparisonContext,
): "equal" | "other" | "other-text" | "unread" {
  if (key === came.key) return "equal";
  if (isReference(came.value)) return idOf(came.value.$ref) === value ? "equal" : "other";
  if (typeof came.value !== "string" || isFileContent(value)) return "other";
  // An id that differs in one digit is the id of something else.
  if (/^\d+$/u.test(came.value)) return "other";
  const different = isText(shape) ? "other-text" : "other";
  const before = isDigest(value) && !value.sensitive && live ? valueAt(live, path) : value;
  if (typeof before === "string") return texts.areAlike(before, came.value) ? "equal" : different;
  if (!isDigest(value) || value.sensitive) return "other";
  // The text itself can be read at Coze; its length is known without that.
  const [one, other] = [value.characters ?? 0, came.value.length];
  return Math.min(one, other) >= Math.max(one, other) * alike * alike ? "unread" : different;
}
