import {
  DefaultTokenResolver,
  ref,
  StringConcat,
  TerraformDataSource,
  TerraformElement,
  TerraformResource,
  type TerraformStack,
  Token,
  Tokenization,
} from "cdktf";
import { say } from "../../messages/text.ts";
import { isPlain } from "../runtime/config.ts";
import { expressionIn, marker, partsOf, tokenOf } from "../runtime/json.ts";

/** What Terraform gives an address. */
export type Addressed = TerraformResource | TerraformDataSource;

/** What stands in one place for what is in another. */
export interface Counterparts {
  readonly from: TerraformStack;
  readonly to: TerraformStack;
  /** What has this address in the stack that is translated from. */
  readonly elementAt: (address: string) => Addressed | undefined;
  /** What an id that may be no element's, such as a variable, is to be replaced with; undefined for any other value. */
  readonly counterpartOfId: (resolved: unknown) => unknown;
  /** What else has this address, such as a local value, tells: its configuration. */
  readonly configurationAt: (address: string) => unknown;
  /** Paths that exist beside the stack that is translated from, and nowhere else. */
  readonly ownPaths: readonly string[];
  /** What a reference to an element becomes: another element, an id, or the same element. Throws where it has no counterpart. */
  readonly counterpartOf: (element: TerraformElement, place: string) => unknown;
  /** Throws an error about a place in the configuration. */
  readonly refuse: (problem: string) => never;
}

/**
 * Configuration with every reference in it, at whatever depth and in whatever text, to the counterpart of what it was
 * to. `place` says where it is. Throws where a token is about something that has a counterpart, and can't be translated.
 */
export function translate(value: unknown, place: string, counterparts: Counterparts): unknown {
  if (typeof value === "string") return translateText(value, place, counterparts);
  if (TerraformElement.isTerraformElement(value)) return counterparts.counterpartOf(value, place);
  if (isTerraformValue(value)) {
    const own = value.toTerraform();
    if (told(own, counterparts) !== told(translate(own, place, counterparts), counterparts))
      counterparts.refuse(say("cdktf/untranslatable", { place, value: told(own, counterparts) }));
    return value;
  }
  const [token] = Token.isUnresolved(value) ? Tokenization.reverse(value) : [];
  if (token) return spellLike(value, token, translateToken(token, place, counterparts));
  if (Array.isArray(value))
    return value.map((item, index) => translate(item, `${place}[${index}]`, counterparts));
  if (!isPlain(value)) return value;
  const parts = Object.entries(value).map(([key, part]) => [
    translateText(key, place, counterparts),
    translate(part, `${place}.${key}`, counterparts),
  ]);
  return Object.fromEntries(parts);
}

/** What a value with tokens in it is in a stack. */
export const resolveIn = (scope: TerraformStack, value: unknown): unknown =>
  Tokenization.resolve(value, { scope, resolver: new DefaultTokenResolver(new StringConcat()) });

/** A value as Terraform is told, to compare. */
const told = (value: unknown, { from }: Counterparts): string =>
  JSON.stringify(resolveIn(from, value) ?? null);

/** What isn't written as it is, such as a count. */
const isTerraformValue = (value: unknown): value is { toTerraform(): unknown } =>
  typeof value === "object" &&
  value !== null &&
  "toTerraform" in value &&
  typeof value.toTerraform === "function";

/** Whether Terraform gives it an address. */
export const isAddressed = (element: unknown): element is Addressed =>
  TerraformResource.isTerraformResource(element) || TerraformDataSource.isTerraformDataSource(element);

function translateText(text: string, place: string, counterparts: Counterparts): string {
  const path = counterparts.ownPaths.find((path) => text.includes(path));
  if (path !== undefined) counterparts.refuse(say("cdktf/file-of-other-stack", { place, path }));
  for (const [index, part] of partsOf(text.replaceAll(marker, "")).entries())
    if (index % 2 === 1 && reachesCounterpart(part, place, counterparts))
      counterparts.refuse(say("cdktf/untranslatable", { place, value: part }));
  return text.replaceAll(marker, (one) => {
    const token = tokenOf(one);
    if (!token) return one;
    const translated = translateToken(token, place, counterparts);
    return translated === token ? one : Token.asString(translated);
  });
}

/** Numbers and lists may be tokens in disguise, and are to stay numbers and lists. */
function spellLike(value: unknown, before: unknown, after: unknown): unknown {
  if (after === before) return value;
  if (typeof value === "number") return Token.asNumber(after);
  if (!Array.isArray(value)) return after;
  return typeof value[0] === "number" ? Token.asNumberList(after) : Token.asList(after);
}

/** How Terraform's language names what is in a stack: its address, and the way to an attribute. */
const mention =
  /(?<![\p{ID_Continue}.-])((?:data\.)?[a-z]\w*\.[\p{ID_Continue}-]+)((?:\.(?:\w+|\*)|\[[^\]]*\])*)/gu;

/** Whether an expression is about something that has a counterpart, be it by way of other things in the stack. */
function reachesCounterpart(
  expression: string,
  place: string,
  counterparts: Counterparts,
  seen = new Set<string>(),
): boolean {
  const { elementAt, counterpartOf, counterpartOfId, configurationAt } = counterparts;
  if (counterpartOfId(expression) !== undefined) return true;
  return [...expression.matchAll(mention)].some(([, address = ""]) => {
    if (seen.has(address)) return false;
    seen.add(address);
    const element = elementAt(address);
    if (element && counterpartOf(element, place) !== element) return true;
    return textsIn(configurationAt(address)).some((text) =>
      reachesCounterpart(text, place, counterparts, seen),
    );
  });
}

/** What doesn't decide of a value's content. */
const besides = ["//", "depends_on", "provider", "lifecycle"];

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => (besides.includes(key) ? [] : textsIn(part)));
}

function translateToken(token: object, place: string, counterparts: Counterparts): unknown {
  const { from, to, elementAt, counterpartOf, refuse } = counterparts;
  // A reference knows in which stack it began: elsewhere the same address is something else.
  if ("originStack" in token && token.originStack !== from) return token;
  const resolved = resolveIn(from, token);
  const own = counterparts.counterpartOfId(resolved);
  if (own !== undefined) return own;
  const text = typeof resolved === "string" ? resolved : JSON.stringify(resolved ?? null);
  const pairs = new Map<string, unknown>();
  for (const [, address = ""] of text.matchAll(mention)) {
    const element = elementAt(address);
    const counterpart = element && counterpartOf(element, place);
    if (counterpart !== element) pairs.set(address, counterpart);
    else if (reachesCounterpart(address, place, counterparts))
      return refuse(say("cdktf/depends-on-promoted", { place, value: text }));
  }
  const path = counterparts.ownPaths.find((path) => text.includes(path));
  if (path !== undefined) return refuse(say("cdktf/file-of-other-stack", { place, path }));
  if (pairs.size === 0) return token;
  const [[address, counterpart] = []] = pairs;
  if (text === `\${${address}.id}` && !isAddressed(counterpart)) return counterpart;
  const rest = text.replaceAll(mention, (whole, one: string) => (pairs.has(one) ? "" : whole));
  const expression = typeof resolved === "string" ? expressionIn(text) : undefined;
  if (expression === undefined || (from !== to && hasReference(rest)))
    return refuse(say("cdktf/untranslatable", { place, value: text }));
  const translated = expression.replaceAll(mention, (whole, one: string, path: string) => {
    if (!pairs.has(one)) return whole;
    const other = pairs.get(one);
    return isAddressed(other)
      ? `${expressionIn(String(resolveIn(to, other.fqn)))}${path}`
      : refuse(say("cdktf/no-counterpart", { place, value: text }));
  });
  return ref(translated, to);
}

/** Whether an expression names anything: in another stack that would be something else. */
const hasReference = (expression: string): boolean =>
  /[\p{ID_Start}_][\p{ID_Continue}-]*[.[]/u.test(expression.replaceAll(plainText, '""'));

/** Quotes with nothing in them that stands for anything else. */
const plainText = /"(?:[^"\\$%]|\\.|[$%](?!\{))*"/gu;
