import type { Kind } from "../kind/kind.ts";

/** Kinds by name, as planning sees them: it never calls the API. */
export type Kinds = ReadonlyMap<string, Kind<never>>;

export const indexKinds = <Api>(kinds: readonly Kind<Api>[]): Kinds =>
  new Map(kinds.map((kind) => [kind.name, kind as unknown as Kind<never>]));
