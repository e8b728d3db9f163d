import type { Address } from "./address.ts";
import type { Place } from "./kind.ts";
import type { Values } from "./value.ts";

/**
 * What is remembered of one resource.
 * `ready`: made and as applied. `incomplete`: made, with writing calls still to come. `pending`: made, Coze is
 * not done with it. `tainted`: made but unusable, to be made again. `unknown`: its creation was begun and how
 * it ended isn't known; then there is no id, and `before` lists the ids that bore its identity already.
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
  readonly before?: readonly string[];
  /** When a creation of unknown outcome was begun, epoch seconds. */
  readonly begun?: number;
  /** Objects that this one replaced and that are still to be removed. */
  readonly previous?: readonly Place[];
  /** What a pending one waits for. */
  readonly note?: string;
}
