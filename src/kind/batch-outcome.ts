import type { BatchOutcome } from "./kind.ts";

/** The outcomes of a call that takes several; when the call itself fails, that is the outcome of each. */
export async function attemptAll<T>(
  items: readonly unknown[],
  call: () => Promise<readonly BatchOutcome<T>[]>,
): Promise<readonly BatchOutcome<T>[]> {
  try {
    return await call();
  } catch (cause) {
    const error = asError(cause);
    return items.map(() => ({ error }));
  }
}

export const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));
