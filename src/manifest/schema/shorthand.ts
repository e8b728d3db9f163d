import type { Fields, ObjectShape, Shape } from "../../core/field.ts";
import { readSeconds } from "../../core/time.ts";
import { readText, type TextContext, type TextForm, textForms } from "../values/text-files.ts";
import {
  fromJson,
  type Mapping,
  mapEntries,
  mapItems,
  onlyTextUnder,
  ownValue,
  type Scalar,
  type SourceNode,
  textOf,
} from "../yaml/source-tree.ts";

/**
 * Brings what users may write in short into the form that schemas describe: texts out of files, words that
 * stand for objects, and interpolated texts that a field wants as numbers.
 */
export async function completeFields(fields: Fields, node: Mapping, context: TextContext): Promise<Mapping> {
  const named = new Map<Scalar, TextForm>();
  const complete = (putText: PutText) => completeEntries(node, (name) => ownValue(fields, name), putText);
  const withoutTexts = complete((file, form) => {
    named.set(file, form);
    return file;
  });
  if (named.size === 0) return withoutTexts;
  const read = await Promise.all(
    [...named].map(async ([file, form]) => [file, await readText(form, file, context)] as const),
  );
  const texts = new Map(read);
  return complete((file) => texts.get(file) ?? file);
}

/** Replaces `{file: …}` and `{template: …}` by the text that they name. */
type PutText = (file: Scalar, form: TextForm) => Scalar;

const completeEntries = (
  node: Mapping,
  shapeOf: (name: string) => Shape | undefined,
  putText: PutText,
): Mapping =>
  mapEntries(node, (value, name) => {
    const shape = shapeOf(name);
    return shape ? completeShape(shape, value, putText) : value;
  });

function completeShape(shape: Shape, node: SourceNode, putText: PutText): SourceNode {
  switch (shape.type) {
    case "string": {
      if (shape.lookup !== undefined) return convertAll(node);
      for (const form of shape.text ? textForms : []) {
        const file = onlyTextUnder(node, form);
        if (file) return putText(file, form);
      }
      // A Markdown file's own text.
      if (node.type === "scalar" && node.body) return putText(node, "body");
      return convert(node, toText);
    }
    case "enum":
    case "file":
      return convert(node, toText);
    case "ref":
      return convertAll(node);
    case "integer":
    case "number":
      return shape.duration ? readDuration(node) : convert(node, toNumber);
    case "boolean":
      return convert(node, toBoolean);
    case "list":
      return node.type === "list"
        ? mapItems(node, (item) => completeShape(shape.items, item, putText))
        : node;
    case "map":
      return node.type === "map" ? completeEntries(node, () => shape.values, putText) : node;
    case "object": {
      const whole = expandShorthand(shape, node);
      return whole.type === "map"
        ? completeEntries(whole, (name) => ownValue(shape.fields, name), putText)
        : whole;
    }
  }
}

/** The object that a word or text stands for; anything else as it is. */
export function expandShorthand(shape: ObjectShape, node: SourceNode): SourceNode {
  const word = textOf(node);
  if (word !== undefined && shape.textField !== undefined) {
    return { type: "map", at: node.at, entries: new Map([[shape.textField, { key: node.at, value: node }]]) };
  }
  const whole = word === undefined || !shape.shorthand ? undefined : ownValue(shape.shorthand, word);
  return whole ? fromJson(whole, node.at) : node;
}

type Convert = (scalar: Scalar) => Scalar["value"];

function convert(node: SourceNode, to: Convert): SourceNode {
  return node.type === "scalar" && node.convertible ? { ...node, value: to(node) } : node;
}

/** The texts within `{lookup: {…}}` too. */
function convertAll(node: SourceNode): SourceNode {
  return node.type === "map" ? mapEntries(node, convertAll) : convert(node, toText);
}

const toText: Convert = ({ value, source }) => (value === null ? value : source);

/** The seconds of a duration; what is none stays as it is. */
function readDuration(node: SourceNode): SourceNode {
  const text = textOf(node);
  if (node.type !== "scalar" || text === undefined) return node;
  const seconds = readSeconds(text);
  return seconds === undefined ? node : { ...node, value: seconds };
}

const toBoolean: Convert = ({ value }) => (value === "true" ? true : value === "false" ? false : value);

const toNumber: Convert = ({ value }) =>
  typeof value === "string" && /^[-+]?\d{1,15}(?:\.\d+)?$/u.test(value) ? Number(value) : value;
