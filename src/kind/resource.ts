import type { Address } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Path } from "../core/spec-walk.ts";
import type { Values } from "../core/value.ts";

/** One wanted resource: a checked manifest, or one key of its `for_each`. */
export interface Resource {
  readonly address: Address;
  readonly kind: string;
  /** Checked against the kind's fields; `ref` values are ids, {@link Reference}s or {@link Lookup}s. */
  readonly spec: Values;
  /** Addresses it must come after: its references and `metadata.depends_on`, sorted. */
  readonly dependencies: readonly Address[];
  readonly lifecycle: Lifecycle;
  /** Tried, when asked for, before callers get to see what an apply changes. */
  readonly checks?: readonly Check[] | undefined;
  /** Its spec isn't its manifest's alone: a promotion, or the way back from one, put other values over it. */
  readonly promoted?: Promoted | undefined;
  /** Where the manifest begins. */
  readonly at: Location;
  /** Where a part of the spec is written; the nearest place above it when it isn't written itself. */
  locate(path: Path): Location;
}

/** What a promotion did to a wanted resource. */
interface Promoted {
  /** What the manifest itself says: only of these fields is anything remembered as wanted. */
  readonly own: Values;
  /** What an earlier promotion set, and nobody wants any more. */
  readonly former?: Values | undefined;
  /** Where values come from, in words, for the plan. */
  readonly notes: readonly string[];
}

/** A question to an object and what its answer has to be like. */
export interface Check {
  readonly name: string;
  /** What is said to a bot. */
  readonly say?: string | undefined;
  /** What a workflow is run with. */
  readonly input?: Values | undefined;
  /** All that is given has to hold of the answer. */
  readonly expect: {
    /** A text that it contains. */
    readonly text?: string | undefined;
    /** A regular expression that finds something in it (flag `u`). */
    readonly pattern?: string | undefined;
    /** A JSON Schema that it, read as JSON, is valid by. */
    readonly schema?: Values | undefined;
  };
  /** Seconds that the answer may take. */
  readonly within: number;
  /** Some of it came from the environment: neither it nor an answer to it is shown. */
  readonly hidden?: true | undefined;
  readonly at: Location;
}

export interface Lifecycle {
  readonly preventDestroy: boolean;
  /** Dotted paths into the spec that are left as Coze holds them once the object is made. */
  readonly ignoreChanges: readonly string[];
}
