import type { Address } from "./address.ts";
import type { Location } from "./diagnostic.ts";
import type { Path } from "./shape.ts";
import type { Values } from "./value.ts";

/** One wanted resource: a checked manifest, or one key of its `for_each`. */
export interface Resource {
  readonly address: Address;
  readonly kind: string;
  /** Checked against the kind's fields; `ref` values are ids, {@link Reference}s or {@link Lookup}s. */
  readonly spec: Values;
  /** Addresses it must come after: its references and `metadata.depends_on`, sorted. */
  readonly dependencies: readonly Address[];
  readonly lifecycle: Lifecycle;
  /** Where the manifest begins. */
  readonly at: Location;
  /** Where a part of the spec is written; the nearest place above it when it isn't written itself. */
  locate(path: Path): Location;
}

export interface Lifecycle {
  readonly preventDestroy: boolean;
  /** Dotted paths into the spec that are left as Coze holds them once the object is made. */
  readonly ignoreChanges: readonly string[];
}
