import type { KindSchema } from "./schema.ts";

/** Whatever has the kinds: a provider. */
interface HasKinds<K> {
  readonly kinds: readonly K[];
}

/** The kind of this name. Manifests and the state were checked to name no other; throws if they do. */
export function findKind<K extends { readonly name: string }>({ kinds }: HasKinds<K>, name: string): K {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`no kind is called ${name}`);
  return kind;
}

/** Kinds by name, as planning sees them: it never calls the API. */
export type Kinds = ReadonlyMap<string, KindSchema>;

/** Kinds by name. */
export const indexKinds = (kinds: readonly KindSchema[]): Kinds =>
  new Map(kinds.map((kind) => [kind.name, kind]));
