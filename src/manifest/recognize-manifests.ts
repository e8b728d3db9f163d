import { formatAddress, parseAddress } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { KindSchema } from "../kind/schema.ts";
import { say } from "../messages/text.ts";
import { explainForeign, recognizeForeign } from "./foreign-exports.ts";
import type { Report } from "./problems.ts";
import { explainTextForMap } from "./schema/look-alike-values.ts";
import type { ParsedDocument } from "./yaml/plain-documents.ts";
import { type Mapping, mappingAt, type SourceNode, textOf, valueAt } from "./yaml/source-tree.ts";

/** A document that says it is a manifest. */
export interface Manifest {
  readonly root: Mapping;
  readonly kind?: KindSchema | undefined;
  /** Undefined when its kind or name is none: then it can only be checked, not made into resources. */
  readonly identity?: Identity | undefined;
  /** YAML found fault with it. */
  readonly damaged: boolean;
  /** A part of it is reported already. */
  readonly flawed: boolean;
  /** It is a Markdown file. */
  readonly isMarkdown?: true | undefined;
  /** Patches of single items of its `for_each`, by key. */
  readonly items?: ReadonlyMap<string, readonly Manifest[]> | undefined;
}

export interface Identity {
  readonly kind: KindSchema;
  readonly name: string;
  readonly nameAt: Location;
  /** Of a patch: the one item that it is about. */
  readonly key?: string | undefined;
}

export type Kinds = ReadonlyMap<string, KindSchema>;

/** Whether a document says that it is a manifest, however faulty. */
export const isManifest = (root: SourceNode): boolean =>
  root.type === "map" && (root.entries.has("kind") || root.entries.has("apiVersion"));

/** Whether a document of a directory that may hold other files, too, was meant as a manifest, or has to be looked into. */
export const mayBeManifest = ({ root, damaged }: ParsedDocument): boolean =>
  damaged ||
  isManifest(root) ||
  ["metadata", "spec"].some((key) => valueAt(root, key)) ||
  (root.type === "list" && root.items.some(isManifest)) ||
  recognizeForeign(root) !== undefined ||
  explainTextForMap(root).length > 0;

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
  return documents.flatMap(({ root, damaged, flawed, isMarkdown }) => {
    const foreign = damaged ? undefined : recognizeForeign(root);
    if (foreign) {
      report(root.at, { code: "foreign-export", ...explainForeign(foreign, root.at.file) });
      return [];
    }
    if (root.type === "map" && (isManifest(root) || (patches && root.entries.has("match")))) {
      const kind = kinds.get(textOf(valueAt(root, "kind")) ?? "");
      const identity = kind && identify(root, kind, patches);
      return [{ root, damaged, flawed, kind, identity, isMarkdown }];
    }
    const mistyped = damaged ? [] : explainTextForMap(root);
    for (const { at, ...problem } of mistyped) report(at, problem);
    if (!damaged && mistyped.length === 0) {
      const message = say(root.type === "map" ? "manifest/no-manifest-header" : "manifest/not-a-map");
      report(root.at, { code: "not-a-manifest", message, hint: hintForOtherDocument(root, chosen) });
    }
    return [];
  });
}

function hintForOtherDocument(root: SourceNode, chosen: boolean): string {
  if (root.type === "list" && root.items.some(isManifest)) return say("manifest/list-of-manifests");
  const meant = ["metadata", "spec"].some((key) => valueAt(root, key));
  const isIntended = chosen || meant || /(?:^|\/)manifests\//u.test(root.at.file);
  return say(isIntended ? "manifest/parts" : "manifest/parts-or-list");
}

function identify(root: Mapping, kind: KindSchema, keyed: boolean): Identity | undefined {
  const node = valueAt(mappingAt(root, "metadata"), "name");
  const text = textOf(node);
  const parsed = text === undefined ? undefined : parseAddress(`${kind.name}.${text}`);
  if (!node || !parsed || (parsed.key !== undefined && !keyed)) return undefined;
  const { name, key } = parsed;
  return { kind, name, nameAt: node.at, key };
}

/** The address of a manifest, or of one item of its `for_each`. */
export const addressOf = ({ kind, name }: Identity, key?: string): string =>
  formatAddress(kind.name, name, key);
