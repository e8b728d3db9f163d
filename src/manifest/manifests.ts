import { formatAddress } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Report } from "./codes.ts";
import { nearestAddress, proposeWord } from "./nearest.ts";
import type { ParsedDocument } from "./parse.ts";
import { mergeManifest } from "./patch.ts";
import type { ManifestKind } from "./schema.ts";
import { type Mapping, mappingAt, textOf, valueAt, type Written } from "./written.ts";

/** A document that says it is a manifest. */
export interface Manifest {
  readonly root: Mapping;
  readonly kind?: ManifestKind;
  /** Undefined when its kind or name is none: then it can only be checked, not made into resources. */
  readonly identity?: Identity;
  /** YAML found fault with it. */
  readonly damaged: boolean;
  /** A part of it is reported already. */
  readonly flawed: boolean;
}

export interface Identity {
  readonly kind: ManifestKind;
  readonly name: string;
  readonly nameAt: Location;
}

type Kinds = ReadonlyMap<string, ManifestKind>;

/** Whether a document says that it is a manifest, however faulty. */
export const isManifest = (root: Written): boolean =>
  root.type === "map" && (root.entries.has("kind") || root.entries.has("apiVersion"));

/** Tells manifests from other documents, which are reported; `chosen`: the project file names their files. */
export function readManifests(
  documents: readonly ParsedDocument[],
  kinds: Kinds,
  report: Report,
  { chosen }: { readonly chosen: boolean },
): readonly Manifest[] {
  return documents.flatMap(({ root, damaged, flawed }) => {
    if (root.type === "map" && isManifest(root)) {
      const kind = kinds.get(textOf(valueAt(root, "kind")) ?? "");
      const identity = kind && identify(root, kind);
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

function adviseStranger(root: Written, chosen: boolean): string {
  if (root.type === "list" && root.items.some(isManifest)) {
    return "write its items one after the other, with --- on a line between them";
  }
  const needs = "a manifest has apiVersion, kind, metadata: {name: …} and spec";
  const meant = ["metadata", "spec"].some((key) => valueAt(root, key));
  if (chosen || meant || /(?:^|\/)manifests\//u.test(root.at.file)) return needs;
  return `${needs}; if this file is none, name those that are under manifests: in cozeform.yaml`;
}

function identify(root: Mapping, kind: ManifestKind): Identity | undefined {
  const node = valueAt(mappingAt(root, "metadata"), "name");
  const name = textOf(node);
  return node && name !== undefined && /^[a-z0-9-]+$/u.test(name)
    ? { kind, name, nameAt: node.at }
    : undefined;
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

/** Merges each patch over the manifests of its address; one that has none is reported. */
export function applyPatches(
  manifests: readonly Manifest[],
  patches: readonly Manifest[],
  kinds: Kinds,
  report: Report,
): readonly Manifest[] {
  const known = new Map(
    manifests.flatMap(({ identity }) => (identity ? [[addressOf(identity), identity]] : [])),
  );
  const merging = new Map<string, Manifest[]>();
  for (const patch of patches) {
    const address = patch.identity ? addressOf(patch.identity) : undefined;
    if (patch.damaged) continue;
    if (address === undefined) reportUnidentified(patch.root, kinds, report);
    else if (known.has(address)) merging.set(address, [...(merging.get(address) ?? []), patch]);
    else {
      const near = nearestAddress(address, known.keys());
      const hint =
        near === undefined
          ? "name the manifest that it changes by its kind and metadata.name"
          : `did you mean ${near}?`;
      const message = `there is no manifest ${address} to patch`;
      report(patch.identity?.nameAt, { code: "unknown-patch-target", message, hint });
    }
  }
  return manifests.map((manifest) => {
    const { identity } = manifest;
    if (!identity || manifest.damaged) return manifest;
    const over = merging.get(addressOf(identity)) ?? [];
    const root = over.reduce(
      (base, patch) => mergeManifest(identity.kind.fields, base, patch.root),
      manifest.root,
    );
    return { ...manifest, root, flawed: manifest.flawed || over.some((patch) => patch.flawed) };
  });
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
