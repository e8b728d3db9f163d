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
import { expressionIn, marker } from "../runtime/json.ts";
import { isPlain } from "../runtime/merge.ts";

/** What Terraform gives an address. */
export type Addressed = TerraformResource | TerraformDataSource;

/** What stands in one place for what is in another. */
export interface Counterparts {
  readonly from: TerraformStack;
  readonly to: TerraformStack;
  /** What has this address in the stack that is translated from. */
  readonly elementAt: (address: string) => Addressed | undefined;
  /** What to refer to in place of an element: another one, an id, or the same. Throws where nothing stands for it. */
  readonly counterpartOf: (element: TerraformElement, place: string) => unknown;
  /** Throws an error about a place in the configuration. */
  readonly refuse: (place: string, what: string) => never;
}

/**
 * Configuration with every reference in it, at whatever depth and in whatever text, to the counterpart of what it was
 * to. `place` says where it is. Throws where a token is about something that has a counterpart, and can't be translated.
 */
export function translate(value: unknown, place: string, counterparts: Counterparts): unknown {
  if (typeof value === "string") return translateText(value, place, counterparts);
  if (TerraformElement.isTerraformElement(value)) return counterparts.counterpartOf(value, place);
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

/** `coze_bot.support`, or `data.coze_bot.support`. */
export const addressOf = (element: Addressed): string =>
  `${TerraformDataSource.isTerraformDataSource(element) ? "data." : ""}${element.terraformResourceType}.${element.friendlyUniqueId}`;

/** Whether Terraform gives it an address. */
export const isAddressed = (element: unknown): element is Addressed =>
  TerraformResource.isTerraformResource(element) || TerraformDataSource.isTerraformDataSource(element);

const translateText = (text: string, place: string, counterparts: Counterparts): string =>
  text.replace(marker, (one) => {
    const [token] = Tokenization.reverseString(one).tokens;
    const translated = token && translateToken(token, place, counterparts);
    return translated === token ? one : Token.asString(translated);
  });

/** Numbers and lists may be tokens in disguise, and are to stay numbers and lists. */
function spellLike(value: unknown, before: unknown, after: unknown): unknown {
  if (after === before) return value;
  if (typeof value === "number") return Token.asNumber(after);
  if (!Array.isArray(value)) return after;
  return typeof value[0] === "number" ? Token.asNumberList(after) : Token.asList(after);
}

/** How Terraform's language names what the provider has: its address, and the way to an attribute. */
const mention =
  /(?<![\p{ID_Continue}.-])((?:data\.)?coze_\w+\.[\p{ID_Continue}-]+)((?:\.(?:\w+|\*)|\[[^\]]*\])*)/gu;

function translateToken(token: object, place: string, counterparts: Counterparts): unknown {
  const { from, to, elementAt, counterpartOf, refuse } = counterparts;
  // A reference knows in which stack it began: elsewhere the same address is something else.
  if ("originStack" in token && token.originStack !== from) return token;
  const resolved = resolveIn(from, token);
  const text = typeof resolved === "string" ? resolved : JSON.stringify(resolved ?? null);
  const pairs = new Map<string, unknown>();
  for (const [, address = ""] of text.matchAll(mention)) {
    const element = elementAt(address);
    const counterpart = element && counterpartOf(element, place);
    if (counterpart !== element) pairs.set(address, counterpart);
  }
  if (pairs.size === 0) return token;
  const [[address, counterpart] = []] = pairs;
  if (text === `\${${address}.id}` && !isAddressed(counterpart)) return counterpart;
  const rest = text.replaceAll(mention, (whole, one: string) => (pairs.has(one) ? "" : whole));
  const expression = typeof resolved === "string" ? expressionIn(text) : undefined;
  if (expression === undefined || (from !== to && hasReference(rest)))
    return refuse(place, `has ${text}, which can't be translated`);
  const translated = expression.replaceAll(mention, (whole, one: string, path: string) => {
    if (!pairs.has(one)) return whole;
    const other = pairs.get(one);
    return isAddressed(other)
      ? `${addressOf(other)}${path}`
      : refuse(place, `has ${text}, of which nothing is made`);
  });
  return ref(translated, to);
}

/** Whether an expression names anything: in another stack that would be something else. */
const hasReference = (expression: string): boolean =>
  /[\p{ID_Start}_][\p{ID_Continue}-]*[.[]/u.test(expression);
