import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import type { Check } from "../kind/resource.ts";
import type { ActionCounts, Step } from "../plan/plan.ts";

/** What a run does with a resource; a replacement is done in halves. */
export type Doing = "create" | "update" | "adopt" | "switch" | "remove" | "forget" | "move" | "refresh";

/** The progress of a run. `at`: epoch milliseconds; `ms`: how long it took. */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly at: number;
      readonly steps: number;
      readonly counts: ActionCounts;
    }
  | { readonly type: "step-started"; readonly at: number; readonly step: Step; readonly doing: Doing }
  | {
      readonly type: "step-progressed";
      readonly at: number;
      readonly step: Step;
      readonly detail: string;
      readonly percent?: number | undefined;
      /** Until when it waits for the object of a lost call; epoch milliseconds. */
      readonly until?: number | undefined;
    }
  | {
      readonly type: "step-finished";
      readonly at: number;
      readonly step: Step;
      readonly doing: Doing;
      readonly id?: string | undefined;
      readonly ms: number;
      readonly note?: string | undefined;
    }
  | {
      readonly type: "step-failed";
      readonly at: number;
      readonly step: Step;
      readonly failure: Failure;
      readonly ms: number;
    }
  /** All is done but the calls that let callers see it, which are made when everything else went well. */
  | { readonly type: "step-prepared"; readonly at: number; readonly step: Step; readonly ms: number }
  | { readonly type: "step-skipped"; readonly at: number; readonly step: Step; readonly because: string }
  | {
      readonly type: "step-pending";
      readonly at: number;
      readonly step: Step;
      readonly detail: string;
      /** Until when the object of its lost call may appear; epoch milliseconds. */
      readonly until?: number | undefined;
    }
  | {
      readonly type: "drift-found";
      readonly at: number;
      readonly address: Address;
      readonly paths: readonly string[];
      /** Coze stores these values in another form, which plans accept from now on. */
      readonly accepted?: true | undefined;
    }
  | {
      readonly type: "check-started";
      readonly at: number;
      readonly address: Address;
      readonly check: Check;
    }
  | { readonly type: "check-finished"; readonly at: number; readonly tried: Tried }
  | ({ readonly type: "came-along"; readonly at: number } & CameAlong)
  | {
      readonly type: "not-looked-for";
      readonly at: number;
      readonly addresses: readonly Address[];
      readonly failure: Failure;
    }
  | { readonly type: "not-read-back"; readonly at: number; readonly failure: Failure }
  | { readonly type: "run-finished"; readonly at: number; readonly ms: number; readonly calls: number };

/** How one check ended. */
export interface Tried {
  readonly address: Address;
  readonly check: Check;
  readonly passed: boolean;
  /** The answer, if there was one. */
  readonly reply?: string | undefined;
  /** Why it didn't pass, and the next move. */
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
  /** What else to know of it. */
  readonly note?: string | undefined;
  /** The call that failed, where one did. */
  readonly failure?: Failure | undefined;
  readonly ms: number;
}

/** An object that Coze made along with one of some resources, and that no resource manages. */
export interface CameAlong {
  readonly addresses: readonly Address[];
  readonly object: { readonly type: string; readonly id: string; readonly name: string };
}

export type EventListener = (event: RunEvent) => void;
