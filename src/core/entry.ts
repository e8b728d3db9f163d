import type { Address } from "./address.ts";
import type { Place } from "./kind.ts";
import type { Values } from "./value.ts";

/**
 * What is remembered of one resource.
 * `ready`: made and as applied. `incomplete`: made, with writing calls still to come. `pending`: made, Coze is
 * not done with it. `tainted`: made but unusable, to be made again. `unknown`: its creation was begun and how
 * it ended isn't known; then there is no id, and `before` lists the ids that bore its identity already.
 * A `pending` one with a `task` has no id either: Coze is making it.
 */
export interface Entry {
  readonly kind: string;
  readonly id?: string;
  readonly parent?: string;
  readonly status: "ready" | "incomplete" | "pending" | "tainted" | "unknown";
  /** The spec as last applied, references as ids, secrets and long texts as digests. */
  readonly spec: Values;
  /** Follow-ups that were completed since the last update. */
  readonly done?: readonly string[];
  readonly dependencies: readonly Address[];
  readonly preventDestroy?: true;
  /** Coze's own work that will make the object. */
  readonly task?: string;
  readonly before?: readonly string[];
  /** When a creation was begun that has given no id yet, epoch seconds. */
  readonly begun?: number;
  /** Objects that this one replaced and that are still to be removed. */
  readonly previous?: readonly Place[];
  /** Objects that this one replaced and that stay at Coze, the latest last. */
  readonly kept?: readonly Kept[];
  /** What a pending one waits for. */
  readonly note?: string;
}

/** An object that was replaced and stays, with the spec it was made by. */
interface Kept extends Place {
  readonly spec: Values;
}
