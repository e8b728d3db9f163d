import { formatAddress, parseAddress } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import { proposeWord, suggestAddress } from "../core/suggestions.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Report } from "./diagnostic-codes.ts";
import { type Merging, mergeManifest } from "./values/merge-patch.ts";
import type { ParsedDocument } from "./yaml/parse.ts";
import { type Mapping, mappingAt, type SourceNode, textOf, valueAt } from "./yaml/source-tree.ts";

/** A document that says it is a manifest. */
export interface Manifest {
  readonly root: Mapping;
  readonly kind?: KindSchema;
  /** Undefined when its kind or name is none: then it can only be checked, not made into resources. */
  readonly identity?: Identity;
  /** YAML found fault with it. */
  readonly damaged: boolean;
  /** A part of it is reported already. */
  readonly flawed: boolean;
  /** Patches of single items of its `for_each`, by key. */
  readonly items?: ReadonlyMap<string, readonly Manifest[]>;
}

export interface Identity {
  readonly kind: KindSchema;
  readonly name: string;
  readonly nameAt: Location;
  /** Of a patch: the one item that it is about. */
  readonly key?: string;
}

type Kinds = ReadonlyMap<string, KindSchema>;

/** Whether a document says that it is a manifest, however faulty. */
export const isManifest = (root: SourceNode): boolean =>
  root.type === "map" && (root.entries.has("kind") || root.entries.has("apiVersion"));

/**
 * Tells manifests from other documents, which are reported; `chosen`: the project file names their files; `patches`:
 * they are patches, which may name one item of a `for_each`.
 */
export function readManifests(
  documents: readonly ParsedDocument[],
  kinds: Kinds,
  report: Report,
  { chosen, patches = false }: { readonly chosen: boolean; readonly patches?: boolean },
): readonly Manifest[] {
  return documents.flatMap(({ root, damaged, flawed }) => {
    if (root.type === "map" && isManifest(root)) {
      const kind = kinds.get(textOf(valueAt(root, "kind")) ?? "");
      const identity = kind && identify(root, kind, patches);
      return [{ root, damaged, flawed, kind, identity }];
    }
    if (!damaged) {
      const message = root.type === "map" ? "it has neither apiVersion nor kind" : "a manifest is a map";
      report(root.at, {
        code: "not-a-manifest",
        message: `this isn't a manifest: ${message}`,
        hint: adviseStranger(root, chosen),
      });
    }
    return [];
  });
}

function adviseStranger(root: SourceNode, chosen: boolean): string {
  if (root.type === "list" && root.items.some(isManifest)) {
    return "write its items one after the other, with --- on a line between them";
  }
  const needs = "a manifest has apiVersion, kind, metadata: {name: …} and spec";
  const meant = ["metadata", "spec"].some((key) => valueAt(root, key));
  if (chosen || meant || /(?:^|\/)manifests\//u.test(root.at.file)) return needs;
  return `${needs}; if this file is none, name those that are under manifests: in cozeform.yaml`;
}

function identify(root: Mapping, kind: KindSchema, keyed: boolean): Identity | undefined {
  const node = valueAt(mappingAt(root, "metadata"), "name");
  const text = textOf(node);
  const parsed = text === undefined ? undefined : parseAddress(`${kind.name}.${text}`);
  if (!node || !parsed || (parsed.key !== undefined && !keyed)) return undefined;
  const { name, key } = parsed;
  return { kind, name, nameAt: node.at, ...(key === undefined ? {} : { key }) };
}

/** The address of a manifest, or of one item of its `for_each`. */
export const addressOf = ({ kind, name }: Identity, key?: string): string =>
  formatAddress(kind.name, name, key);

/** Reports manifests whose address is taken, with both places, and takes it from them. */
export function reportDuplicates(manifests: readonly Manifest[], report: Report): readonly Manifest[] {
  const first = new Map<string, Location>();
  return manifests.map((manifest) => {
    const { identity, ...rest } = manifest;
    if (!identity) return manifest;
    const address = addressOf(identity);
    const other = first.get(address);
    if (!other) {
      first.set(address, identity.nameAt);
      return manifest;
    }
    const place = `${other.file}:${other.line}:${other.column}`;
    const hint = "give one of them another name";
    report(identity.nameAt, {
      code: "duplicate-address",
      message: `${address} is already at ${place}`,
      hint,
    });
    return rest;
  });
}

/** What patches are merged with. */
export type Patching = Omit<Merging, "fields"> & { readonly kinds: Kinds };

/**
 * Merges each patch over the manifest of its address, those of one item only when there are items; one that hits or
 * says nothing is reported. Of several the later ones win.
 */
export function applyPatches(
  manifests: readonly Manifest[],
  patches: readonly Manifest[],
  patching: Patching,
): readonly Manifest[] {
  const { kinds, report } = patching;
  const known = new Map(
    manifests.flatMap(({ identity }) => (identity ? [[addressOf(identity), identity]] : [])),
  );
  const merging = new Map<string, Manifest[]>();
  for (const patch of patches) {
    const address = patch.identity ? addressOf(patch.identity) : undefined;
    if (patch.damaged) continue;
    if (address === undefined) reportUnidentified(patch.root, kinds, report);
    else if (known.has(address)) merging.set(address, [...(merging.get(address) ?? []), patch]);
    else reportUnknownTarget(patch, address, known.keys(), report);
    if (address !== undefined && saysNothing(patch.root)) reportEmpty(patch.root, address, report);
  }
  return manifests.map((manifest) => {
    const { identity } = manifest;
    if (!identity || manifest.damaged) return manifest;
    const over = merging.get(addressOf(identity)) ?? [];
    const whole = over.filter((patch) => patch.identity?.key === undefined);
    const items = new Map<string, readonly Manifest[]>();
    for (const patch of over) {
      const key = patch.identity?.key;
      if (key !== undefined) items.set(key, [...(items.get(key) ?? []), patch]);
    }
    return { ...mergeOver(manifest, whole, patching), ...(items.size > 0 ? { items } : {}) };
  });
}

/** A manifest with patches merged over it, the last one on top. */
export function mergeOver(
  manifest: Manifest,
  patches: readonly Manifest[],
  { scope, report }: Omit<Merging, "fields">,
): Manifest {
  const merging = { fields: manifest.kind?.fields ?? {}, scope, report };
  const root = patches.reduce((base, patch) => mergeManifest(merging, base, patch.root), manifest.root);
  return { ...manifest, root, flawed: manifest.flawed || patches.some((patch) => patch.flawed) };
}

function reportUnknownTarget(
  { identity }: Manifest,
  address: string,
  known: Iterable<string>,
  report: Report,
): void {
  const near = suggestAddress(address, known);
  const hint =
    near === undefined
      ? "name the manifest that it changes by its kind and metadata.name"
      : `did you mean ${near}?`;
  const message = `there is no manifest ${address} to patch`;
  report(identity?.nameAt, { code: "unknown-patch-target", message, hint });
}

/** Whether a patch holds no more than what names its manifest. */
function saysNothing(root: Mapping): boolean {
  const named = new Set(["apiVersion", "kind"]);
  return [...root.entries].every(([part, { value }]) => {
    if (part === "metadata" && value.type === "map") return value.entries.size < 2;
    return named.has(part) || (part === "spec" && value.type === "map" && value.entries.size === 0);
  });
}

function reportEmpty(root: Mapping, address: string, report: Report): void {
  const message = `this patch of ${address} changes nothing`;
  report(root.at, { code: "empty-patch", message, hint: "write below spec what differs, or remove it" });
}

function reportUnidentified(root: Mapping, kinds: Kinds, report: Report): void {
  const kind = valueAt(root, "kind");
  const word = textOf(kind);
  if (kind && word !== undefined && !kinds.has(word)) {
    const hint = proposeWord(word, kinds.keys(), "kinds");
    report(kind.at, {
      code: "unknown-kind",
      message: `there is no kind ${JSON.stringify(word)}`,
      hint,
    });
    return;
  }
  const hint = "a patch names what it is merged over by kind and metadata.name";
  const missing = word === undefined ? "kind" : "metadata.name";
  report(root.at, { code: "missing", message: `${missing} of this patch is missing or not a name`, hint });
}
