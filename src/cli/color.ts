import type { Io, Output } from "./io.ts";

/** Whether to colour what goes to an output: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function wantsColor(output: Output, env: Io["env"]): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return output.isTTY === true && env.TERM !== "dumb";
}
