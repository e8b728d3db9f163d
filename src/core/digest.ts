import { createHash } from "node:crypto";
import { countCharacters } from "./characters.ts";
import type { Fields } from "./field.ts";
import { mapLeaves } from "./spec-walk.ts";
import {
  canonicalJson,
  type Digest,
  isDigest,
  isFileContent,
  isSameContent,
  type Json,
  rememberFile,
  type Values,
} from "./value.ts";

/** The SHA-256 of a value's canonical JSON; `salt` keeps short secrets from being guessed by their digest. */
export function digestOf(value: Json, salt = ""): string {
  return createHash("sha256").update(salt).update(canonicalJson(value)).digest("hex");
}

/** Texts longer than this many characters are remembered as digests. */
const longText = 400;

/** The form in which a spec is remembered: secrets and long texts as digests; see {@link matchesRemembered}. */
export function rememberSpec(fields: Fields, spec: Values, salt: string): Values {
  return mapLeaves(fields, spec, ({ value, sensitive }) => rememberValue(value, salt, sensitive));
}

/** The remembered form of one value. */
export function rememberValue(value: Json, salt: string, sensitive = false): Json {
  if (sensitive) return hideSecret(value, salt);
  if (isFileContent(value)) return rememberFile(value);
  if (typeof value !== "string" || value.length <= longText) return value;
  return { $digest: digestOf(value), characters: countCharacters(value) };
}

/** A secret's place-holder; the same secret under the same salt gives the same one. */
export function hideSecret(value: Json, salt: string): Digest {
  return { $digest: digestOf(value, salt), sensitive: true };
}

/** Whether a value is the one that was remembered in this form. */
export function matchesRemembered(value: Json, remembered: Json, salt: string): boolean {
  if (typeof remembered !== "object") return value === remembered;
  if (isDigest(remembered)) return digestOf(value, remembered.sensitive ? salt : "") === remembered.$digest;
  if (isFileContent(value) && isFileContent(remembered)) return isSameContent(value, remembered);
  return canonicalJson(value) === canonicalJson(remembered);
}

/** The digest by which two specs are told apart: files count by content, not by path. */
export function digestSpec(fields: Fields, spec: Values, salt: string): string {
  return digestOf(
    mapLeaves(fields, spec, ({ value }) => (isFileContent(value) ? value.sha256 : value)),
    salt,
  );
}
