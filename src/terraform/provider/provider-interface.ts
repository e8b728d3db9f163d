import type { Path } from "../../core/spec-walk.ts";
import type { Json, Values } from "../../core/value.ts";
import type { ProviderSchema } from "../schema/attribute.ts";

/** Something that Terraform shows its user. */
export interface ProviderDiagnostic {
  readonly severity: "error" | "warning";
  /** One line. */
  readonly summary: string;
  /** What else to know, and the next move. */
  readonly detail?: string;
  /** The attribute that it is about. */
  readonly path?: Path;
}

/**
 * An object of a type: every attribute of its schema by name, null where there is none; parts that aren't known yet are
 * `unknown` (unknown.ts). Sets are lists here, in any order.
 */
export type ResourceState = Values;

/** What the provider keeps beside a state, for itself alone: JSON, empty before the first. */
export type PrivateState = Values;

/** What every answer tells Terraform's user, whatever else is in it. */
export interface Answer {
  readonly complaints: readonly ProviderDiagnostic[];
}

/** A resource with its memory; null: it isn't there. */
export interface Held {
  readonly state: ResourceState | null;
  readonly memory: PrivateState;
}

/** What is to become of one resource. */
export interface PlanRequest {
  /** Null: to be made. */
  readonly prior: ResourceState | null;
  /** Null: to be removed. */
  readonly proposed: ResourceState | null;
  readonly config: ResourceState | null;
  readonly memory: PrivateState;
}

/** What an apply will bring; at any of the paths a difference takes another object. */
export interface PlanAnswer extends Answer {
  readonly planned: ResourceState | null;
  readonly requiresReplace: readonly Path[];
  readonly memory: PrivateState;
}

/** What was planned, to be done. Null as for a plan. */
export interface ApplyRequest {
  readonly prior: ResourceState | null;
  readonly planned: ResourceState | null;
  readonly config: ResourceState | null;
  readonly memory: PrivateState;
}

/** An object found for an import. */
export interface Imported {
  readonly type: string;
  readonly state: ResourceState;
  readonly memory: PrivateState;
}

/** A state that another type of resource, perhaps of another provider, has now. */
interface MoveRequest {
  /** Address of the provider: `registry.terraform.io/cozeform/coze`. */
  readonly provider: string;
  readonly type: string;
  readonly state: Values;
  readonly memory: PrivateState;
}

/**
 * What Terraform asks of a provider, in terms of values: everything that is about the wire is behind it. No method
 * throws for anything that a user may do: what is wrong is among the complaints.
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
  read(
    type: string,
    held: { readonly state: ResourceState; readonly memory: PrivateState },
  ): Promise<Answer & Held>;
  plan(type: string, request: PlanRequest): Promise<PlanAnswer>;
  /** After an error, the state is what there is of the object all the same. */
  apply(type: string, request: ApplyRequest): Promise<Answer & Held>;
  import(type: string, id: string): Promise<Answer & { readonly imported: readonly Imported[] }>;
  move(type: string, request: MoveRequest): Promise<Answer & Held>;
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
