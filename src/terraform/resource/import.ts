import { excerpt } from "../../core/excerpt.ts";
import { isId } from "../../core/field.ts";
import type { Values } from "../../core/value.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import type { Imported, StoredResource } from "../provider/provider-interface.ts";
import type { Remote } from "../remote/remote.ts";
import { type CozeKind, resourceType } from "../schema/names.ts";

import { attributesOf, resourceSchema } from "../schema/resource-schema.ts";
import { blankState } from "./attribute-conversion.ts";
import { mergeLive } from "./merge-live.ts";
import { writeNotes } from "./private-state.ts";

/** An id for an import names nothing, or several objects. */
class NotFoundForImport extends Error {
  override readonly name = "NotFoundForImport";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Finds the object that `ID`, `HOLDER/ID` or `HOLDER/NAME` stands for; throws with a hint when it names none, or several. */
export async function importResource(kind: CozeKind, remote: Remote, given: string): Promise<Imported> {
  const item = await find(kind, remote, given.trim());
  const schema = resourceSchema(kind);
  const blank = { ...blankState(schema.attributes), id: item.id };
  const holder = kind.parent === undefined || item.parent === undefined ? {} : { [kind.parent]: item.parent };
  const live: Values = { ...item.live, ...holder };
  const state = mergeLive(kind.fields, blank, live, { whole: false, guess: true });
  return { type: resourceType(kind), state, privateState: writeNotes({ imported: true }) };
}

async function find(kind: CozeKind, remote: Remote, given: string): Promise<Item> {
  const slash = kind.parent === undefined ? -1 : given.indexOf("/");
  if (/^\/|\/$|^$/u.test(given)) throw new NotFoundForImport("this names nothing", `write ${formOf(kind)}`);
  if (slash >= 0)
    return findBelow(kind, remote, checkedId(kind, given.slice(0, slash)), given.slice(slash + 1));
  if (kind.parent === undefined) return findBelow(kind, remote, undefined, given);
  const place: Place | undefined = await remote.locate(kind, checkedId(kind, given));
  if (place?.parent !== undefined) return findBelow(kind, remote, place.parent, given);
  throw new NotFoundForImport(
    `the token sees no ${resourceType(kind)} ${given}`,
    `give the id of what holds it, too: ${formOf(kind)}`,
  );
}

function checkedId(kind: CozeKind, given: string): string {
  if (isId(given)) return given;
  throw new NotFoundForImport(`${excerpt(JSON.stringify(given), 100)} isn't an id`, `write ${formOf(kind)}`);
}

/** What an import takes, in words. */
function formOf(kind: CozeKind): string {
  const holder = kind.parent === undefined ? "" : `${kind.parent.toUpperCase()}_ID/`;
  const name = showsIdentity(kind) ? nameOf(kind) : undefined;
  return ["ID", name?.toUpperCase() ?? []]
    .flat()
    .map((word) => `${holder}${word}`)
    .join(" or ");
}

/** The field by which an object is told from others that the same one holds. */
const nameOf = ({ identity, parent }: CozeKind) => identity.find((one) => one !== parent);

async function findBelow(
  kind: CozeKind,
  remote: Remote,
  parent: string | undefined,
  word: string,
): Promise<Item> {
  const items = new Map<string, Item>();
  for (const spec of kind.listing?.widest ?? [{}]) {
    for (const item of await remote.list(kind, parent, spec as Values)) items.set(item.id, item);
  }
  const byId = items.get(word);
  if (byId) return byId;
  const name = nameOf(kind);
  const named = [...items.values()].filter(({ live }) => name !== undefined && live[name] === word);
  const [only, ...others] = showsIdentity(kind) ? named : [];
  if (only && others.length === 0) return only;
  const where = parent === undefined ? "" : ` in ${parent}`;
  if (!only)
    throw new NotFoundForImport(`there is no ${resourceType(kind)} ${word}${where}`, `write ${formOf(kind)}`);
  const ids = named.map(({ id }) => id).join(", ");
  throw new NotFoundForImport(
    `${named.length} objects${where} are called ${word}: ${ids}`,
    "give an id of these",
  );
}

/**
 * The state of a resource that another type had so far: of the same type under another provider's address, or of a
 * kind whose objects are of this one (a bot that was made as a copy). Undefined: they have nothing in common.
 */
export function moveResource(
  kinds: readonly CozeKind[],
  target: CozeKind,
  from: { readonly type: string; readonly state: Values; readonly privateState: Values },
): StoredResource | undefined {
  const source = kinds.find((one) => resourceType(one) === from.type);
  if (!source) return undefined;
  const blank = blankState(resourceSchema(target).attributes);
  if (source === target) return { state: { ...blank, ...from.state }, privateState: from.privateState };
  if (source.copying?.becomes(from.state) !== target.name) return undefined;
  const shared = Object.keys(attributesOf(target.fields, "object")).filter((name) => name in source.fields);
  const values = ["id", ...shared].map((name) => [name, from.state[name] ?? null] as const);
  return { state: { ...blank, ...Object.fromEntries(values) }, privateState: writeNotes({ imported: true }) };
}
