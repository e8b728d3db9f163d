import { type Address, formatAddress, parseAddress } from "../../core/address.ts";
import { formatPath, mapLeaves } from "../../core/spec-walk.ts";
import { suggest, suggestAddress } from "../../core/suggestions.ts";
import { isReference } from "../../core/value.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Evaluated } from "../evaluate.ts";
import type { Problem, Report } from "../problems.ts";
import type { Manifest } from "../recognize-manifests.ts";
import { isManageable, lookupFields } from "../schema/json-schema.ts";

/** What is known of the manifest of one name. */
interface KnownName {
  /** The keys of its `for_each`; undefined without one. */
  readonly keys?: ReadonlySet<string> | undefined;
  /** It is faulty, so that its keys may be incomplete. */
  readonly faulty: boolean;
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
  const kindName = typeof kind === "string" ? kind : kind.name;
  const parsed = parseAddress(`${kindName}.${text}`);
  const known = names.get(kindName) ?? new Map<string, KnownName>();
  const name = parsed && known.get(parsed.name);
  if (!parsed || !name) {
    const message = `there is no ${kindName} called ${shown}`;
    const propose = requirement ? proposeCopy(requirement) : proposeReference;
    return unknown(message, propose(text, kind, [...known.keys()]));
  }
  if (parsed.key !== undefined) return findKey(kindName, parsed.name, parsed.key, name);
  if (!name.keys) return { addresses: [formatAddress(kindName, parsed.name)] };
  if (name.faulty) return { addresses: [] };
  const [first = "key"] = name.keys;
  const message = `${kindName}.${parsed.name} stands for several resources`;
  const hint = `name one of them: ${parsed.name}[${JSON.stringify(first)}]`;
  return { complaint: { code: "ambiguous-reference", message, hint } };
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
    const near = suggestAddress(text, all);
    return unknown(`there is no resource ${text}`, near && `did you mean ${near}?`);
  }
  if (parsed.key !== undefined) return findKey(parsed.kind, parsed.name, parsed.key, name);
  const keys = name.keys ? [...name.keys] : [undefined];
  return { addresses: keys.map((key) => formatAddress(parsed.kind, parsed.name, key)) };
}

function findKey(kind: string, name: string, key: string, { keys, faulty }: KnownName): ReferenceTarget {
  if (keys?.has(key)) return { addresses: [formatAddress(kind, name, key)] };
  if (faulty) return { addresses: [] };
  const address = formatAddress(kind, name);
  if (!keys) return unknown(`${address} has no for_each, so no key ${JSON.stringify(key)}`, `write ${name}`);
  const near = suggest(key, keys);
  return unknown(
    `${address} has no key ${JSON.stringify(key)}`,
    near && `did you mean ${JSON.stringify(near)}?`,
  );
}

const unknown = (message: string, hint: string | undefined): ReferenceTarget => ({
  complaint: { code: "unknown-reference", message, hint },
});

type Propose = (text: string, kind: KindSchema | string, known: readonly string[]) => string | undefined;

const proposeCopy =
  ({ kind: wanted, where }: CopyRequirement): Propose =>
  (text, kind, known) => {
    const near = suggest(text, known);
    if (near !== undefined) return `did you mean ${near}?`;
    const name = typeof kind === "string" ? kind : kind.name;
    const values = Object.entries(where).map(([field, value]) => `${field}: ${value}`);
    const declare = `declare a ${name} of this name with ${values.join(", ")}`;
    return `${declare}, or ${proposeUnmanaged(wanted)}`;
  };

const proposeReference: Propose = (text, kind, known) => {
  const near = suggest(text, known);
  if (near !== undefined) return `did you mean ${near}?`;
  const address = parseAddress(text);
  if (address && known.includes(address.name)) return `write ${text.slice(address.kind.length + 1)}`;
  if (/^\d{6,}$/u.test(text)) return `for an id write {id: "${text}"}`;
  return proposeUnmanaged(kind);
};

/** How to name an object that is no resource of the project. */
function proposeUnmanaged(kind: KindSchema | string): string {
  if (typeof kind === "string") return 'for one that cozeform doesn\'t manage write {id: "…"}';
  const field = lookupFields(kind).find((one) => kind.fields[one]?.type === "string");
  const lookup = field === undefined ? "{lookup: {…}}" : `{lookup: {${field}: …}}`;
  const which = isManageable(kind) ? `for one that cozeform doesn't manage write` : `write`;
  return `${which} {id: "…"} or ${lookup}`;
}

/** Reports references to resources that don't make what the field wants: a bot's copy among workflows. */
export function reportCopyReferences(
  resources: readonly Resource[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
): void {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  for (const resource of resources) {
    mapLeaves(kinds.get(resource.kind)?.fields ?? {}, resource.spec, ({ shape, value, path }) => {
      const named = isReference(value) ? byAddress.get(value.$ref) : undefined;
      const others = shape.type === "ref" ? Object.values(shape.others ?? {}) : [];
      const other = others.find(({ kind }) => kind === named?.kind);
      if (shape.type !== "ref" || !named || !other) return value;
      const wrong = Object.entries(other.where).find(([name, want]) => named.spec[name] !== want);
      if (wrong) {
        const [name, want] = wrong;
        const message = `${formatPath(path)} takes a ${shape.kind}, and the ${name} of ${named.address} isn't ${want}`;
        report(resource.locate(path), {
          code: "wrong-stand-in",
          message,
          hint: `name one with ${name}: ${want}`,
        });
      }
      return value;
    });
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
    names.set(kind.name, byName.set(name, { faulty: result.faulty, keys: result.keyed ? keys : undefined }));
  }
  return names;
}
