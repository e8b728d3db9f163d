import { type Explained, explain, say } from "../messages/text.ts";

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
