import path from "node:path";
import type { Diagnostic, Location } from "../../core/diagnostic.ts";
import { isError } from "../../core/diagnostic.ts";
import { addTo } from "../../core/group.ts";
import { isObject, type Json } from "../../core/value.ts";
import type { Allowance, Resource } from "../../kind/resource.ts";
import { explain, say } from "../../messages/text.ts";
import { findSecrets } from "../../secrets/detection.ts";
import { type Report, rules } from "../problems.ts";
import {
  includedFiles,
  type Mapping,
  mapEntries,
  mapItems,
  mappingAt,
  type SourceNode,
  textOf,
  validText,
  valueAt,
} from "../yaml/source-tree.ts";
import { admitSecret, isAllowable, secretRule, unknownRule } from "./rules.ts";

/** An {@link Allowance} and where it is written. */
export interface PlacedAllowance extends Allowance {
  readonly at: Location;
}

/**
 * What `metadata.allow` of a manifest allows on a day (`2027-03-31`). Reports rules that don't exist, and what has expired,
 * which allows nothing.
 */
export function readAllowances(root: Mapping, today: string, report: Report): readonly PlacedAllowance[] {
  const list = valueAt(mappingAt(root, "metadata"), "allow");
  if (list?.type !== "list") return [];
  return list.items.flatMap((item): readonly PlacedAllowance[] => {
    const [rule, reason, expires] = ["rule", "reason", "expires"].map((key) => valueAt(item, key));
    const name = validText(rule);
    if (rule === undefined || name === undefined) return [];
    if (!isAllowable(name)) {
      report(rule.at, unknownRule(name, [secretRule, ...rules]));
      return [];
    }
    const day = validText(expires);
    if (day === undefined && expires === undefined && name === secretRule)
      report(item.at, { code: "missing", ...explain("manifest/allowance-without-end", { rule: name }) });
    if (expires && day !== undefined && isDay(day) && day < today) {
      report(expires.at, { code: "expired-allowance", ...explain("manifest/expired-allowance", { day }) });
      return [];
    }
    if (expires && day !== undefined && !isDay(day)) {
      // What isn't even in the form of a day is reported by the schema.
      if (/^\d{4}-\d{2}-\d{2}$/u.test(day))
        report(expires.at, { code: "malformed", message: say("manifest/no-such-day", { day }) });
      return [];
    }
    return [{ rule: name, reason: textOf(reason) ?? "", expires: day, at: rule.at }];
  });
}

/** Whether a text in the form of a day is one of the calendar. */
function isDay(text: string): boolean {
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

/** A value whose secrets are allowed: they are texts like all others. */
export function admitSecrets<Node extends SourceNode>(node: Node): Node {
  const visit = (part: SourceNode): SourceNode => {
    if (part.type === "scalar") return admitSecret(part);
    return part.type === "list" ? mapItems(part, visit) : mapEntries(part, visit);
  };
  return visit(node) as Node;
}

/** A resource, the manifest that it comes from, and its texts with their places. */
export interface AllowingPart {
  readonly allowances: readonly PlacedAllowance[];
  readonly root: Mapping;
  readonly resource: Pick<Resource, "spec"> | undefined;
}

/** Finds the lines of the document in which a place is: equal for places of one document. */
export type DocumentOf = (at: Location) => string;

/** Where the documents of files begin: each with the line of its `---`, if it has one. */
export function locateDocuments(
  documents: readonly { readonly root: SourceNode }[],
  sources: ReadonlyMap<string, string>,
): DocumentOf {
  const files = new Map<string, Location[]>();
  for (const { root } of documents) addTo(files, root.at.file, root.at);
  const starts = new Map<string, readonly number[]>();
  return ({ file, line }) => {
    const known = starts.get(file) ?? findStarts(files.get(file) ?? [], sources.get(file) ?? "");
    starts.set(file, known);
    return `${file}:${known.findLast((start) => start <= line) ?? 0}`;
  };
}

function findStarts(places: readonly Location[], text: string): readonly number[] {
  const signs = text.split("\n").flatMap((line, index) => (line.startsWith("---") ? [index + 1] : []));
  return places.slice(1).map(({ line }) => signs.findLast((sign) => sign <= line) ?? line);
}

/**
 * Takes out what is allowed, by the manifest or by all the manifests that name the file in which it is, and warns of
 * allowances for which there is nothing.
 */
export function applyAllowances(
  diagnostics: readonly Diagnostic[],
  parts: readonly AllowingPart[],
  documentOf: DocumentOf,
): readonly Diagnostic[] {
  const allowing = parts.filter(({ allowances }) => allowances.length > 0);
  if (allowing.length === 0) return diagnostics;
  const owners = new Map<string, Set<AllowingPart>>();
  for (const part of parts) {
    for (const place of placesOf(part, documentOf)) {
      const known = owners.get(place) ?? new Set();
      owners.set(place, known.add(part));
    }
  }
  const used = new Set<string>();
  const isAllowed = ({ code, at }: Diagnostic): boolean => {
    if (!at) return false;
    const those = [...(owners.get(documentOf(at)) ?? owners.get(at.file) ?? [])];
    const found = those.map(({ allowances }) => allowances.find(({ rule }) => rule === code));
    for (const one of found) if (one) used.add(keyOf(one));
    return those.length > 0 && found.every((one) => one !== undefined);
  };
  const rest = diagnostics.filter((one) => !isAllowed(one));
  const faulty = new Set(rest.filter(isError).map(({ at }) => at?.file));
  const unused = new Map<string, PlacedAllowance>();
  for (const { allowances, resource } of allowing) {
    const isHidden = resource !== undefined && holdsSecret(resource.spec);
    for (const one of allowances) if (one.rule === secretRule && isHidden) used.add(keyOf(one));
    // With errors, not every check has been made.
    for (const one of allowances) if (!faulty.has(one.at.file)) unused.set(keyOf(one), one);
  }
  for (const key of used) unused.delete(key);
  return [...rest, ...[...unused.values()].map(warnOfUnused)];
}

const keyOf = ({ rule, at }: PlacedAllowance): string => [rule, at.file, at.line, at.column].join(":");

const warnOfUnused = ({ rule, at }: PlacedAllowance): Diagnostic => ({
  code: "unused-allowance",
  severity: "warning",
  ...explain("manifest/unused-allowance", { rule }),
  at,
});

/** The documents and files that hold the texts of a resource. */
function placesOf({ root, resource }: AllowingPart, documentOf: DocumentOf): ReadonlySet<string> {
  const places = new Set([documentOf(root.at)]);
  const visit = (node: SourceNode): void => {
    if (node.type !== "scalar") {
      const inner = node.type === "list" ? node.items : [...node.entries.values()].map(({ value }) => value);
      for (const one of inner) visit(one);
      return;
    }
    for (const file of includedFiles(node.pieces ?? [])) places.add(file);
    if (node.textFile !== undefined) places.add(node.textFile);
    // Patches and other files may have put it in.
    else if (node.at.file !== root.at.file) places.add(documentOf(node.at));
  };
  visit(root);
  for (const file of filesIn(resource?.spec ?? {})) places.add(path.posix.normalize(file));
  return places;
}

function filesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(filesIn);
  if (!isObject(value)) return [];
  return typeof value.$file === "string" ? [value.$file] : Object.values(value).flatMap(filesIn);
}

function holdsSecret(value: Json): boolean {
  if (typeof value === "string") return findSecrets(value).length > 0;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

/** What a plan says of an allowance. */
export const describeAllowance = ({ rule, reason, expires }: Allowance): string =>
  expires === undefined
    ? say("manifest/allowed", { rule, reason })
    : say("manifest/allowed-until", { rule, reason, day: expires });
