import type { KindSchema } from "../kind/schema.ts";

/** Kinds by name. */
export type Kinds = ReadonlyMap<string, KindSchema>;

export const indexKinds = (kinds: readonly KindSchema[]): Kinds =>
  new Map(kinds.map((kind) => [kind.name, kind]));
