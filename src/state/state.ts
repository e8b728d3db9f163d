import { randomUUID } from "node:crypto";
import type { Address } from "../core/address.ts";
import type { Entry } from "../core/entry.ts";
import { isObject } from "../core/value.ts";

/** The version of the state file that this code writes. */
const stateFormat = 1;

/** What was made in one environment, by address. `serial` grows with each save, `lineage` never changes. */
export interface State {
  readonly format: typeof stateFormat;
  readonly lineage: string;
  readonly serial: number;
  readonly environment: string;
  /** The API that the ids belong to. */
  readonly endpoint: string;
  readonly resources: { readonly [address: Address]: Entry };
  /** Files uploaded so far, by the SHA-256 of their content. */
  readonly files: { readonly [sha256: string]: UploadedFile };
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

/** A state file that can't be used; says what is wrong with it and what to do. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly file: string;
  readonly hint: string;

  constructor(file: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
    this.hint = hint;
  }
}

/** Reads the text of a state file; throws {@link StateError} when it isn't one of this format. */
export function parseState(text: string, file: string): State {
  const restore = "restore the file from version control or a backup";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StateError(file, "the state file is not valid JSON", restore, { cause });
  }
  if (!isObject(value) || typeof value.format !== "number") {
    throw new StateError(file, "this is not a cozeform state file", restore);
  }
  if (value.format !== stateFormat) {
    const message = `the state file has format ${value.format}, this cozeform writes format ${stateFormat}`;
    throw new StateError(file, message, "use the version of cozeform that wrote it, or a newer one");
  }
  const problem = findProblem(value);
  if (problem) throw new StateError(file, `the state file is damaged: ${problem}`, restore);
  return value as unknown as State;
}

const statuses = new Set(["ready", "incomplete", "pending", "tainted", "unknown"]);

function findProblem(value: { readonly [key: string]: unknown }): string | undefined {
  for (const name of ["lineage", "environment", "endpoint"]) {
    if (typeof value[name] !== "string") return `${name} is missing`;
  }
  if (!Number.isSafeInteger(value.serial)) return "serial is missing";
  if (!isObject(value.resources)) return "resources is missing";
  if (!isObject(value.files)) return "files is missing";
  for (const [address, entry] of Object.entries(value.resources)) {
    const whole =
      isObject(entry) &&
      typeof entry.kind === "string" &&
      statuses.has(String(entry.status)) &&
      isObject(entry.spec) &&
      Array.isArray(entry.dependencies) &&
      (typeof entry.id === "string" || entry.status === "unknown");
    if (!whole) return `the entry of ${address} is incomplete`;
  }
  return undefined;
}
