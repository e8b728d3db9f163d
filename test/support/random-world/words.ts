import { InvalidInput } from "../../../src/core/diagnostic.ts";

/** Throws unless an error was made for people: with a next move. */
export function expectWords(error: unknown): void {
  if (error instanceof InvalidInput) {
    const mute = error.diagnostics.filter((one) => !hasNextMove(one));
    if (mute.length > 0) throw new Error(`no next move: ${mute.map(({ message }) => message).join("; ")}`);
  } else if (!hasNextMove(error)) {
    throw error;
  }
}

const hasNextMove = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "hint" in error && typeof error.hint === "string";
