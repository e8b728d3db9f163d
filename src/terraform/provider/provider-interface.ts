import type { Path } from "../../core/spec-walk.ts";
import type { Json, Values } from "../../core/value.ts";
import type { ProviderSchema } from "../schema/attribute.ts";

/** Something that Terraform shows its user. */
export interface ProviderDiagnostic {
  readonly severity: "error" | "warning";
  /** One line. */
  readonly summary: string;
  /** What else to know, and the next move. */
  readonly detail?: string | undefined;
  /** The attribute that it is about. */
  readonly path?: Path | undefined;
}

/**
 * An object of a type: every attribute of its schema by name, null where there is none; parts that aren't known yet are
 * `unknown` (unknown.ts). Sets are lists here, in any order.
 */
export type ResourceState = Values;

/** Terraform's private state of a resource: JSON that only the provider reads, empty before the first apply. */
export type PrivateState = Values;

/** The part that all responses have in common. */
export interface Answer {
  readonly diagnostics: readonly ProviderDiagnostic[];
}

/** A resource with its private state; null when the object doesn't exist. */
export interface StoredResource {
  readonly state: ResourceState | null;
  readonly privateState: PrivateState;
}

/** A resource whose object exists, as far as Terraform knows. */
export interface HeldResource extends StoredResource {
  readonly state: ResourceState;
}

/** What is to become of one resource. */
export interface PlanRequest {
  /** Null: to be made. */
  readonly prior: ResourceState | null;
  /** Null: to be removed. */
  readonly proposed: ResourceState | null;
  readonly config: ResourceState | null;
  readonly privateState: PrivateState;
}

/** What an apply will bring; at any of the paths a difference takes another object. */
export interface PlanAnswer extends Answer {
  readonly planned: ResourceState | null;
  readonly requiresReplace: readonly Path[];
  readonly privateState: PrivateState;
}

/** What was planned, to be done. Null as for a plan. */
export interface ApplyRequest {
  readonly prior: ResourceState | null;
  readonly planned: ResourceState | null;
  readonly config: ResourceState | null;
  readonly privateState: PrivateState;
}

/** An object found for an import. */
export interface Imported {
  readonly type: string;
  readonly state: ResourceState;
  readonly privateState: PrivateState;
}

/** A state that another type of resource, perhaps of another provider, has now. */
interface MoveRequest {
  /** Address of the provider: `registry.terraform.io/cozeform/coze`. */
  readonly provider: string;
  readonly type: string;
  readonly state: Values;
  readonly privateState: PrivateState;
}

/**
 * The calls of Terraform's protocol in terms of values, without the wire format. No method
 * throws for a mistake of the user: those are among the diagnostics.
 */
export interface ProviderInterface {
  readonly schema: ProviderSchema;
  validateProvider(config: ResourceState): Promise<Answer>;
  validateResource(type: string, config: ResourceState): Promise<Answer>;
  validateDataSource(type: string, config: ResourceState): Promise<Answer>;
  /** Once per process, before anything that calls Coze. */
  configure(config: ResourceState, terraformVersion: string): Promise<Answer>;
  /** A state as it is stored, of an earlier version or of this one, as JSON with any attributes. */
  upgrade(
    type: string,
    version: number,
    stored: Values,
  ): Promise<Answer & { readonly stored: Values | undefined }>;
  read(type: string, held: HeldResource): Promise<Answer & StoredResource>;
  plan(type: string, request: PlanRequest): Promise<PlanAnswer>;
  /** After an error, the state is what there is of the object all the same. */
  apply(type: string, request: ApplyRequest): Promise<Answer & StoredResource>;
  import(type: string, id: string): Promise<Answer & { readonly imported: readonly Imported[] }>;
  move(type: string, request: MoveRequest): Promise<Answer & StoredResource>;
  readDataSource(
    type: string,
    config: ResourceState,
  ): Promise<Answer & { readonly state: ResourceState | null }>;
  /** `argument`: the argument that the error is about. */
  call(
    name: string,
    args: readonly Json[],
  ): Promise<{ readonly value: Json } | { readonly error: string; readonly argument?: number }>;
  /** Finish what is on its way, begin nothing more. */
  stop(): void;
}
