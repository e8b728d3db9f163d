import type { SchemaValidateFunction } from "ajv";
import { canonicalJson, type Json } from "./value.ts";

/** Checks `uniqueItems`. Ajv's own check calls `toString` on values, which users may have given a key of that name. */
export const findDuplicates: SchemaValidateFunction = (unique: boolean, items: readonly Json[]) => {
  const seen = new Map<string, number>();
  const texts = unique ? items.map((item) => canonicalJson(item)) : [];
  const twin = texts.findIndex((text, index) => seen.has(text) || !seen.set(text, index));
  if (twin < 0) return true;
  const params = { i: twin, j: seen.get(texts[twin] ?? "") };
  findDuplicates.errors = [{ keyword: "uniqueItems", params }];
  return false;
};
