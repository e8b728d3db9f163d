import type {
  EnumShape,
  Field,
  Fields,
  FileShape,
  ListShape,
  NumberShape,
  RefShape,
  Shape,
} from "../../core/field.ts";
import type { Json } from "../../core/value.ts";
import type { Attribute, Attributes, Nested, Type } from "../schema/attribute.ts";
import { resourceType } from "../schema/names.ts";
import { ownFields } from "../schema/resource-schema.ts";
import { codes, inWords, joinBlocks } from "./markdown.ts";

/** What stands behind attributes: fields, as far as they have some. */
type FieldsOf = { readonly [name: string]: Field | undefined };

interface Place {
  readonly attributes: Attributes;
  readonly fields: FieldsOf;
  /** Names from the resource down to these attributes. */
  readonly path: readonly string[];
  /** A change of what holds them replaces the resource. */
  readonly fixed: boolean;
}

const groups = [
  ["Required", ({ required }: Attribute) => required === true],
  ["Optional", ({ optional }: Attribute) => optional === true],
  ["Read-Only", ({ required, optional }: Attribute) => !required && !optional],
] as const;

/** The attributes of a resource, data source or provider as Markdown: by presence, nested ones below with anchors. */
export function describeSchema(attributes: Attributes, fields: Fields): string {
  const top = { attributes, fields, path: [], fixed: false };
  return joinBlocks(["## Schema", ...describeGroups(top, (title) => `### ${title}`), ...nestedBlocks(top)]);
}

function describeGroups(place: Place, heading: (title: string) => string): readonly string[] {
  const entries = Object.entries(place.attributes);
  return groups.flatMap(([title, belongs]) => {
    const lines = entries
      .filter(([, attribute]) => belongs(attribute))
      .map(([name, attribute]) => describeAttribute(place, name, attribute));
    return lines.length === 0 ? [] : [heading(title), lines.join("\n")];
  });
}

/** Each nested object, and what is nested in it right behind. */
function nestedBlocks(place: Place): readonly string[] {
  return Object.entries(place.attributes).flatMap(([name, attribute]) => {
    const nested = nestedIn(attribute);
    if (!nested) return [];
    const field = place.fields[name];
    const inner: Place = {
      attributes: nested.attributes,
      fields: fieldsIn(field),
      path: [...place.path, name],
      fixed: place.fixed || field?.immutable === true,
    };
    const head = `<a id="${anchorOf(inner.path)}"></a>\n\n### Nested Schema for \`${inner.path.join(".")}\``;
    return [head, ...describeGroups(inner, (title) => `${title}:`), ...nestedBlocks(inner)];
  });
}

function describeAttribute(place: Place, name: string, attribute: Attribute): string {
  const field = place.fields[name];
  const isSetByUser = attribute.required === true || attribute.optional === true;
  const facts = field && isSetByUser ? tellFacts(field, { fixed: place.fixed }) : [];
  const below = nestedIn(attribute) ? [`(see [below](#${anchorOf([...place.path, name])}))`] : [];
  const text = [`(${traitsOf(attribute).join(", ")})`, attribute.description, ...facts, ...below].join(" ");
  return `- \`${name}\` ${text}`;
}

const traitsOf = ({ type, sensitive, writeOnly, block }: Attribute): readonly string[] => [
  block ? "Block" : describeType(type),
  ...(sensitive ? ["Sensitive"] : []),
  ...(writeOnly
    ? [
        "[Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)",
      ]
    : []),
];

const nestings = {
  single: "Attributes",
  list: "Attributes List",
  set: "Attributes Set",
  map: "Attributes Map",
};

function describeType(type: Attribute["type"]): string {
  return typeof type === "object" && "nested" in type ? nestings[type.nested.nesting] : formatType(type);
}

/** A type in the words of Terraform's own pages: `Set of String`. */
export function formatType(type: Type): string {
  if (typeof type === "string")
    return type === "bool" ? "Boolean" : type.replace(/^./u, (first) => first.toUpperCase());
  if ("list" in type) return `List of ${formatType(type.list)}`;
  if ("set" in type) return `Set of ${formatType(type.set)}`;
  if ("map" in type) return `Map of ${formatType(type.map)}`;
  return "object" in type ? "Object" : "Tuple";
}

const nestedIn = ({ type }: Attribute): Nested | undefined =>
  typeof type === "object" && "nested" in type ? type.nested : undefined;

function fieldsIn(shape: Shape | undefined): FieldsOf {
  if (shape?.type === "object") return shape.fields;
  return shape?.type === "list" && shape.items.type === "object" ? shape.items.fields : {};
}

const anchorOf = (path: readonly string[]): string => `nestedatt--${path.join("--")}`;

/** A sentence, and what of it its field's description may already say. */
interface Fact {
  readonly said: string;
  readonly words?: readonly string[] | undefined;
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
      if (shape.patternHint !== undefined) return [{ said: `Must be ${shape.patternHint()}.` }];
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
