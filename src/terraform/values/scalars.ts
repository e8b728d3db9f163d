import { fullFormats } from "ajv-formats/dist/formats.js";
import { isSafeNumber, parse } from "lossless-json";
import type { EnumShape, NumberShape, RefShape, Shape, StringShape } from "../../core/field.ts";
import {
  describeBadUrl,
  describeLength,
  describeRange,
  describeUnknownKey,
  describeWord,
  describeWrongType,
  hintAtAddress,
  type SchemaError,
} from "../../core/schema-errors.ts";
import type { Json } from "../../core/value.ts";
import { showValue } from "../../secrets/detection.ts";
import { describeReference, resourceType } from "../schema/names.ts";

type Found = SchemaError & { readonly severity?: "warning" };

/** What is wrong with a known value by itself; of lists only how many items they have. Secrets are never repeated. */
export function findScalarErrors(shape: Shape, value: Json, sensitive: boolean): readonly Found[] {
  const shown = sensitive || (typeof value === "object" && value !== null) ? "another one" : showValue(value);
  switch (shape.type) {
    case "string":
      return checkText(shape, String(value), shown);
    case "enum":
      return checkWord(shape, String(value), shown);
    case "integer":
    case "number":
      return checkNumber(shape, Number(value), shown);
    case "ref":
      return checkId(shape, String(value), shown);
    case "map":
      return checkJson(String(value), sensitive);
    case "list": {
      const size = Array.isArray(value) ? value.length : 0;
      return checkLength(size, "item", shape.minItems, shape.maxItems);
    }
    case "boolean":
    case "file":
    case "object":
      return [];
  }
}

function checkLength(size: number, unit: "character" | "item", least = 0, most = Number.POSITIVE_INFINITY) {
  if (size < least) return [describeLength(size, unit, ["minimum", least])];
  return size > most ? [describeLength(size, unit, ["maximum", most])] : [];
}

function checkText(shape: StringShape, text: string, shown: string): readonly Found[] {
  const length = checkLength([...text].length, "character", shape.minLength, shape.maxLength);
  if (length.length > 0) return length;
  if (shape.pattern !== undefined && !new RegExp(shape.pattern, "u").test(text)) {
    const fault = describeWrongType(shape.patternHint?.() ?? `a text like ${shape.pattern}`, shown);
    return [{ ...fault, hint: hintAtAddress(shape.pattern, text) }];
  }
  return shape.format === "uri" && !isUri(text) ? [describeBadUrl(text, shown)] : [];
}

function isUri(text: string): boolean {
  const { uri } = fullFormats;
  return typeof uri === "function" && uri(text);
}

function checkWord({ values, open }: EnumShape, word: string, shown: string): readonly Found[] {
  if (values.includes(word)) return [];
  if (!open) return [describeWord(word, shown, values)];
  if (word === "") return [describeLength(0, "character", ["minimum", 1])];
  return [{ ...describeUnknownKey(word, shown, values), severity: "warning" }];
}

function checkNumber(shape: NumberShape, value: number, shown: string): readonly Found[] {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = shape;
  if (shape.type === "integer" && !Number.isInteger(value)) {
    return [{ ...describeWrongType("a whole number", shown), hint: `write ${Math.round(value)}` }];
  }
  if (value < minimum) return [describeRange(shown, ["minimum", minimum])];
  return value > maximum ? [describeRange(shown, ["maximum", maximum])] : [];
}

/** All of Coze's ids consist of digits, so a name given by mistake is recognized. */
function checkId(shape: RefShape, id: string, shown: string): readonly Found[] {
  if (/^[0-9]{1,64}$/u.test(id)) return [];
  const wanted = `the id of a ${resourceType({ name: shape.kind })}`;
  return [{ ...describeWrongType(wanted, shown), hint: `refer to it: ${describeReference(shape)}` }];
}

class LosesDigits extends Error {}

/** Maps of anything are JSON texts. */
function checkJson(text: string, sensitive: boolean): readonly Found[] {
  const hint = "write jsonencode({…})";
  try {
    const value: unknown = parse(text, undefined, { parseNumber });
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    return isMap ? [] : [{ said: "must hold a JSON object", hint }];
  } catch (error) {
    if (!(error instanceof LosesDigits)) return [{ said: "isn't JSON", hint }];
    const number = sensitive ? "a number that" : `the number ${error.message}, which`;
    return [{ said: `holds ${number} would lose digits`, hint: "give it as a text" }];
  }
}

function parseNumber(text: string): number {
  if (!isSafeNumber(text)) throw new LosesDigits(text);
  return Number(text);
}
