import { type Address, formatAddress, parseAddress } from "../../core/address.ts";
import { suggest, suggestAddress } from "../../core/suggestions.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Problem } from "../diagnostic-codes.ts";
import { isManageable, lookupFields } from "../schema/json-schema.ts";

/** What is known of the manifest of one name. */
export interface KnownName {
  /** The keys of its `for_each`; undefined without one. */
  readonly keys?: ReadonlySet<string>;
  /** It is faulty, so that its keys may be incomplete. */
  readonly faulty: boolean;
}

/** The manifests of a project by kind and name. */
export type NameIndex = ReadonlyMap<string, ReadonlyMap<string, KnownName>>;

/** What a resource named in place of another kind's is to make, and the values that it needs for that. */
export interface StandsFor {
  readonly kind: KindSchema | string;
  readonly where: { readonly [field: string]: string };
}

export type Named = { readonly addresses: readonly Address[] } | { readonly complaint: Problem };

/**
 * The resource that a `ref` field names, as `name` or `name["key"]`; no address when the manifest is too
 * faulty to tell. `shown` is the name as messages may show it; without the whole kind no lookup is proposed.
 */
export function findByName(
  text: string,
  shown: string,
  kind: KindSchema | string,
  names: NameIndex,
  standsFor?: StandsFor,
): Named {
  const kindName = typeof kind === "string" ? kind : kind.name;
  const parsed = parseAddress(`${kindName}.${text}`);
  const known = names.get(kindName) ?? new Map<string, KnownName>();
  const name = parsed && known.get(parsed.name);
  if (!parsed || !name) {
    const message = `there is no ${kindName} called ${shown}`;
    const propose = standsFor ? proposeStandIn(standsFor) : proposeReference;
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
export function findByAddress(text: string, names: NameIndex): Named {
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

function findKey(kind: string, name: string, key: string, { keys, faulty }: KnownName): Named {
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

const unknown = (message: string, hint: string | undefined): Named => ({
  complaint: { code: "unknown-reference", message, hint },
});

type Propose = (text: string, kind: KindSchema | string, known: readonly string[]) => string | undefined;

const proposeStandIn =
  ({ kind: wanted, where }: StandsFor): Propose =>
  (text, kind, known) => {
    const near = suggest(text, known);
    if (near !== undefined) return `did you mean ${near}?`;
    const name = typeof kind === "string" ? kind : kind.name;
    const values = Object.entries(where).map(([field, value]) => `${field}: ${value}`);
    const declare = `declare a ${name} of this name with ${values.join(", ")}`;
    return `${declare}, or ${proposeForeign(wanted)}`;
  };

const proposeReference: Propose = (text, kind, known) => {
  const near = suggest(text, known);
  if (near !== undefined) return `did you mean ${near}?`;
  const address = parseAddress(text);
  if (address && known.includes(address.name)) return `write ${text.slice(address.kind.length + 1)}`;
  if (/^\d{6,}$/u.test(text)) return `for an id write {id: "${text}"}`;
  return proposeForeign(kind);
};

/** How to name an object that is no resource of the project. */
function proposeForeign(kind: KindSchema | string): string {
  if (typeof kind === "string") return 'for one that cozeform doesn\'t manage write {id: "…"}';
  const field = lookupFields(kind).find((one) => kind.fields[one]?.type === "string");
  const lookup = field === undefined ? "{lookup: {…}}" : `{lookup: {${field}: …}}`;
  const which = isManageable(kind) ? `for one that cozeform doesn't manage write` : `write`;
  return `${which} {id: "…"} or ${lookup}`;
}
