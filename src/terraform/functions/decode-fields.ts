import { join, normalize } from "node:path/posix";
import type { EnumShape, Fields, ObjectShape, RefShape, Shape, StringShape } from "../../core/field.ts";
import { describeWord, type SchemaError } from "../../core/schema-errors.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { readSeconds } from "../../core/time.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../core/value.ts";
import { leavesDirectory, type PathFault } from "../../files/project-paths.ts";
import { showValue } from "../../secrets/detection.ts";
import { blankOf } from "../resource/values.ts";
import { resourceType } from "../schema/names.ts";
import { ownFields, type Within } from "../schema/resource-schema.ts";

/** What the fields of a manifest are decoded with. */
export interface DecodeContext {
  /** Files are below it; undefined: below the directory that Terraform runs in. */
  readonly directory: string | undefined;
  /** The text of a file, or why it can't be had. */
  readText(path: string): { readonly text: string } | SchemaError;
  /** What keeps a file, as the manifest names it, from being read. */
  judge(file: string): PathFault | undefined;
  /** How a scalar is written, without quotes. */
  sourceOf(path: Path): string | undefined;
  /** Takes one problem; `key`: it is about the key and not about its value. */
  complain(path: Path, fault: SchemaError, part?: "key"): void;
}

/** Brings the fields of a manifest into the form of their attributes; what the manifest doesn't give is null. */
export const decodeFields = (
  surroundings: DecodeContext,
  fields: Fields,
  values: Values,
  path: Path,
): Values => new Decoder(surroundings).fields(fields, values, path, "object");

class Decoder {
  readonly #in: DecodeContext;

  constructor(surroundings: DecodeContext) {
    this.#in = surroundings;
  }

  fields(fields: Fields, values: Values, path: Path, within: Within): Values {
    const own = ownFields(fields);
    const decoded = Object.entries(values).flatMap(([name, value]): [string, Json][] => {
      const at = [...path, name];
      const field = Object.hasOwn(own, name) ? own[name] : undefined;
      if (field && field.presence !== "computed") return [[name, this.#value(field, value, at, within)]];
      const fault = field
        ? { said: `${formatPath(at)} is set by Coze`, hint: "remove it" }
        : describeStrangeKey(fields, values, at);
      this.#in.complain(at, fault, "key");
      return [];
    });
    return { ...blankOf(fields, within), ...Object.fromEntries(decoded) };
  }

  #value(shape: Shape, value: Json, path: Path, within: Within): Json {
    if (value === null) {
      const said = `${formatPath(path)} has no value`;
      return this.#refuse(path, { said, hint: "remove the key or give a value" });
    }
    switch (shape.type) {
      case "string":
        return this.#text(shape, value, path);
      case "enum":
        return this.#word(shape, value, path);
      case "ref":
        return this.#reference(shape, value, path);
      case "file":
        return typeof value === "string"
          ? this.#below(value, path)
          : this.#expect("the path of a file", value, path);
      case "integer":
      case "number":
        return this.#number(shape.duration === true, value, path);
      case "boolean":
        return typeof value === "boolean" ? value : this.#expect("true or false", value, path);
      case "list":
        if (!Array.isArray(value)) return this.#expect("a list", value, path, listHint(value));
        return value.map((item: Json, index) =>
          this.#value(shape.items, item, [...path, index], "collection"),
        );
      case "map":
        return isObject(value) ? canonicalJson(value) : this.#expect("a map", value, path);
      case "object":
        return this.#object(shape, value, path, within);
    }
  }

  #refuse(path: Path, fault: SchemaError): null {
    this.#in.complain(path, fault);
    return null;
  }

  #expect(expected: string, found: Json, path: Path, hint?: string): null {
    return this.#refuse(path, {
      said: `${formatPath(path)}: expected ${expected}, found ${nameOf(found)}`,
      hint,
    });
  }

  /** What to write where a text is wanted and a number or a boolean stands: `1.10` is no longer that once it is read. */
  #quoteHint(value: Json, path: Path): string | undefined {
    const source = typeof value === "object" ? undefined : this.#in.sourceOf(path);
    return source === undefined ? undefined : `quote it: ${JSON.stringify(source)}`;
  }

  #text(shape: StringShape, value: Json, path: Path): Json {
    if (typeof value === "string") return value;
    const file = shape.text ? soleText(value, "file") : undefined;
    if (file === undefined) {
      const expected = shape.text ? "a string or {file: path}" : "a string";
      return this.#expect(expected, value, path, this.#quoteHint(value, path));
    }
    const place = this.#below(file, [...path, "file"]);
    if (place === null) return null;
    const read = this.#in.readText(place);
    return "text" in read ? read.text : this.#refuse([...path, "file"], read);
  }

  #word({ values, open }: EnumShape, value: Json, path: Path): Json {
    if (typeof value !== "string") return this.#expect(`one of ${values.join(", ")}`, value, path);
    if (open || values.includes(value)) return value;
    const { said, hint } = describeWord(value, showValue(value), values);
    return this.#refuse(path, { said: `${formatPath(path)} ${said}`, hint });
  }

  /** Names stay names: which resources they stand for is a matter of the configuration. */
  #reference({ kind, others = {} }: RefShape, value: Json, path: Path): Json {
    if (typeof value === "string") return value;
    const named = ["id", ...Object.keys(others)].flatMap((word) => soleText(value, word) ?? []);
    if (named[0] !== undefined) return named[0];
    if (isObject(value) && "lookup" in value) {
      const hint = `look it up with data.${resourceType({ name: kind })}, and give its id there`;
      return this.#refuse(path, { said: `${formatPath(path)}: nothing is looked up here`, hint });
    }
    return this.#expect(`the name of a ${kind} or {id: "…"}`, value, path, this.#quoteHint(value, path));
  }

  #number(duration: boolean, value: Json, path: Path): Json {
    if (typeof value === "number") return value;
    const seconds = duration && typeof value === "string" ? readSeconds(value) : undefined;
    if (seconds !== undefined) return seconds;
    const isNumeric = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
    return this.#expect("a number", value, path, isNumeric ? "write it without quotes" : undefined);
  }

  #object(shape: ObjectShape, value: Json, path: Path, within: Within): Json {
    if (isObject(value)) return this.fields(shape.fields, value, path, within);
    const { shorthand = {}, textField } = shape;
    if (typeof value === "string") {
      const whole = Object.hasOwn(shorthand, value) ? shorthand[value] : undefined;
      if (whole) return this.fields(shape.fields, whole, path, within);
      if (textField !== undefined) return this.fields(shape.fields, { [textField]: value }, path, within);
    }
    const words = Object.keys(shorthand);
    return this.#expect(words.length > 0 ? `a map or one of ${words.join(", ")}` : "a map", value, path);
  }

  /** The place of a file that a manifest names. */
  #below(file: string, path: Path): string | null {
    const { directory } = this.#in;
    const normal = normalize(file);
    const isBelow = file !== "" && (directory === undefined || !leavesDirectory(normal));
    if (isBelow) {
      const fault = this.#in.judge(file);
      if (!fault) return directory === undefined ? file : join(directory, normal);
      return this.#refuse(path, {
        said: `${formatPath(path)} ${showValue(file)} ${fault.message}`,
        hint: fault.hint,
      });
    }
    const said = file === "" ? "is empty" : `is ${showValue(file)}, outside of the directory ${directory}`;
    return this.#refuse(path, {
      said: `${formatPath(path)} ${said}`,
      hint: "name a file below that directory",
    });
  }
}

function describeStrangeKey(fields: Fields, values: Values, at: Path): SchemaError {
  const name = String(at.at(-1));
  if (Object.hasOwn(fields, name)) {
    const said = `${formatPath(at)} is about other environments of a project, which Terraform doesn't know`;
    return { said, hint: "leave it out, and give ids" };
  }
  const own = Object.entries(ownFields(fields));
  const free = own.filter(
    ([known, { presence }]) => presence !== "computed" && !Object.hasOwn(values, known),
  );
  const said = `unknown key ${JSON.stringify(name)} in ${formatPath(at.slice(0, -1))}`;
  return {
    said,
    hint: proposeWord(
      name,
      free.map(([known]) => known),
      "keys",
    ),
  };
}

const nameOf = (value: Json): string =>
  Array.isArray(value)
    ? "a list"
    : isObject(value)
      ? "a map"
      : showValue(value as string | number | boolean | null);

const listHint = (value: Json): string | undefined =>
  typeof value === "object" ? undefined : `write it as a list: [${nameOf(value)}]`;

/** The text of `{key: text}`, when the value is exactly that. */
function soleText(value: Json, key: string): string | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const text = value[key];
  return typeof text === "string" ? text : undefined;
}
