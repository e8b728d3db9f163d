import { type Address, formatAddress, parseAddress } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { canonicalJson, type Values } from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import { isMistyped } from "../manifest/values/substitute.ts";
import { escapeTemplate } from "../manifest/values/templates.ts";
import { explain, say } from "../messages/text.ts";
import { kebabOf, openNames } from "./addresses.ts";
import { type Estate, type LeftObject, type LiveObject, titleOf, type UnreadList } from "./read-estate.ts";
import { createReferences, type ReferenceWriter } from "./references.ts";
import { type ManifestDraft, writeManifests } from "./write-manifests.ts";
import { type FittedSpec, fitSpec, fitsFile, isText, specOf } from "./written-spec.ts";

/** A resource of the exported manifests. */
interface ExportedResource {
  readonly address: Address;
  readonly kind: string;
  readonly id: string;
  readonly parent?: string | undefined;
  /** What its manifest says, with ids for references. */
  readonly spec: Values;
  readonly revision?: number | undefined;
  /** The path of its manifest in the project. */
  readonly file: string;
}

/** Something to know of a resource: what its manifest doesn't say, or what is to come. It is a comment there, too. */
interface ExportNote {
  readonly address: Address;
  readonly text: string;
}

/** What an export wrote, and what it couldn't. */
export interface Exported {
  readonly directory: string;
  readonly environment: string;
  readonly endpoint: string;
  /** Paths in the directory: those that were written, and those that had their content already. */
  readonly files: { readonly written: readonly string[]; readonly unchanged: readonly string[] };
  readonly resources: readonly Pick<ExportedResource, "address" | "kind" | "id" | "file">[];
  /** Addresses that the project manages already in files of its own. */
  readonly managed: readonly string[];
  /** What isn't exported, and why. */
  readonly left: readonly LeftObject[];
  readonly unread: readonly UnreadList[];
  readonly notes: readonly ExportNote[];
  /** What the project's own check says of the result. */
  readonly diagnostics: readonly Diagnostic[];
  readonly calls: number;
}

/** The files of an export, and what they say. */
export interface Composition {
  /** The content of each file by its path in the project. */
  readonly files: ReadonlyMap<string, string>;
  readonly resources: readonly ExportedResource[];
  readonly left: readonly LeftObject[];
  readonly notes: readonly ExportNote[];
  /** Addresses of objects that the project manages already. */
  readonly managed: readonly Address[];
}

/** What the project has already. */
export interface KnownProject {
  /** The address of an object, if the state has it. */
  addressOf(kind: string, id: string, parent: string | undefined): Address | undefined;
  /** The file that its manifest is in; undefined without one. */
  fileOf(address: Address): string | undefined;
  /** Whether the state knows an address. */
  has(address: Address): boolean;
}

/** How manifests are composed. */
export interface ComposeOptions {
  readonly isSecret: (text: string) => boolean;
  /** Kinds with a body become Markdown files, as far as that can hold their text. */
  readonly markdown?: boolean | undefined;
}

/** Composes the manifests of what was read. Pure, but for a table that it loads. */
export async function composeManifests(
  estate: Estate,
  kinds: readonly KindSchema[],
  known: KnownProject,
  { isSecret, markdown = false }: ComposeOptions,
): Promise<Composition> {
  const left = [...estate.left];
  const fitting = estate.objects.map((object) => ({
    object,
    fitted: fitSpec(object.kind, kinds, specOf(object.kind.fields, object.live), isSecret),
  }));
  const fit = fitting.filter(({ object, fitted }) => {
    if (!fitted.lacking) return true;
    left.push(leaveUnfit(object, fitted.lacking, estate));
    return false;
  });
  const identities = countIdentities(estate);
  const names = await openNames();
  const drafts: ManifestDraft[] = [];
  const managed: Address[] = [];
  const named = new Map<string, string>();
  for (const { object, fitted } of fit) {
    const { kind, id, parent, live } = object;
    const isMarkdown = markdown && canBeBody(kind, fitted.spec);
    const place = (name: string) => fileOf(kind, name, named, parent, isMarkdown);
    const isTaken = (name: string): boolean => {
      const address = formatAddress(kind.name, name);
      const file = known.fileOf(address);
      return known.has(address) || (file !== undefined && file !== place(name));
    };
    const kept = known.addressOf(kind.name, id, parent);
    const { name = "", key } = parseAddress(kept ?? "") ?? {};
    const own = kept === undefined ? names.give(kind, titleOf(kind, live), id, isTaken) : name;
    named.set(keyOf(kind.name, id), own);
    const file = place(own);
    if (kept !== undefined && (key !== undefined || (known.fileOf(kept) ?? file) !== file)) {
      managed.push(kept);
      continue;
    }
    const isNamedById = (identities.get(identityKey(kind, object)) ?? 0) > 1;
    const address = formatAddress(kind.name, own);
    drafts.push({ object, name: own, address, fitted, file, isNamedById, notes: notesOf(object, fitted) });
  }
  const references: ReferenceWriter = createReferences(estate, kinds, (kind, id) =>
    named.get(keyOf(kind, id)),
  );
  const files = writeManifests(drafts, references);
  return {
    files,
    resources: drafts.map(({ object: { kind, id, parent, revision }, address, fitted: { spec }, file }) => ({
      ...{ address, kind: kind.name, id, parent, spec, file, revision },
    })),
    left,
    notes: drafts.flatMap(({ address, notes }) => notes.map((text) => ({ address, text }))),
    managed,
  };
}

const keyOf = (kind: string, id: string): string => `${kind} ${id}`;

type Identified = Pick<LiveObject, "parent" | "live">;

const identityKey = (kind: KindSchema, { parent, live }: Identified): string =>
  canonicalJson([kind.name, parent ?? null, ...kind.identity.map((name) => live[name] ?? null)]);

/** How many objects at Coze bear an identity, also of those that aren't exported. */
function countIdentities({ listed, objects }: Estate): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of new Set(objects.map((one) => one.kind))) {
    for (const item of listed.get(kind.name) ?? []) {
      const key = identityKey(kind, item);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function leaveUnfit(
  { kind, id, parent, live }: LiveObject,
  { message }: NonNullable<FittedSpec["lacking"]>,
  { listed }: Estate,
): LeftObject {
  const holders = [...listed].flatMap(([name, items]) => items.map((item) => ({ name, item })));
  const holder = holders.find(({ item }) => item.id === parent);
  return {
    kind: kind.name,
    name: titleOf(kind, live),
    id,
    parent: holder && { kind: holder.name, id: holder.item.id, name: String(holder.item.live.name ?? "") },
    problem: explain("export/unfit", { kind: kind.name, problem: message }),
  };
}

/** Whether a Markdown file gives the main text of a spec back as it is. */
function canBeBody({ body }: KindSchema, spec: Values): boolean {
  const text = body === undefined ? undefined : spec[body];
  return typeof text === "string" && /\S/u.test(text) && fitsFile(text) && !isMistyped(escapeTemplate(text));
}

/** Where a manifest goes: kinds with long texts have a file for each resource, others share one. */
function fileOf(
  kind: KindSchema,
  name: string,
  named: ReadonlyMap<string, string>,
  parent: string | undefined,
  isMarkdown: boolean,
): string {
  const plural = `${kebabOf(kind.name)}s`;
  const holder = kind.parent === undefined ? undefined : kind.fields[kind.parent];
  const holderName =
    holder?.type === "ref" && parent !== undefined ? named.get(keyOf(holder.kind, parent)) : undefined;
  const folder = kind.parent === undefined ? "manifests" : `manifests/${holderName ?? parent ?? ""}`;
  const isLong = Object.values(kind.fields).some(isText);
  if (isMarkdown) return `${folder}/${plural}/${name}.md`;
  return isLong ? `${folder}/${plural}/${name}.yaml` : `${folder}/${plural}.yaml`;
}

function notesOf({ isEdited, remark }: LiveObject, { omitted }: FittedSpec): readonly string[] {
  return [
    ...(isEdited ? [say("export/draft-ahead")] : []),
    ...(remark === undefined ? [] : [remark]),
    ...omitted.map(({ field, message }) => say("export/omitted", { field, problem: message })),
  ];
}
