import { fullFormats } from "ajv-formats/dist/formats.js";
import { isSafeNumber, parse } from "lossless-json";
import { countCharacters } from "../../core/characters.ts";
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
import { say } from "../../messages/text.ts";
import { showValue } from "../../secrets/detection.ts";
import { describeReference, resourceType } from "../schema/names.ts";

type Found = SchemaError & { readonly severity?: "warning" };

/** What is wrong with a known value by itself; of lists only how many items they have. Secrets are never repeated. */
export function findScalarErrors(shape: Shape, value: Json, sensitive: boolean): readonly Found[] {
  const isHidden = sensitive || (typeof value === "object" && value !== null);
  const shown = isHidden ? say("terraform-provider/hidden-value") : showValue(value);
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
  const length = checkLength(countCharacters(text), "character", shape.minLength, shape.maxLength);
  if (length.length > 0) return length;
  if (shape.pattern !== undefined && !new RegExp(shape.pattern, "u").test(text)) {
    const { pattern } = shape;
    const wanted = shape.patternHint?.() ?? say("terraform-provider/wanted-pattern", { pattern });
    return [{ ...describeWrongType(wanted, shown), hint: hintAtAddress(pattern, text) }];
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
    const hint = say("terraform-provider/set", { value: Math.round(value) });
    return [{ ...describeWrongType(say("terraform-provider/wanted-integer"), shown), hint }];
  }
  if (value < minimum) return [describeRange(shown, ["minimum", minimum])];
  return value > maximum ? [describeRange(shown, ["maximum", maximum])] : [];
}

/** All of Coze's ids consist of digits, so a name given by mistake is recognized. */
function checkId(shape: RefShape, id: string, shown: string): readonly Found[] {
  if (/^[0-9]{1,64}$/u.test(id)) return [];
  const wanted = say("terraform-provider/wanted-id", { type: resourceType({ name: shape.kind }) });
  const hint = say("terraform-provider/refer-to-it", { reference: describeReference(shape) });
  return [{ ...describeWrongType(wanted, shown), hint }];
}

class LosesDigits extends Error {}

/** Maps of anything are JSON texts. */
function checkJson(text: string, sensitive: boolean): readonly Found[] {
  const hint = say("terraform-provider/set", { value: "jsonencode({…})" });
  try {
    const value: unknown = parse(text, undefined, { parseNumber });
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    return isMap ? [] : [{ said: say("terraform-provider/no-json-object"), hint }];
  } catch (error) {
    if (!(error instanceof LosesDigits)) return [{ said: say("terraform-provider/no-json"), hint }];
    const said = sensitive
      ? say("terraform-provider/hidden-number-inexact")
      : say("terraform-provider/number-inexact", { number: error.message });
    return [{ said, hint: say("terraform-provider/number-as-string") }];
  }
}

function parseNumber(text: string): number {
  if (!isSafeNumber(text)) throw new LosesDigits(text);
  return Number(text);
}
