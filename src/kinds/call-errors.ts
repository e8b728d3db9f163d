import type { Failure } from "../core/failure.ts";
import { isExchange } from "../coze/auth.ts";
import {
  CallsSpent,
  CozeError,
  Forbidden,
  Interrupted,
  NotFound,
  QuotaExhausted,
  Unauthenticated,
} from "../coze/error-classes.ts";
import { isWorthRetrying } from "../coze/http/retry.ts";
import { NotTaken } from "../kind/processing-errors.ts";

/** Translates an error of a kind's method, or one that wraps it, for the engine. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof CozeError) {
    const { message, operation, code, logid, hint, said, about } = error;
    const failure = { type: typeOf(error), message, operation, code, logid, hint, said, about };
    if (error instanceof Unauthenticated || isExchange(operation)) return { ...failure, signIn: true };
    if (isWorthRetrying(error, true)) return { ...failure, transient: true };
    return error instanceof Forbidden ? { ...failure, maybeGone: true } : failure;
  }
  if (!(error instanceof Error)) return { type: "rejected", message: String(error) };
  const hint = "hint" in error && typeof error.hint === "string" ? { hint: error.hint } : {};
  const parts =
    "parts" in error && Array.isArray(error.parts) && error.parts.length > 0 ? { parts: error.parts } : {};
  const field = error instanceof NotTaken ? { field: error.field } : {};
  const call: Failure | undefined =
    error.cause instanceof CozeError ? explainFailure(error.cause) : undefined;
  return { type: "rejected", ...call, message: error.message, ...hint, ...parts, ...field };
}

function typeOf(error: CozeError): Failure["type"] {
  if (error.outcome === "unknown") return "unknown-outcome";
  if (error instanceof NotFound) return "not-found";
  if (error instanceof Forbidden) return "forbidden";
  if (error instanceof Unauthenticated) return "signed-out";
  if (error instanceof QuotaExhausted) return "billing";
  if (error instanceof CallsSpent) return "out-of-calls";
  if (error instanceof Interrupted) return "interrupted";
  return "rejected";
}

/** Those of some ids about which a call succeeds. Coze's "not found" and "no permission" both say that one can't be seen. */
export async function findVisible(
  ids: readonly string[],
  call: (id: string) => Promise<unknown>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const id of ids) {
    try {
      await call(id);
      found.add(id);
    } catch (error) {
      if (!(error instanceof NotFound || error instanceof Forbidden)) throw error;
    }
  }
  return found;
}

/** The result of a call, or undefined when it says that the object doesn't exist. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
