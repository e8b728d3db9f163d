import { excerpt } from "../../core/excerpt.ts";
import { ExplainedError } from "../../core/explained-error.ts";
import { isId } from "../../core/field.ts";
import type { Values } from "../../core/value.ts";
import { bearsIdentity, preferExact, showsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { explain, say } from "../../messages/text.ts";
import type { Imported, StoredResource } from "../provider/provider-interface.ts";
import type { Remote } from "../remote/remote.ts";
import { anyOf, type CozeKind, resourceType } from "../schema/names.ts";
import { attributesOf, resourceSchema } from "../schema/resource-schema.ts";
import { blankState } from "./attribute-conversion.ts";
import { mergeLive } from "./merge-live.ts";
import { writeNotes } from "./private-state.ts";

/** Finds the object that `ID`, `HOLDER/ID` or `HOLDER/NAME` stands for; throws with a hint when it names none, or several. */
export async function importResource(kind: CozeKind, remote: Remote, given: string): Promise<Imported> {
  const item = await find(kind, remote, given.trim());
  const unmanageable = kind.unmanageable?.(item.live);
  if (unmanageable) throw new ExplainedError(unmanageable);
  const schema = resourceSchema(kind);
  const blank = { ...blankState(schema.attributes), id: item.id };
  const holder = kind.parent === undefined || item.parent === undefined ? {} : { [kind.parent]: item.parent };
  const live: Values = { ...item.live, ...holder };
  const state = mergeLive(kind.fields, blank, live, { whole: false, guess: true });
  return { type: resourceType(kind), state, privateState: writeNotes({ imported: true }) };
}

async function find(kind: CozeKind, remote: Remote, given: string): Promise<Item> {
  const slash = kind.parent === undefined ? -1 : given.indexOf("/");
  if (/^\/|\/$|^$/u.test(given)) throw refuse(kind, say("terraform-resource/incomplete-id"));
  if (slash >= 0)
    return findBelow(kind, remote, checkedId(kind, given.slice(0, slash)), given.slice(slash + 1));
  if (kind.parent === undefined) return findBelow(kind, remote, undefined, given);
  const place: Place | undefined = await remote.locate(kind, checkedId(kind, given));
  if (place?.parent !== undefined) return findBelow(kind, remote, place.parent, given);
  throw new ExplainedError({
    message: say("terraform-resource/not-visible", { type: resourceType(kind), id: given }),
    hint: say("terraform-resource/import-with-parent", { form: formOf(kind) }),
  });
}

const refuse = (kind: CozeKind, message: string): ExplainedError =>
  new ExplainedError({ message, hint: say("terraform-resource/import-form", { form: formOf(kind) }) });

function checkedId(kind: CozeKind, given: string): string {
  if (isId(given)) return given;
  throw refuse(kind, say("terraform-resource/no-id", { text: excerpt(JSON.stringify(given), 100) }));
}

/** What an import takes, in words. */
function formOf(kind: CozeKind): string {
  const holder = kind.parent === undefined ? "" : `${kind.parent.toUpperCase()}_ID/`;
  const name = showsIdentity(kind) ? nameOf(kind) : undefined;
  return anyOf(["ID", name?.toUpperCase() ?? []].flat().map((word) => `${holder}${word}`));
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
  const wanted: Values = name === undefined ? {} : { [name]: word };
  const bearers = [...items.values()].filter(
    (item) => name !== undefined && bearsIdentity(kind, item, wanted),
  );
  const named = preferExact(kind, bearers, wanted);
  const [only, ...others] = showsIdentity(kind) ? named : [];
  if (only && others.length === 0) return only;
  if (!only) {
    const sought = { type: resourceType(kind), name: word };
    const message =
      parent === undefined
        ? say("terraform-resource/not-found", sought)
        : say("terraform-resource/not-found-in", { ...sought, parent });
    throw refuse(kind, message);
  }
  const found = { count: named.length, name: word, ids: named.map(({ id }) => id).join(", ") };
  throw new ExplainedError(
    parent === undefined
      ? explain("terraform-resource/ambiguous-name", found)
      : explain("terraform-resource/ambiguous-name-in", { ...found, parent }),
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
