import { types } from "node:util";

/** An error and what caused it, outermost first. */
export function causesOf(error: unknown): readonly Error[] {
  // Errors of another realm are instances of another Error.
  const isError = types.isNativeError(error) || error instanceof DOMException;
  return isError ? [error, ...causesOf(error.cause)] : [];
}

/** Whether a blob of a file couldn't be read, since the file has changed: https://w3c.github.io/FileAPI/#dfn-error-codes. */
export const isUnreadable = ({ name }: Error): boolean => name === "NotReadableError";
