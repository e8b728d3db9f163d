import { BadAnswer, ConnectionLost, type CozeError, RateLimited, ServerError } from "../error-classes.ts";

/** The most attempts of a call whose answer is lost. */
export const attempts = 4;
// More, since refusals have no effect and the rate drops meanwhile: finding the right rate may take several.
const attemptsWhenRefused = 8;
const firstPauseMs = 500;
const longestBackoffMs = 16_000;
// A longer wait is left to the user.
const longestPauseMs = 60_000;

/**
 * The delay before the next attempt, in milliseconds; undefined: no further attempt. Refusals that had no effect ("too
 * many calls") are always retried; failures with an unknown outcome only if the operation is repeatable.
 */
export function retryDelay(
  attempt: number,
  error: CozeError,
  options: { readonly repeatable: boolean; readonly random: () => number },
): number | undefined {
  if (attempt >= attemptsAfter(error) || !isWorthRetrying(error, options.repeatable)) return undefined;
  const backoff = Math.min(longestBackoffMs, firstPauseMs * 2 ** (attempt - 1)) * (1 + options.random());
  const pause = Math.max(backoff, error.retryAfterMs ?? 0);
  return pause <= longestPauseMs ? pause : undefined;
}

/** The most attempts of a call that fails with this error. */
export const attemptsAfter = (error: CozeError): number =>
  error instanceof RateLimited ? attemptsWhenRefused : attempts;

/** Whether the same call may succeed the next time. */
export function isWorthRetrying(error: CozeError, repeatable: boolean): boolean {
  if (error instanceof RateLimited) return true;
  if (!repeatable || error.final) return false;
  if (error instanceof BadAnswer) return (error.httpStatus ?? 0) < 300;
  return error instanceof ServerError || error instanceof ConnectionLost;
}
