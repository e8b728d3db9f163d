import { explain, say } from "../messages/text.ts";
import type { Refusal } from "../plan/guards/refusal.ts";
import type { Planned } from "./plan.ts";

/** The plan does something that was neither allowed nor confirmed. Nothing was written. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly planned: Planned;
  readonly refusals: readonly Refusal[];
  readonly hint: string;
  /** The plan was saved, so that its answers can't be given any more. */
  readonly saved: boolean;

  /** `saved`: whether the plan was. */
  constructor(planned: Planned, refusals: readonly Refusal[], saved: boolean) {
    const addresses = [...new Set(refusals.map((one) => one.addresses[0]))];
    const answers = new Set(
      planned.plan.together.flatMap(({ guard, options }) => [
        ...(guard === "exists" ? ["--adopt"] : guard === "renamed" ? ["moved"] : []),
        ...(options.length > 0 ? [options.join(" ")] : []),
      ]),
    );
    const values = { addresses: addresses.join(", "), answers: [...answers].join(", ") };
    const { message, hint } = explain("commands/refused", values);
    super(message);
    this.hint = hint;
    this.planned = planned;
    this.refusals = refusals;
    this.saved = saved;
  }
}

/** `maxCalls` leaves fewer calls than the apply needs. Nothing was written. */
export class TooFewCalls extends Error {
  override readonly name = "TooFewCalls";
  readonly planned: Planned;
  readonly hint: string;

  /** `left`: the number of calls that the run may still make. */
  constructor(planned: Planned, left: number) {
    const { made, apply: needed } = planned.calls;
    const { message, hint } = explain("commands/too-few-calls", { needed, left, least: made + needed });
    super(message);
    this.planned = planned;
    this.hint = hint;
  }
}

/** A saved plan no longer matches what an apply would do. Nothing was written. */
export class StalePlan extends Error {
  override readonly name = "StalePlan";
  readonly hint: string;
  /** The plan is for another environment or endpoint than the options name. */
  readonly elsewhere: boolean;

  /** `move`: the options that lead to the environment of the plan. */
  constructor(message: string, move?: string) {
    super(message);
    this.hint = move ?? say("commands/plan-again");
    this.elsewhere = move !== undefined;
  }
}
