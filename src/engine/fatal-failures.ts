import type { Failure } from "../core/failure.ts";

/** Failures after which no call will work. */
export const isFatal: ReadonlySet<Failure["type"]> = new Set(["signed-out", "billing", "out-of-calls"]);

/** Why what is left isn't done. */
export function describeFatal({ type, message }: Failure): string {
  if (type === "billing") return "billing stopped the run";
  return type === "signed-out" ? "Coze no longer takes the token" : message;
}
