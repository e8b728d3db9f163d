import { type TerraformIterator, Tokenization } from "cdktf";
import { suggest } from "../../core/suggestions.ts";
import { isObject } from "../../core/value.ts";
import { say } from "../../messages/text.ts";
import type { Attribute, Attributes } from "../../terraform/schema/attribute.ts";
import { type Config, camelCase, toId } from "./config.ts";
import { encodeHcl, encodeJson } from "./json.ts";

/** Whether configurations may give an attribute. */
export const isConfigurable = ({ required, optional }: Attribute): boolean =>
  required === true || optional === true;

/** The objects inside of an attribute; undefined where it holds none. */
export const nestedOf = ({ type }: Attribute) =>
  typeof type === "object" && "nested" in type ? type.nested : undefined;

/**
 * Refuses properties that there are none of, in the whole of a configuration. TypeScript refuses them as well, but not
 * in JavaScript, and not in an object that was made elsewhere. Throws an error that names the place and the nearest
 * property.
 */
export function checkProperties(
  attributes: Attributes,
  config: Config,
  where: string,
  others: readonly string[] = [],
): void {
  const own = Object.entries(attributes).filter(([, attribute]) => isConfigurable(attribute));
  const known = new Map(own.map(([name, attribute]) => [camelCase(name), attribute]));
  for (const [property, value] of Object.entries(config)) {
    const attribute = known.get(property);
    if (attribute) checkValue(attribute, value, `${where}.${property}`);
    else if (!others.includes(property))
      throw new Error(refusal(where, property, [...known.keys(), ...others]));
  }
}

/** The same for a construct that stands for several resources, which has these properties. */
export function checkOptions(config: object, where: string, known: readonly string[]): void {
  const wrong = Object.keys(config).find((property) => !known.includes(property));
  if (wrong !== undefined) throw new Error(refusal(where, wrong, known));
}

function refusal(where: string, property: string, known: readonly string[]): string {
  const near = suggest(property, known);
  return near
    ? say("cdktf/no-property-near", { where, property, near })
    : say("cdktf/no-property", { where, property, known: known.join(", ") });
}

/** The same for the value of one attribute. */
export function checkValue(attribute: Attribute, value: unknown, where: string): void {
  const nested = nestedOf(attribute);
  if (!nested) return;
  if (isDynamic(value)) {
    checkProperties(nested.attributes, value.content, where);
    return;
  }
  if (isToken(value)) return;
  const items = Array.isArray(value)
    ? value.map((item, index) => [item, `${where}[${index}]`])
    : [[value, where]];
  for (const [item, place] of items) {
    if (isObject(item) && !isToken(item)) checkProperties(nested.attributes, item, place);
  }
}

/** The given configuration by attribute, without those that weren't given. */
export function synthesize(attributes: Attributes, config: Config): { [attribute: string]: unknown } {
  const entries = Object.entries(attributes).flatMap(([name, attribute]): [string, unknown][] => {
    const value = config[camelCase(name)];
    return value === undefined || !isConfigurable(attribute) ? [] : [[name, toTerraform(attribute, value)]];
  });
  return Object.fromEntries(entries);
}

/** The same for HCL, ready to be written behind `=`. */
export const synthesizeHcl = (attributes: Attributes, config: Config): { [attribute: string]: unknown } =>
  Object.fromEntries(
    Object.entries(synthesize(attributes, config)).map(([name, value]) => [
      name,
      { value: encodeHcl(value), isBlock: false, type: "reference", storageClassType: "any" },
    ]),
  );

function toTerraform(attribute: Attribute, value: unknown): unknown {
  const nested = nestedOf(attribute);
  if (nested && isDynamic(value)) return value.iterator.dynamic(synthesize(nested.attributes, value.content));
  if (isToken(value)) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => toTerraform(attribute, item));
  if (attribute.refersTo) return toId(value);
  if (nested && isObject(value)) return synthesize(nested.attributes, value);
  return attribute.json && typeof value !== "string" && value !== null ? encodeJson(value) : value;
}

const isToken = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Tokenization.isResolvable(value);

/** What `iterator.dynamic(…)` gives: an object for each item. CDKTF exports no type of it. */
interface Dynamic {
  readonly iterator: TerraformIterator;
  readonly content: Config;
}

const isDynamic = (value: unknown): value is Dynamic =>
  typeof value === "object" && value !== null && Symbol.for("cdktf/TerraformDynamicExpression") in value;
