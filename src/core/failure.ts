import { say } from "../messages/text.ts";
import type { Location } from "./diagnostic.ts";
import { excerpt } from "./excerpt.ts";

/** How a call failed, in terms that decide what the engine does next. */
export interface Failure {
  /**
   * `unknown-outcome`: the call may have taken effect. `signed-out`, `billing`: no call will work, the run stops.
   * `out-of-calls`: not sent, since the run is to make no more; it stops as well.
   * `rejected`: Coze said no for good. `interrupted`: given up before sending.
   */
  readonly type:
    | "rejected"
    | "not-found"
    | "forbidden"
    | "signed-out"
    | "billing"
    | "out-of-calls"
    | "unknown-outcome"
    | "interrupted";
  readonly message: string;
  readonly operation?: string | undefined;
  readonly code?: number | undefined;
  readonly logid?: string | undefined;
  /** The next move. */
  readonly hint?: string | undefined;
  /** The API's own words. */
  readonly said?: string | undefined;
  /** An object that is gone may look like this as well. */
  readonly maybeGone?: true | undefined;
  /** The same call may go well a little later. */
  readonly transient?: true | undefined;
  /** It is about the token or key, or how one is got with it, and about no resource. */
  readonly signIn?: true | undefined;
  /** The top-level field that it is about. */
  readonly field?: string | undefined;
  /** What it objects to among what the call sent. */
  readonly about?: "texts" | "files" | undefined;
  /** Fields that it is about, as far as that is known, and where they are written. */
  readonly fields?: readonly { readonly path: string; readonly at: Location }[] | undefined;
  /** What stood in the way, one by one. */
  readonly parts?: readonly FailurePart[] | undefined;
}

/** One of the things that stood in the way; `address` is the resource that stands for it, `at` where that is written. */
export interface FailurePart extends Partial<Whereabouts> {
  readonly text: string;
}

/** Where in the manifests something is: which resource stands for it, and where that says so. */
export interface Whereabouts {
  readonly address: string;
  readonly at: Location;
}

/** The most characters of a text of a failure, and the most things that stood in the way. */
const longestText = 1000;
const mostParts = 50;

/** A failure that fits on a screen, however much Coze says of it. */
export function cutFailure(failure: Failure): Failure {
  const { message, hint, said, parts } = failure;
  const shown = parts?.slice(0, mostParts).map((one) => ({ ...one, text: excerpt(one.text, longestText) }));
  const rest = (parts?.length ?? 0) - mostParts;
  return {
    ...failure,
    message: excerpt(message, longestText),
    hint: hint && excerpt(hint, longestText),
    said: said && excerpt(said, longestText),
    parts: shown && rest > 0 ? [...shown, { text: say("core/and-more", { count: rest }) }] : shown,
  };
}
