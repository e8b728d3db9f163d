import { hasText, say } from "../messages/text.ts";

/** The operating system's code of an error; empty for errors of other origin. */
export const systemCodeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "syscall" in error
    ? ((error as NodeJS.ErrnoException).code ?? "")
    : "";

/** Why the operating system refused something, in words. */
export function describeReason(error: unknown): string {
  const code = systemCodeOf(error);
  const key = `core/system-${code.toLowerCase()}`;
  if (hasText(key)) return say(key);
  return code || (error instanceof Error ? error.message : String(error));
}
