import { type Explained, explain, say } from "../messages/text.ts";
import type { Planned } from "./plan.ts";

/** A step needs a permission that wasn't given. Nothing was written. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly planned: Planned;

  constructor(planned: Planned) {
    const flags = planned.refused.flatMap(({ lacks }) => lacks.map((permission) => `--${permission}`));
    super(
      say("commands/refused", {
        addresses: planned.refused.map(({ step }) => step.address).join(", "),
        flags: [...new Set(flags)].sort().join(" "),
      }),
    );
    this.planned = planned;
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

/**
 * A workflow with the repository's secrets would run on the files of a foreign pull request. No call was made and no
 * token sent.
 */
export class ForeignHead extends Error {
  override readonly name = "ForeignHead";
  readonly hint: string;

  constructor(head: string | undefined) {
    const { message, hint } = explain("commands/foreign-head");
    super(head === undefined ? say("commands/foreign-head-unknown") : message);
    this.hint = hint;
  }
}

/** The provider can't be installed. The message says why, and the hint what to do instead. */
export class NotInstalled extends Error {
  override readonly name = "NotInstalled";
  readonly hint: string;

  constructor(problem: Explained) {
    super(problem.message);
    this.hint = problem.hint;
  }
}
