import type {
  EnumShape,
  Field,
  FileShape,
  ListShape,
  NumberShape,
  RefShape,
  Shape,
} from "../../core/field.ts";
import type { Json } from "../../core/value.ts";
import { resourceType } from "../schema/names.ts";
import { ownFields } from "../schema/resource-schema.ts";
import { codes, inWords } from "./markdown.ts";

/** A sentence, and what of it its field's description may already say. */
interface Fact {
  readonly said: string;
  readonly words?: readonly string[];
}

/**
 * What configurations have to keep to in a field, and what comes of changing it, as sentences; those that its
 * description holds are left out. `fixed`: a change of what holds the field replaces the resource anyway.
 */
export function tellFacts(field: Field, { fixed }: { readonly fixed: boolean }): readonly string[] {
  const facts = [...shapeFacts(field), ...commonFacts(field, fixed)];
  return facts.flatMap(({ said, words }) => (isTold(field.description, words) ? [] : [said]));
}

const isTold = (description: string, words: readonly string[] | undefined): boolean =>
  words?.every((word) => plain(description).includes(plain(word))) === true;

const plain = (text: string): string => text.replaceAll(/(?<=\d),(?=\d{3})/gu, "");

function shapeFacts(shape: Shape): readonly Fact[] {
  switch (shape.type) {
    case "string":
      if (shape.patternHint !== undefined) return [{ said: `Must be ${shape.patternHint}.` }];
      if (shape.format === "uri") return [{ said: "Must be a URL." }];
      return lengthFact(shape.minLength, shape.maxLength, "character");
    case "enum":
      return [wordsFact(shape)];
    case "integer":
    case "number":
      return rangeFact(shape);
    case "boolean":
      return [];
    case "ref":
      return [refFact(shape)];
    case "file":
      return [fileFact(shape)];
    case "map":
      return [{ said: "A JSON object: `jsonencode({…})`." }];
    case "object":
      return shape.exactlyOne === undefined
        ? []
        : [choiceFact(shape.exactlyOne, Object.keys(ownFields(shape.fields)))];
    case "list":
      return listFacts(shape);
  }
}

function lengthFact(least: number | undefined, most: number | undefined, unit: string): readonly Fact[] {
  if (most === undefined)
    return least !== undefined && least > 1 ? [{ said: `At least ${least} ${unit}s.` }] : [];
  const count = formatNumber(most);
  const words = [`${count} ${unit}`];
  return [{ said: least ? `${least} to ${count} ${unit}s.` : `At most ${count} ${unit}s.`, words }];
}

function wordsFact({ values, open }: EnumShape): Fact {
  const said = open
    ? `Known are ${inWords(codes(values), "and")}; others are sent as they are.`
    : `One of ${inWords(codes(values), "or")}.`;
  return { said, words: open ? undefined : codes(values) };
}

function rangeFact({ minimum, maximum }: NumberShape): readonly Fact[] {
  const [least, most] = [minimum, maximum].map((bound) =>
    bound === undefined ? undefined : formatNumber(bound),
  );
  if (least !== undefined && most !== undefined) {
    return [{ said: `${least} to ${most}.`, words: [`${least} to ${most}`] }];
  }
  if (least !== undefined) return [{ said: `At least ${least}.`, words: [`at least ${least}`] }];
  return most === undefined ? [] : [{ said: `At most ${most}.`, words: [`at most ${most}`] }];
}

function refFact({ kind, others = {} }: RefShape): Fact {
  const stands = Object.values(others).map(({ kind: other, where }) => {
    const conditions = Object.entries(where).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    return `\`${resourceType({ name: other })}\` with \`${conditions.join(", ")}\``;
  });
  const types = [`\`${resourceType({ name: kind })}\``, ...stands];
  return { said: `The \`id\` of a ${inWords(types, "or of a")}.` };
}

function fileFact({ extensions, maxBytes }: FileShape): Fact {
  const size = maxBytes === undefined ? "" : `, at most ${formatNumber(maxBytes / 1024 ** 2)} MB`;
  return { said: `The path of a file: ${inWords(extensions, "or")}${size}.` };
}

const choiceFact = (names: readonly string[], known: readonly string[]): Fact => ({
  said: `Exactly one of ${inWords(codes(names.filter((name) => known.includes(name))), "and")} is given.`,
});

function listFacts({ items, key, minItems, maxItems }: ListShape): readonly Fact[] {
  const inside = items.type === "object" || items.type === "string" ? [] : shapeFacts(items);
  const order =
    key === undefined ? [] : [{ said: `Items are told apart by \`${key}\`; their order means nothing.` }];
  return [...lengthFact(minItems, maxItems, "item").map(withoutWords), ...inside, ...order];
}

const withoutWords = ({ said }: Fact): Fact => ({ said, words: [...said.matchAll(/[\d,]+/gu)].map(String) });

function commonFacts(field: Field, fixed: boolean): readonly Fact[] {
  const { conflictsWith, default: preset, presence } = field;
  if (presence === "computed") return [];
  return [
    ...(conflictsWith === undefined
      ? []
      : [{ said: `Can't be given together with ${inWords(codes(conflictsWith), "or")}.` }]),
    ...(preset === undefined || presence === "required"
      ? []
      : [{ said: `Default ${formatDefault(preset)}.` }]),
    ...(field.immutable && !fixed ? [{ said: "Forces replacement." }] : []),
    ...(field.clearable === false && presence === "optional" && !field.immutable
      ? [{ said: "Nothing unsets it: taken out of the configuration, it stays." }]
      : []),
    ...(field.settable === "create" && !field.immutable
      ? [{ said: "Later changes are ignored, with a warning." }]
      : []),
  ];
}

const formatDefault = (value: Json): string => (value === "" ? "is empty" : `\`${JSON.stringify(value)}\``);

const formatNumber = (value: number): string => value.toLocaleString("en");
