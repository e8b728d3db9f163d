import type { Fields, ObjectShape, Shape } from "../core/field.ts";
import type { Report } from "./codes.ts";
import type { ProjectFiles } from "./files.ts";
import {
  fromJson,
  type Mapping,
  type Scalar,
  soleText,
  textOf,
  type Written,
  withEntries,
} from "./written.ts";

/**
 * Brings what users may write in short into the form that schemas describe: texts out of files, words that
 * stand for objects, and interpolated texts that a field wants as numbers.
 */
export async function completeFields(
  fields: Fields,
  node: Mapping,
  files: ProjectFiles,
  report: Report,
): Promise<Mapping> {
  const changes = new Map<string, Written>();
  for (const [name, entry] of node.entries) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) changes.set(name, await completeShape(field, entry.value, files, report));
  }
  return withEntries(node, changes);
}

async function completeShape(
  shape: Shape,
  node: Written,
  files: ProjectFiles,
  report: Report,
): Promise<Written> {
  const complete = (inner: Shape, part: Written) => completeShape(inner, part, files, report);
  switch (shape.type) {
    case "string": {
      const file = shape.text && soleText(node, "file");
      return file ? await readTextFile(file, files, report) : convert(node, toText);
    }
    case "enum":
    case "file":
      return convert(node, toText);
    case "ref":
      return convertAll(node);
    case "integer":
    case "number":
      return convert(node, toNumber);
    case "boolean":
      return convert(node, toBoolean);
    case "list":
      if (node.type !== "list") return node;
      return { ...node, items: await Promise.all(node.items.map((item) => complete(shape.items, item))) };
    case "map":
      return shape.values && node.type === "map" ? await completeMap(shape.values, node, complete) : node;
    case "object": {
      const whole = expandShorthand(shape, node);
      return whole.type === "map" ? await completeFields(shape.fields, whole, files, report) : whole;
    }
  }
}

async function completeMap(
  values: Shape,
  node: Mapping,
  complete: (shape: Shape, part: Written) => Promise<Written>,
): Promise<Mapping> {
  const changes = new Map<string, Written>();
  for (const [key, entry] of node.entries) changes.set(key, await complete(values, entry.value));
  return withEntries(node, changes);
}

/** The object that a word stands for; anything else as it is. */
export function expandShorthand(shape: ObjectShape, node: Written): Written {
  const word = textOf(node);
  const words = shape.shorthand;
  const whole = word !== undefined && words && Object.hasOwn(words, word) ? words[word] : undefined;
  return whole ? fromJson(whole, node.at) : node;
}

async function readTextFile(file: Scalar, files: ProjectFiles, report: Report): Promise<Scalar> {
  const { marks: _, ...place } = file;
  if (file.broken) return place;
  const read = await files.readText(String(file.value));
  if ("value" in read) return { ...place, value: read.value, source: "", from: "file" };
  report(file.at, read.complaint);
  return { ...place, broken: true };
}

type Convert = (scalar: Scalar) => Scalar["value"];

function convert(node: Written, to: Convert): Written {
  return node.type === "scalar" && node.convertible ? { ...node, value: to(node) } : node;
}

/** The texts within `{lookup: {…}}` too. */
function convertAll(node: Written): Written {
  if (node.type !== "map") return convert(node, toText);
  return withEntries(node, new Map([...node.entries].map(([key, { value }]) => [key, convertAll(value)])));
}

const toText: Convert = ({ value, source }) => (value === null ? value : source);

const toBoolean: Convert = ({ value }) => (value === "true" ? true : value === "false" ? false : value);

const toNumber: Convert = ({ value }) =>
  typeof value === "string" && /^[-+]?\d{1,15}(?:\.\d+)?$/u.test(value) ? Number(value) : value;
