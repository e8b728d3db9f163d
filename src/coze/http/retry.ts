import { BadAnswer, ConnectionLost, type CozeError, RateLimited, ServerError } from "../errors.ts";

/** How often a call is tried whose answer gets lost. */
export const attempts = 4;
// Refusals had no effect, and everything slows down meanwhile: it may take some to find out by how much.
const attemptsWhenRefused = 8;
const firstPauseMs = 500;
const longestBackoffMs = 16_000;
// A longer wait is better left to whoever runs the program.
const longestPauseMs = 60_000;

/**
 * How long to wait before the next attempt, in milliseconds; undefined: don't try again. Refusals that had no
 * effect ("too many calls") are tried again whatever the operation does; failures with an unknown outcome only
 * when calling twice is the same as calling once.
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

/** How often a call is tried that fails like this. */
export const attemptsAfter = (error: CozeError): number =>
  error instanceof RateLimited ? attemptsWhenRefused : attempts;

/** Whether the same call may go well the next time. */
export function isWorthRetrying(error: CozeError, repeatable: boolean): boolean {
  if (error instanceof RateLimited) return true;
  if (!repeatable || error.final) return false;
  if (error instanceof BadAnswer) return (error.httpStatus ?? 0) < 300;
  return error instanceof ServerError || error instanceof ConnectionLost;
}
