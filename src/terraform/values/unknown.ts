import type { Json } from "../../core/value.ts";

/** Stands for a value that is known only after an apply. It is this very object and no other that looks like it. */
export const unknown: Json = Object.freeze({ $unknown: true });

/** Whether a value itself is unknown, whatever is in it. */
export const isUnknown = (value: unknown): boolean => value === unknown;

/** Whether a value, or anything in it, is unknown. */
export function hasUnknown(value: Json | undefined): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}
