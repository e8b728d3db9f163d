import type { Address } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Labels } from "../core/labels.ts";
import type { Path } from "../core/spec-walk.ts";
import type { Lookup, Values } from "../core/value.ts";

/** One wanted resource: a checked manifest, or one key of its `for_each`. */
export interface Resource {
  readonly address: Address;
  readonly kind: string;
  /** Checked against the kind's fields; `ref` values are ids, {@link Reference}s or {@link Lookup}s. */
  readonly spec: Values;
  /** Addresses it must come after: its references and `metadata.depends_on`, sorted. */
  readonly dependencies: readonly Address[];
  readonly lifecycle: Lifecycle;
  readonly labels?: Labels | undefined;
  /** Values of `spec` that are outputs of other projects. */
  readonly outputs?: readonly ProjectOutput[] | undefined;
  /** The lookups of which `spec` has the ids. */
  readonly lookups?: readonly ResolvedLookup[] | undefined;
  /** The id of an object at Coze that becomes this resource; it counts only while the state has no entry of it. */
  readonly imports?: string | undefined;
  /** Run on request before callers see what an apply changes. */
  readonly checks?: readonly Check[] | undefined;
  /** What its manifest may do although a rule forbids it. */
  readonly allows?: readonly Allowance[] | undefined;
  /** What each plan says of it. */
  readonly notes?: readonly string[] | undefined;
  /** A promotion or a rollback put other values over the manifest's spec. */
  readonly promoted?: Promoted | undefined;
  /** Where the manifest begins. */
  readonly at: Location;
  /** Where a part of the spec is written; the nearest place above it when it isn't written itself. */
  locate(path: Path): Location;
  /** How a part of the spec is written; undefined when it isn't written itself. */
  written?(path: Path): WrittenPart | undefined;
}

/** A rule that doesn't hold for a manifest, and why. */
export interface Allowance {
  readonly rule: string;
  readonly reason: string;
  /** Its last day in UTC: `2027-03-31`. */
  readonly expires?: string | undefined;
}

/** A lookup of a spec, and the id of the object that it found. */
export interface ResolvedLookup {
  readonly path: Path;
  readonly kind: string;
  readonly lookup: Lookup["$lookup"];
  readonly id: string;
  /** The object was never published, and Coze may take only published ones there. */
  readonly unpublished?: true | undefined;
}

/** A value of a spec that is an output of another project. */
export interface ProjectOutput {
  readonly path: Path;
  /** The directory of the project, relative to this one's. */
  readonly project: string;
  readonly output: string;
  /** Where the manifest names one. */
  readonly environment?: string | undefined;
  readonly value: string;
}

/** A part of a spec in its file. */
export interface WrittenPart {
  readonly at: Location;
  /** The file of the project that holds it as a text of its own. */
  readonly textFile?: string | undefined;
  /** Of a template: the texts that stand for its interpolations, in their order. */
  readonly putIn?: readonly string[] | undefined;
  /** Of a template: the files that it includes. */
  readonly included?: readonly string[] | undefined;
  /** The part of a Markdown file that it is in. */
  readonly markdown?: "front-matter" | "body" | undefined;
  /** It is a default of the project file: what differs from it belongs into the manifest. */
  readonly isDefault?: true | undefined;
}

/** How a promotion changed a wanted resource. */
interface Promoted {
  /** The manifest's own spec: only its fields are stored as wanted. */
  readonly own: Values;
  /** Values that an earlier promotion set and that are no longer wanted. */
  readonly former?: Values | undefined;
  /** The origin of values, in words, for the plan. */
  readonly notes: readonly string[];
}

/** A question to an object and what its answer must satisfy. */
export interface Check {
  readonly name: string;
  /** The message to a bot. */
  readonly say?: string | undefined;
  /** The input of a workflow run. */
  readonly input?: Values | undefined;
  /** The answer must meet all that are given. */
  readonly expect: {
    /** A text that it contains. */
    readonly text?: string | undefined;
    /** A regular expression that finds something in it (flag `u`). */
    readonly pattern?: string | undefined;
    /** A JSON Schema that it, read as JSON, is valid by. */
    readonly schema?: Values | undefined;
  };
  /** Time limit for the answer, seconds. */
  readonly within: number;
  /** Part of it came from environment variables: neither it nor the answer is shown. */
  readonly hidden?: true | undefined;
  readonly at: Location;
}

export interface Lifecycle {
  readonly preventDestroy: boolean;
  /** Dotted paths into the spec that are left as Coze holds them once the object is made. */
  readonly ignoreChanges: readonly string[];
}
