import { Fn, Token } from "cdktf";
import { type Fields, kindLookedUp, type Shape } from "../../core/field.ts";
import {
  canonicalJson,
  type FileContent,
  isFileContent,
  isLookup,
  isObject,
  isReference,
  type Json,
  type Lookup,
  type Values,
} from "../../core/value.ts";
import { splitPlaceholders } from "../../manifest/values/substitute.ts";
import { writeOnlyName, writeOnlyVersionName } from "../../terraform/schema/names.ts";
import { hasWriteOnly } from "../../terraform/schema/resource-schema.ts";
import { encodeJson, marker } from "../runtime/json.ts";

/** What stands in Terraform for what manifests name; each gives a text, which may be a token of CDKTF's. */
export interface ConstructContext {
  /** The id of a resource. */
  readonly idOf: (address: string) => string;
  /** The id of an object of a kind that is looked up. */
  readonly lookUp: (kind: string, words: Lookup["$lookup"]) => string;
  /** The path of a local file for Terraform. */
  readonly placeOf: (file: FileContent) => string;
  /** What a placeholder stands for. */
  readonly fill: (name: string) => string;
  /** Secrets that Terraform needn't keep go to write-only arguments, with this text as their version. */
  readonly secretsVersion?: string | undefined;
}

/** Values by attribute, made of a spec's. */
export function toAttributes(
  fields: Fields,
  values: Values,
  around: ConstructContext,
): { readonly [attribute: string]: unknown } {
  const entries = Object.entries(values).flatMap(([name, value]): (readonly [string, unknown])[] => {
    const field = fields[name];
    if (!field) return [];
    const made = toAttribute(field, value, around);
    if (around.secretsVersion === undefined || !hasWriteOnly(field)) return [[name, made]];
    return [
      [writeOnlyName(name), made],
      [writeOnlyVersionName(name), toTemplate(around.secretsVersion, around)],
    ];
  });
  return Object.fromEntries(entries);
}

function toAttribute(shape: Shape, value: Json, around: ConstructContext): unknown {
  if (isReference(value)) return around.idOf(value.$ref);
  const kind = kindLookedUp(shape);
  if (kind !== undefined && isLookup(value)) return around.lookUp(kind, value.$lookup);
  if (shape.type === "file" && isFileContent(value)) return around.placeOf(value);
  if (shape.type === "map") return toTemplate(canonicalJson(value), around, "json");
  if (shape.type === "object" && isObject(value)) return toAttributes(shape.fields, value, around);
  if (shape.type === "list" && Array.isArray(value))
    return value.map((item: Json) => toAttribute(shape.items, item, around));
  return typeof value === "string" ? toTemplate(value, around) : value;
}

/** A text as Terraform's templates spell it; in a text of JSON, what is filled in is spelled as within a text of JSON. */
export function toTemplate(text: string, { fill }: Pick<ConstructContext, "fill">, form?: "json"): string {
  return spellParts(splitPlaceholders(text), (name) =>
    form === "json" ? withinJson(fill(name)) : asTemplate(fill(name)),
  );
}

/** A text as Terraform's templates spell it, in which nothing but CDKTF's tokens stands for anything. */
export const asTemplate = (text: string): string =>
  spellParts(
    text.split(marker).map((part, index) => (index % 2 === 0 ? { text: part } : { name: part })),
    (token) => token,
  );

type Part = ReturnType<typeof splitPlaceholders>[number];

function spellParts(all: readonly Part[], fill: (name: string) => string): string {
  const parts = all.filter((part) => "name" in part || part.text !== "");
  // What only looks like a token of CDKTF's is told apart from one in the same way.
  const isMixed = parts.length > 1 || parts.some((part) => "text" in part && part.text.includes("TfToken["));
  return parts
    .map((part, index) =>
      "name" in part ? fill(part.name) : escapeTemplate(part.text, isMixed, index < parts.length - 1),
    )
    .join("");
}

/** Terraform's JSON of a text without the quotes around it. */
const withinJson = (text: string): string =>
  Fn.replace(Token.asString(encodeJson(text)), Fn.rawString('/^"|"$/') as unknown as string, "") as string;

/**
 * Texts hold what Terraform would take for its own `${…}` and `%{…}`; `open`: one of these follows at once. Beside tokens
 * (`isMixed`) CDKTF takes any `${` for an expression that goes on up to the brace that closes it.
 */
function escapeTemplate(text: string, isMixed: boolean, open: boolean): string {
  const escaped = text.replaceAll(/([$%]+)\{/gu, (_, signs: string) =>
    signs.length === 1 && !(isMixed && signs === "$") ? `${signs}${signs}{` : `${quoteSigns(signs)}{`,
  );
  return open ? escaped.replace(/[$%]+$/u, quoteSigns) : escaped;
}

/** More than one sign before a brace means something else again; a text that is put in means itself. */
const quoteSigns = (signs: string): string => `\${"${signs}"}`;
