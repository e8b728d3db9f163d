import type { Address } from "../core/address.ts";
import type { Json, Values } from "../core/value.ts";
import type { Place } from "./kind.ts";

/**
 * What is remembered of one resource.
 * `ready`: made and as applied. `incomplete`: made, with writing calls still to come. `pending`: made, Coze is
 * not done with it. `tainted`: made but unusable, to be made again. `unknown`: its creation was begun and how
 * it ended isn't known; then there is no id, and `before` lists the ids that bore its identity already.
 * A `pending` one with a `task` has no id either: Coze is making it.
 */
export interface Entry {
  readonly kind: string;
  readonly id?: string | undefined;
  readonly parent?: string | undefined;
  readonly status: "ready" | "incomplete" | "pending" | "tainted" | "unknown";
  /** The spec as last applied, references as ids, secrets and long texts as digests. */
  readonly spec: Values;
  /** Applied values that Coze stores in another form, by dotted path: returned in that form, they are no drift. */
  readonly read?: { readonly [path: string]: StoredForm } | undefined;
  /** Follow-ups that were completed since the last update. */
  readonly done?: readonly string[] | undefined;
  readonly dependencies: readonly Address[];
  readonly preventDestroy?: true | undefined;
  /** Coze's own work that will make the object. */
  readonly task?: string | undefined;
  readonly before?: readonly string[] | undefined;
  /** When a creation was begun that has no id yet, or whose side products aren't known yet; epoch seconds. */
  readonly begun?: number | undefined;
  /** Side products of its copy that no manifest manages. */
  readonly brought?: readonly SideProduct[] | undefined;
  /** Objects that this one replaced and that are still to be removed. */
  readonly previous?: readonly Place[] | undefined;
  /** Objects that this one replaced and that stay at Coze, the latest last. */
  readonly kept?: readonly SupersededObject[] | undefined;
  /** The version that Coze gave its last publication, if it said one. */
  readonly version?: string | undefined;
  /** Its releases, the oldest first; the standing one is the last that isn't undone. */
  readonly history?: readonly Release[] | undefined;
  /** It is at an earlier release, and its manifest isn't applied until it changes. */
  readonly hold?: Hold | undefined;
  /** A rollback is on its way to the release of this time (its `at`). */
  readonly restoring?: number | undefined;
  /** Why Coze rejects its content, in words. */
  readonly refusal?: string | undefined;
  /** What a pending one waits for. */
  readonly note?: string | undefined;
}

/** An applied value and what Coze returned for it right afterwards, both in remembered form. */
export interface StoredForm {
  readonly of: Json;
  readonly is: Json;
}

/** What callers got to see of a logical name at one time. */
export interface Release {
  /** Epoch seconds; tells the releases of one name apart. */
  readonly at: number;
  readonly id: string;
  /** From 1, for people. Releases of older versions have none: they count by their places. */
  readonly number?: number | undefined;
  /** The number of the promotion that made it; absent from what was there before the first one. */
  readonly promotion?: number | undefined;
  /** An apply of the manifests made it. */
  readonly applied?: true | undefined;
  /** A promotion began from it, though none made it. */
  readonly base?: true | undefined;
  /** The environment that it came from. */
  readonly from?: string | undefined;
  readonly version?: string | undefined;
  readonly revision?: string | undefined;
  /** The hash under which its configuration is stored outside the state. Absent from old releases. */
  readonly content?: string | undefined;
  /** The whole configuration, with ids of this environment; no secrets. Only where it was read for a use. */
  readonly spec?: Values | undefined;
  /** The dotted paths of what its manifest said, as far as that is known; read with the configuration. */
  readonly managed?: readonly string[] | undefined;
  /** A rollback left it. */
  readonly undone?: true | undefined;
}

/** Why a resource's manifest isn't applied. */
export interface Hold {
  /** The release that it was taken back to. */
  readonly release: number;
  /** Epoch seconds. */
  readonly at: number;
  /** What its manifest said then: another digest ends the hold. */
  readonly digest: string;
}

/** An object that was replaced and stays, with the spec it was made by and with what came along with it. */
interface SupersededObject extends Place {
  readonly spec: Values;
  readonly brought?: readonly SideProduct[] | undefined;
}

/** An object that came along with a copy; `shared`: or with another copy that was made at the same time. */
export interface SideProduct {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly shared?: true | undefined;
}
