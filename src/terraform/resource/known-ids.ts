import type { Json } from "../../core/value.ts";
import type { CozeKind } from "../schema/coze-kind.ts";

/** The objects that resources of Terraform's stand for, as far as a process has come across them. */
export interface KnownIds {
  note(kind: CozeKind, id: Json | undefined): void;
  has(kind: Pick<CozeKind, "name">, id: string): boolean;
}

/** Knows none yet. */
export function createKnownIds(): KnownIds {
  const seen = new Set<string>();
  return {
    note(kind, id) {
      if (typeof id === "string") seen.add(`${kind.name} ${id}`);
    },
    has: (kind, id) => seen.has(`${kind.name} ${id}`),
  };
}
