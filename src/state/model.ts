import { randomUUID } from "node:crypto";
import type { Address } from "../core/address.ts";
import type { Spot } from "../core/json-text.ts";
import { describeReason } from "../core/system-error.ts";
import { UnfitPlace } from "../files/guarded-writing.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type Explained, say } from "../messages/text.ts";

/** The version of the state file that this code writes. */
export const stateFormat = 1;

/** What was made in one environment, by address. `serial` grows with each save, `lineage` never changes. */
export interface State {
  readonly format: typeof stateFormat;
  readonly lineage: string;
  readonly serial: number;
  readonly environment: string;
  /** The API that the ids belong to. */
  readonly endpoint: string;
  readonly resources: { readonly [address: Address]: Entry };
  /** The last promotion to this environment. */
  readonly promotion?: Promotion | undefined;
  /** Files uploaded so far, by the SHA-256 of their content; before it, who uploaded it when that isn't the usual account. */
  readonly files: { readonly [sha256: string]: UploadedFile };
}

/** One promotion; what it made bears its number. */
export interface Promotion {
  /** From 1. */
  readonly number: number;
  /** The environment that it came from. */
  readonly from: string;
  /** Epoch seconds. */
  readonly begun: number;
  /** It hasn't got to its end: the next run from the same environment continues it under the same number. */
  readonly open?: true | undefined;
  /** Callers have begun to see what it made: whatever is changed from now on is another promotion. */
  readonly switching?: true | undefined;
  /** A rollback of these has begun that may not have got to its end. */
  readonly returning?: readonly Address[] | undefined;
}

/** An uploaded file; Coze drops it three months after the upload unless it became an icon. */
export interface UploadedFile {
  readonly id: string;
  /** Epoch seconds. */
  readonly uploaded: number;
}

/** A state in which nothing was made yet. */
export function emptyState(environment: string, endpoint: string, lineage: string = randomUUID()): State {
  return {
    format: stateFormat,
    lineage,
    serial: 0,
    environment,
    endpoint,
    resources: {},
    files: {},
  };
}

/** A file of the state that can't be used; says what is wrong with it, where, and what to do. */
export class StateError extends Error {
  override readonly name: string = "StateError";
  readonly file: string;
  readonly hint: string;
  /** Where in the file, when it is about a part of it. */
  readonly at: Spot | undefined;

  constructor(file: string, problem: Explained, options: ErrorOptions & { readonly at?: Spot } = {}) {
    super(problem.message, options);
    this.file = file;
    this.hint = problem.hint;
    this.at = options.at;
  }
}

/** What has to be remembered can't be written down. Nothing else may be done at Coze then. */
export class StateUnwritable extends StateError {
  override readonly name = "StateUnwritable";

  constructor(file: string, cause: unknown, hint: string) {
    const isPlaced = cause instanceof UnfitPlace;
    const reason = isPlaced && cause.place === file ? cause.why : describeReason(cause);
    const message = say("state/unwritable", { reason });
    super(file, { message, hint: isPlaced ? cause.hint : hint }, { cause });
  }
}
