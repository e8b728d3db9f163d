import { type Address, formatAddress, parseAddress } from "../../core/address.ts";
import { parseOutputName } from "../../core/output-name.ts";
import { formatPath, mapLeaves, shapesIn } from "../../core/spec-walk.ts";
import { suggest, suggestAddress } from "../../core/suggestions.ts";
import { isReference } from "../../core/value.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { explain, say } from "../../messages/text.ts";
import type { Evaluated } from "../evaluate.ts";
import { type Problem, type Report, showPlace } from "../problems.ts";
import type { Manifest } from "../recognize-manifests.ts";
import { isManageable, lookupFields } from "../schema/json-schema.ts";
import type { PlacedText } from "../yaml/source-tree.ts";

/** What is known of the manifest of one name. */
interface KnownName {
  /** The keys of its `for_each`; undefined without one. */
  readonly keys?: ReadonlySet<string> | undefined;
  /** It is faulty, so that its keys may be incomplete. */
  readonly faulty: boolean;
  /** What leaves it out of the environment, and what leaves out some of its keys. */
  readonly excluded?: PlacedText | undefined;
  readonly excludedKeys?: ReadonlyMap<string, PlacedText> | undefined;
}

/** The manifests of a project by kind and name. */
export type NameIndex = ReadonlyMap<string, ReadonlyMap<string, KnownName>>;

/** The kind that a copy must produce to be referred to as that kind, and the field values that this requires. */
export interface CopyRequirement {
  readonly kind: KindSchema | string;
  readonly where: { readonly [field: string]: string };
}

export type ReferenceTarget = { readonly addresses: readonly Address[] } | { readonly complaint: Problem };

/**
 * The resource that a `ref` field names, as `name` or `name["key"]`; no address when the manifest is too
 * faulty to tell. `shown` is the name as messages may show it; without the whole kind no lookup is proposed.
 */
export function findByName(
  text: string,
  shown: string,
  kind: KindSchema | string,
  names: NameIndex,
  requirement?: CopyRequirement,
): ReferenceTarget {
  const kindName = nameOf(kind);
  const parsed = parseAddress(`${kindName}.${text}`);
  const known = names.get(kindName) ?? new Map<string, KnownName>();
  const name = parsed && known.get(parsed.name);
  if (!parsed || !name) {
    const near = suggest(text, known.keys());
    const message = say("manifest-values/name-unknown", { kind: kindName, name: shown });
    return unknown(message, propose(near) ?? hintAtForms(text, kind, known, requirement));
  }
  if (name.excluded) return leftOut(formatAddress(kindName, parsed.name), name.excluded);
  if (parsed.key !== undefined) return findKey(kindName, parsed.name, parsed.key, name);
  if (!name.keys) return { addresses: [formatAddress(kindName, parsed.name)] };
  if (name.faulty) return { addresses: [] };
  const [first = "key"] = name.keys;
  const address = formatAddress(kindName, parsed.name);
  const values = { address, item: `${parsed.name}[${JSON.stringify(first)}]` };
  return {
    complaint: { code: "ambiguous-reference", ...explain("manifest-values/reference-ambiguous", values) },
  };
}

/** The resources at an address; at that of a manifest with `for_each`, all of them. */
export function findByAddress(text: string, names: NameIndex): ReferenceTarget {
  const parsed = parseAddress(text);
  const known = names.get(parsed?.kind ?? "");
  const name = parsed && known?.get(parsed.name);
  if (!parsed || !name) {
    const all = [...names].flatMap(([kind, byName]) =>
      [...byName.keys()].map((one) => formatAddress(kind, one)),
    );
    const message = say("manifest-values/address-unknown", { address: text });
    return unknown(message, propose(suggestAddress(text, all)));
  }
  if (name.excluded) return leftOut(formatAddress(parsed.kind, parsed.name), name.excluded);
  if (parsed.key !== undefined) return findKey(parsed.kind, parsed.name, parsed.key, name);
  const keys = name.keys ? [...name.keys] : [undefined];
  return { addresses: keys.map((key) => formatAddress(parsed.kind, parsed.name, key)) };
}

function findKey(
  kind: string,
  name: string,
  key: string,
  { keys, faulty, excludedKeys }: KnownName,
): ReferenceTarget {
  const excluded = excludedKeys?.get(key);
  if (excluded) return leftOut(formatAddress(kind, name, key), excluded);
  if (keys?.has(key)) return { addresses: [formatAddress(kind, name, key)] };
  if (faulty) return { addresses: [] };
  const values = { address: formatAddress(kind, name), key: JSON.stringify(key) };
  if (!keys) {
    const hint = say("manifest-values/write", { text: name });
    return unknown(say("manifest-values/key-without-for-each", values), hint);
  }
  const near = suggest(key, keys);
  return unknown(say("manifest-values/key-unknown", values), propose(near && JSON.stringify(near)));
}

const unknown = (message: string, hint: string | undefined): ReferenceTarget => ({
  complaint: { code: "unknown-reference", message, hint },
});

/** A reference to what the environment leaves out. */
const leftOut = (address: Address, { text, at }: PlacedText): ReferenceTarget => {
  const values = { address, pattern: text, place: showPlace(at) };
  return {
    complaint: { code: "unknown-reference", ...explain("manifest-values/reference-excluded", values) },
  };
};

const propose = (near: string | undefined): string | undefined =>
  near && say("common/did-you-mean", { word: near });

/** What to write in a field that names no resource of the project. */
function hintAtForms(
  text: string,
  kind: KindSchema | string,
  known: ReadonlyMap<string, KnownName>,
  requirement: CopyRequirement | undefined,
): string {
  const wanted = requirement?.kind ?? kind;
  const values = { kind: nameOf(wanted), forms: listForms(wanted) };
  if (requirement) {
    const fields = Object.entries(requirement.where).map((entry) => entry.join(": "));
    return say("manifest-values/copy-missing", { ...values, copy: nameOf(kind), fields: fields.join(", ") });
  }
  const address = parseAddress(text);
  if (address && known.has(address.name)) {
    return say("manifest-values/write", { text: text.slice(address.kind.length + 1) });
  }
  if (/^\d{6,}$/u.test(text)) return say("manifest-values/id-in-braces", { id: text });
  return typeof kind === "string" || isManageable(kind)
    ? say("manifest-values/write-if-unmanaged", values)
    : say("manifest-values/write", { text: values.forms });
}

const nameOf = (kind: KindSchema | string): string => (typeof kind === "string" ? kind : kind.name);

/** How an object that is no resource of the project can be referred to. */
function listForms(kind: KindSchema | string): string {
  if (typeof kind === "string") return '{id: "…"}';
  const field = lookupFields(kind).find((one) => kind.fields[one]?.type === "string");
  const lookup = field === undefined ? "{lookup: {…}}" : `{lookup: {${field}: …}}`;
  return say("manifest-values/id-or-lookup", { lookup });
}

/** Reports declared outputs of resources that there aren't; those that an environment leaves out it doesn't have. */
export function reportUnknownOutputs(
  outputs: ReadonlyMap<string, PlacedText>,
  names: NameIndex,
  report: Report,
): void {
  for (const { text, at } of outputs.values()) {
    const name = parseOutputName(text);
    if (!name) {
      report(at, { code: "unknown-reference", ...explain("manifest-values/output-declaration") });
      continue;
    }
    const found = findExclusion(name.address, names) ? undefined : findByAddress(name.address, names);
    if (found && "complaint" in found) report(at, found.complaint);
  }
}

/** What leaves a resource out of the environment; undefined for one that it has, or that no manifest is of. */
export function findExclusion(address: Address, names: NameIndex): PlacedText | undefined {
  const parsed = parseAddress(address);
  const known = parsed && names.get(parsed.kind)?.get(parsed.name);
  return known?.excluded ?? known?.excludedKeys?.get(parsed?.key ?? "");
}

/** Reports references to resources that don't make what the field wants: a bot's copy among workflows. */
export function reportCopyReferences(
  resources: readonly Resource[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
): void {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const referring = new Set(
    [...kinds.values()]
      .filter(({ fields }) => shapesIn(fields).some((shape) => shape.type === "ref" && shape.others))
      .map(({ name }) => name),
  );
  for (const resource of resources) {
    if (!referring.has(resource.kind)) continue;
    mapLeaves(kinds.get(resource.kind)?.fields ?? {}, resource.spec, (leaf) => {
      const { shape, value } = leaf;
      if (shape.type !== "ref" || !shape.others || !isReference(value)) return value;
      const named = byAddress.get(value.$ref);
      const other = Object.values(shape.others).find(({ kind }) => kind === named?.kind);
      if (!named || !other) return value;
      const wrong = Object.entries(other.where).find(([name, value]) => named.spec[name] !== value);
      if (wrong) {
        const [field, value] = wrong;
        const { kind } = shape;
        const { path } = leaf;
        const values = { place: formatPath(path), kind, address: named.address, field, value };
        report(resource.locate(path), {
          code: "wrong-stand-in",
          ...explain("manifest-values/copy-makes-other", values),
        });
      }
      return value;
    });
  }
}

/** Reports what doesn't go into the resource that holds it, such as an image in a dataset of texts. */
export function reportMisplaced(
  resources: readonly Resource[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
): void {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  for (const resource of resources) {
    const { parent = "", checkHeld } = kinds.get(resource.kind) ?? {};
    const held = resource.spec[parent];
    const holder = isReference(held) ? byAddress.get(held.$ref) : undefined;
    const problems = holder && checkHeld ? checkHeld(resource.spec, holder.spec) : [];
    for (const { path, message, hint } of problems)
      report(resource.locate(path), { code: "rule", message, hint });
  }
}

export function listNames(
  evaluated: readonly { readonly manifest: Manifest; readonly result: Evaluated }[],
): NameIndex {
  const names = new Map<string, Map<string, KnownName>>();
  for (const { manifest, result } of evaluated) {
    if (!manifest.identity) continue;
    const { kind, name } = manifest.identity;
    const byName = names.get(kind.name) ?? new Map<string, KnownName>();
    const keys = new Set(result.instances.flatMap(({ key }) => (key === undefined ? [] : [key])));
    const { faulty, keyed, excluded, excludedKeys } = result;
    names.set(
      kind.name,
      byName.set(name, { faulty, keys: keyed ? keys : undefined, excluded, excludedKeys }),
    );
  }
  return names;
}
