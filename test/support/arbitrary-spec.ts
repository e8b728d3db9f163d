import fc, { type Arbitrary } from "fast-check";
import { stringify } from "yaml";
import type {
  Field,
  Fields,
  FileShape,
  ListShape,
  ObjectShape,
  Shape,
  StringShape,
} from "../../src/core/field.ts";
import type { Path } from "../../src/core/spec-walk.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../src/core/value.ts";
import { escapeInterpolation } from "../../src/manifest/values/substitute.ts";

/** What a spec is made for: the fields, and the rules between them. */
export interface SpecSource {
  readonly fields: Fields;
  check?(spec: Values): readonly { readonly path: Path }[];
}

export interface SpecOptions {
  /** Every optional field, or any of them; alternatives and conflicts are respected. Default `random`. */
  readonly optional?: "all" | "random";
  /** Values of file fields; without it optional ones are left out. */
  readonly file?: (shape: FileShape) => Arbitrary<Json>;
  /** Values of references to a kind; by default `{id: "…"}`. */
  readonly ref?: (kind: string) => Arbitrary<Json>;
  /** Words that stand for objects, as manifests may hold them. */
  readonly shorthand?: boolean;
}

/**
 * Valid specs of a kind: every shape within its limits, with texts in Chinese, emoji and YAML's own signs. Sensitive
 * fields are left out: manifests mustn't hold their values.
 */
export function arbitrarySpec(kind: SpecSource, options: SpecOptions = {}): Arbitrary<Values> {
  return arbitraryObject({ type: "object", fields: kind.fields }, options)
    .map((spec) => keepRules(kind, dropConflicts(kind.fields, spec)))
    .filter((spec) => (kind.check?.(spec) ?? []).length === 0);
}

/** Leaves out optional fields that break the kind's rules, one after the other. */
function keepRules(kind: SpecSource, spec: Values): Values {
  const [problem] = kind.check?.(spec) ?? [];
  const mended = problem && dropOptional({ type: "object", fields: kind.fields }, spec, problem.path);
  return mended ? keepRules(kind, mended as Values) : spec;
}

/** Without the innermost field on a path that may be absent; undefined when there is none. */
function dropOptional(shape: Shape, value: Json, path: Path): Json | undefined {
  const [step, ...rest] = path;
  if (shape.type === "list" && Array.isArray(value) && typeof step === "number") {
    const items: readonly Json[] = value;
    const inner = dropOptional(shape.items, items[step] ?? null, rest);
    return inner === undefined ? undefined : items.with(step, inner);
  }
  if (shape.type !== "object" || !isObject(value) || typeof step !== "string" || !(step in value))
    return undefined;
  const field = shape.fields[step];
  if (!field) return undefined;
  const inner = dropOptional(field, value[step] ?? null, rest);
  if (inner !== undefined) return { ...value, [step]: inner };
  const { [step]: _, ...others } = value;
  return field.presence === "optional" && !shape.exactlyOne?.includes(step) ? others : undefined;
}

/** A manifest in YAML that loads to this spec: what would be interpolated is escaped. */
export function writeManifest(kind: string, name: string, spec: Values): string {
  return stringify({ apiVersion: "cozeform/v1", kind, metadata: { name }, spec: escapeTexts(spec) });
}

function escapeTexts(value: Json): Json {
  if (typeof value === "string") return escapeInterpolation(value);
  if (Array.isArray(value)) return value.map((item: Json) => escapeTexts(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeTexts(item)]));
}

function arbitraryObject(shape: ObjectShape, options: SpecOptions): Arbitrary<Values> {
  const possible = Object.entries(shape.fields).filter(
    ([, field]) =>
      field.presence === "required" || (field.presence === "optional" && canMake(field, options)),
  );
  const alternatives = (shape.exactlyOne ?? []).filter((name) => possible.some(([other]) => other === name));
  const values = Object.fromEntries(possible.map(([name, field]) => [name, arbitraryValue(field, options)]));
  const choose = (chosen: string | undefined): Arbitrary<Values> => {
    const fields = possible.filter(([name]) => !alternatives.includes(name) || name === chosen);
    const requiredKeys = fields
      .filter(
        ([name, { presence }]) => presence === "required" || name === chosen || options.optional === "all",
      )
      .map(([name]) => name);
    const model = Object.fromEntries(
      fields.flatMap(([name]) => (values[name] ? [[name, values[name]]] : [])),
    );
    return fc.record(model, { requiredKeys }).map((record) => ({ ...record }) as Values);
  };
  return alternatives.length > 0 ? fc.oneof(...alternatives.map(choose)) : choose(undefined);
}

function canMake(shape: Shape | Field, options: SpecOptions): boolean {
  if ("sensitive" in shape && shape.sensitive) return false;
  if (shape.type === "file") return options.file !== undefined;
  // Which environments there are is a matter of the project.
  if (shape.type === "string" && shape.names) return false;
  if (shape.type === "list") return canMake(shape.items, options);
  if (shape.type !== "object") return true;
  const needed = Object.entries(shape.fields).filter(([, field]) => field.presence === "required");
  const alternatives = (shape.exactlyOne ?? []).flatMap((name) => shape.fields[name] ?? []);
  return (
    needed.every(([, field]) => canMake(field, options)) &&
    (alternatives.length === 0 || alternatives.some((field) => canMake(field, options)))
  );
}

function arbitraryValue(shape: Shape, options: SpecOptions): Arbitrary<Json> {
  switch (shape.type) {
    case "string":
      return arbitraryText(shape);
    case "enum":
      return fc.constantFrom(...shape.values);
    case "integer":
      return fc.integer({ min: shape.minimum ?? -1000, max: shape.maximum ?? (shape.minimum ?? 0) + 1000 });
    case "number": {
      const [low, high] = [shape.minimum ?? -1000, shape.maximum ?? (shape.minimum ?? 0) + 1000];
      return fc
        .integer({ min: Math.ceil(low * 100), max: Math.floor(high * 100) })
        .map((hundredths) => hundredths / 100);
    }
    case "boolean":
      return fc.boolean();
    case "ref":
      return options.ref?.(shape.kind) ?? fc.stringMatching(/^[1-9]\d{18}$/u).map((id) => ({ id }));
    case "file":
      if (!options.file) throw new Error("a required file field needs the option file");
      return options.file(shape);
    case "list":
      return arbitraryList(shape, options);
    case "map":
      return fc.dictionary(word, shape.values ? arbitraryValue(shape.values, options) : anything, {
        maxKeys: 4,
      });
    case "object": {
      const whole = arbitraryObject(shape, options);
      const words = options.shorthand ? Object.keys(shape.shorthand ?? {}) : [];
      return words.length > 0 ? fc.oneof(fc.constantFrom(...words), whole) : whole;
    }
  }
}

const word = fc.stringMatching(/^[a-z]{1,8}$/u);

const sign = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."客服助手退货怎么您好，。！？繁體㐀") },
  { weight: 4, arbitrary: fc.constantFrom(..."abcXYZ019 ") },
  { weight: 1, arbitrary: fc.constantFrom(..."😀👩‍💻é\n\t:#-?*&!|>'\"%@`[]{},$\\") },
  { weight: 1, arbitrary: fc.constantFrom("${", "$${", "{{user_name}}", "---", "null", "<<", "~") },
);

function arbitraryText({ minLength = 0, maxLength, pattern, format }: StringShape): Arbitrary<string> {
  if (format === "uri") return fc.webUrl().filter((url) => fits(url, minLength, maxLength));
  if (pattern !== undefined) {
    return fc.stringMatching(new RegExp(pattern, "u")).filter((text) => fits(text, minLength, maxLength));
  }
  const short = Math.max(minLength, Math.min(maxLength ?? 30, 30));
  const free = fc.string({ unit: sign, minLength, maxLength: short }).map((text) => cut(text, maxLength));
  const full = fc.constant("字".repeat(maxLength ?? 0));
  const texts =
    maxLength !== undefined && maxLength <= 2000 ? fc.oneof({ weight: 9, arbitrary: free }, full) : free;
  return texts.filter((text) => fits(text, minLength, maxLength));
}

const fits = (text: string, minLength: number, maxLength = Number.POSITIVE_INFINITY): boolean =>
  [...text].length >= minLength && [...text].length <= maxLength;

const cut = (text: string, maxLength: number | undefined): string =>
  maxLength === undefined ? text : [...text].slice(0, maxLength).join("");

const anything: Arbitrary<Json> = fc.oneof(
  fc.string({ unit: sign, maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(word, { maxLength: 3 }),
  fc.dictionary(word, word, { maxKeys: 3 }),
);

function arbitraryList(shape: ListShape, options: SpecOptions): Arbitrary<Json> {
  const items = arbitraryValue(shape.items, options);
  const limits = { minLength: shape.minItems ?? 0, maxLength: Math.min(shape.maxItems ?? 5, 5) };
  if (shape.key === undefined && !shape.unordered) return fc.array(items, limits);
  return fc.uniqueArray(items, { ...limits, selector: (item) => canonicalJson(identifyItem(shape, item)) });
}

function identifyItem({ items, key }: ListShape, item: Json): unknown {
  const whole = items.type === "object" && typeof item === "string" ? items.shorthand?.[item] : item;
  return key === undefined ? item : isObject(whole) ? whole[key] : whole;
}

function dropConflicts(fields: Fields, spec: Values): Values {
  const kept: [string, Json][] = [];
  for (const [name, value] of Object.entries(spec)) {
    const conflicts = ([other]: [string, Json]) =>
      excludes(fields[name], other) || excludes(fields[other], name);
    if (!kept.some(conflicts)) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

const excludes = (field: Field | undefined, name: string): boolean =>
  field?.conflictsWith?.includes(name) === true;
