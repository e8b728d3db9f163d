import { randomUUID } from "node:crypto";
import type { Address } from "../core/address.ts";
import type { Spot } from "../core/json-text.ts";
import { describeReason } from "../core/system-error.ts";
import { UnfitPlace } from "../files/guarded-writing.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type Explained, say } from "../messages/text.ts";

/** The version of the state file that this code writes. */
export const stateFormat = 2;

/** The objects of one environment by address. `serial` grows with each save, `lineage` never changes. */
export interface State {
  /** The version of the file that it was read from; it is written in the newest one. */
  readonly format: number;
  readonly lineage: string;
  readonly serial: number;
  readonly environment: string;
  /** The API that the ids belong to. */
  readonly endpoint: string;
  readonly resources: { readonly [address: Address]: Entry };
  /** The last promotion to this environment. */
  readonly promotion?: Promotion | undefined;
  /** Uploaded files by the SHA-256 of their content, prefixed with the credential's name if it isn't `auth`. */
  readonly files: { readonly [sha256: string]: UploadedFile };
}

/** One promotion. The releases that it created have its number. */
export interface Promotion {
  /** From 1. */
  readonly number: number;
  /** The environment that it came from. */
  readonly from: string;
  /** Epoch seconds. */
  readonly begun: number;
  /** It isn't complete: the next run from the same environment continues it under the same number. */
  readonly open?: true | undefined;
  /** Callers have begun to see it: every later change belongs to another promotion. */
  readonly switching?: true | undefined;
  /** The addresses of a rollback that has begun and may be incomplete. */
  readonly returning?: readonly Address[] | undefined;
}

/** An uploaded file; Coze drops it three months after the upload unless it became an icon. */
export interface UploadedFile {
  readonly id: string;
  /** Epoch seconds. */
  readonly uploaded: number;
}

/** A state without resources. */
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

/** A file of the state can't be used. The message and the hint say why, and what to do. */
export class StateError extends Error {
  override readonly name: string = "StateError";
  readonly file: string;
  readonly hint: string;
  /** The place in the file, if the error is about a part of it. */
  readonly at: Spot | undefined;

  constructor(file: string, problem: Explained, options: ErrorOptions & { readonly at?: Spot } = {}) {
    super(problem.message, options);
    this.file = file;
    this.hint = problem.hint;
    this.at = options.at;
  }
}

/** The state can't be written. The run must make no further change at Coze. */
export class StateUnwritable extends StateError {
  override readonly name = "StateUnwritable";

  constructor(file: string, cause: unknown, hint: string) {
    const isTold = cause instanceof UnfitPlace || cause instanceof StateError;
    const reason = cause instanceof UnfitPlace && cause.place === file ? cause.why : describeReason(cause);
    const message = say("state/unwritable", { reason });
    super(file, { message, hint: isTold ? cause.hint : hint }, { cause });
  }
}
