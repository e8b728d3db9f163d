import type { Item, Kind } from "../core/kind.ts";
import type { Values } from "../core/value.ts";
import { meansTheSame } from "../plan/equal.ts";

/**
 * Lists may lag behind writes: only a search this long after a creation that got no answer shows that nothing was
 * made. Milliseconds.
 */
export const listLag = 5000;

/** Whether an object bears the identity that a spec gives; what holds it is settled by where it was listed. */
export function bearsIdentity<Api>(kind: Kind<Api>, item: Item, spec: Values): boolean {
  return kind.identity.every((name) => {
    const field = kind.fields[name];
    const want = spec[name];
    const live = item.live[name];
    if (name === kind.parent || !field || want === undefined) return true;
    return field.equal && live !== undefined ? field.equal(want, live) : meansTheSame(field, want, live);
  });
}

/** Tells objects of one kind apart: some ids, such as a member's, are unique only below what holds them. */
export const keyOfPlace = ({ id, parent }: { readonly id?: string; readonly parent?: string }): string =>
  JSON.stringify([parent ?? null, id ?? null]);

/** Every object below a parent, in the order of the pages. */
export async function listAll<Api>(
  api: Api,
  kind: Kind<Api>,
  parent: string | undefined,
  specs: readonly Values[],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of kind.list(api, parent, { specs })) items.push(...page);
  return items;
}
