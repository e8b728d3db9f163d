import { say } from "../messages/text.ts";

/** An object without its undefined and null fields: a field that a response leaves out is unknown. */
export function known<T extends object>(values: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  ) as { readonly [K in keyof T]?: NonNullable<T[K]> };
}

/** The parent's id; the engine passes one to every kind that has a parent. */
export function holder(parent: string | undefined): string {
  if (parent === undefined) throw new Error("a kind with a parent was called without one");
  return parent;
}

/** A number that some responses give as text, such as Unix seconds; undefined for anything else. */
export function numeric(value: unknown): number | undefined {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
}

/** The objects of a list; none of null or an empty text, which some responses have instead of an empty list. */
export function objectsIn<T extends object>(list: readonly T[] | null | undefined): readonly T[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === "object" && one !== null) : [];
}

/** Formats that Coze takes for icons and image datasets (https://docs.coze.cn/developer_guides/upload_files). */
export const imageExtensions = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "heic", "heif", "tiff"] as const;

/** The largest file that can be uploaded. */
export const uploadLimit = 512 * 1024 * 1024;

/** An id as Coze writes it: up to 19 digits, more than a number can hold, so always a string. */
export const decimalId = {
  type: "string",
  pattern: "^[0-9]{1,20}$",
  patternHint: () => say("kinds/digits"),
} as const;
