import { join, normalize } from "node:path/posix";
import type { Fields, ObjectShape, RefShape, Shape, StringShape } from "../../core/field.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { readSeconds } from "../../core/time.ts";
import { canonicalJson, type Json, type Values } from "../../core/value.ts";
import { explainPathFault, leavesDirectory, type PathFault } from "../../files/project-paths.ts";
import {
  objectSchema,
  type Schema,
  type SchemaContext,
  shapeSchema,
} from "../../manifest/schema/field-schema.ts";
import { type Fault, showValue } from "../../manifest/schema/schema-diagnostics.ts";
import { expandShorthand } from "../../manifest/schema/shorthand.ts";
import {
  type Mapping,
  onlyTextUnder,
  ownValue,
  type SourceNode,
  textOf,
  toJson,
  valueAt,
} from "../../manifest/yaml/source-tree.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem } from "../provider/text.ts";
import { blankOf } from "../resource/attribute-conversion.ts";
import { resourceType } from "../schema/names.ts";
import { ownFields, type Within } from "../schema/resource-schema.ts";

/** The files that manifests name. */
export interface ManifestFiles {
  /** Files are below it; undefined: below the directory that Terraform runs in. */
  readonly directory: string | undefined;
  /** The text of a file, or why it can't be read. */
  readText(path: string): { readonly text: string } | Problem;
  /** Why a file, as the manifest names it, may not be read; undefined when it may. */
  judge(file: string): PathFault | undefined;
}

/** What the fields of a manifest are decoded with. */
export interface DecodeContext {
  readonly files: ManifestFiles;
  /** Reports what a schema would find wrong, in the words that manifests have for it. */
  explain(fault: SchemaFault): void;
  /** Reports a problem that only Terraform has. */
  report(place: Place, problem: Problem): void;
}

/** A value of a manifest and the way to it. */
export interface Place {
  readonly node: SourceNode;
  readonly path: Path;
}

/** A keyword of a schema that a value doesn't meet. */
export interface SchemaFault extends Place {
  readonly keyword: Fault["error"]["keyword"];
  readonly params: object;
  readonly schema: Schema;
}

/** The form of schemas that carries words for messages. */
const wording: SchemaContext = { form: "strict", lookup: () => ({}), manageable: () => true };

/** The fields of a manifest in the form of their attributes; null where the manifest gives no value. */
export const decodeFields = (context: DecodeContext, fields: Fields, node: Mapping, path: Path): Values =>
  new Decoder(context).fields(fields, { node, path }, "object");

class Decoder {
  readonly #context: DecodeContext;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  fields(fields: Fields, { node, path }: Place & { readonly node: Mapping }, within: Within): Values {
    const known = ownFields(fields);
    const decoded = [...node.entries].flatMap(([name, { key, value }]): [string, Json][] => {
      const field = ownValue(known, name);
      const place = { node: value, path: [...path, name] };
      if (field && field.presence !== "computed") return [[name, this.#value(field, place, within)]];
      if (Object.hasOwn(fields, name) && !field) {
        const problem = explain("terraform-functions/other-environments", { field: formatPath(place.path) });
        this.#context.report({ ...place, node: { ...value, at: key } }, problem);
      } else {
        const schema = objectSchema({ fields: known }, wording);
        const params = { additionalProperty: name };
        this.#context.explain({ keyword: "additionalProperties", params, schema, node, path });
      }
      return [];
    });
    return { ...blankOf(fields, within), ...Object.fromEntries(decoded) };
  }

  #value(shape: Shape, place: Place, within: Within): Json {
    const { node } = place;
    if (node.type === "scalar" && node.value === null) return this.#expect("string", shape, place);
    switch (shape.type) {
      case "string":
        return this.#text(shape, place);
      case "enum": {
        const word = textOf(node);
        const isKnown = word !== undefined && (shape.open === true || shape.values.includes(word));
        return isKnown ? word : this.#choose(shape.values, shapeSchema(shape, wording), place);
      }
      case "ref":
        return this.#reference(shape, place);
      case "file":
        return textOf(node) === undefined ? this.#expect("string", shape, place) : this.#below(place);
      case "integer":
      case "number":
        return this.#number(shape, place);
      case "boolean":
        return node.type === "scalar" && typeof node.value === "boolean"
          ? node.value
          : this.#expect("boolean", shape, place);
      case "list":
        if (node.type !== "list") return this.#expect("array", shape, place);
        return node.items.map((item, index) =>
          this.#value(shape.items, { node: item, path: [...place.path, index] }, "collection"),
        );
      case "map":
        return node.type === "map" ? canonicalJson(toJson(node)) : this.#expect("object", shape, place);
      case "object":
        return this.#object(shape, place, within);
    }
  }

  /** Refuses a value of another type than its shape's. */
  #expect(type: string, shape: Shape, place: Place): null {
    const schema = shapeSchema(shape, wording);
    this.#context.explain({
      keyword: "type",
      params: { type },
      schema: (schema.else ?? schema) as Schema,
      ...place,
    });
    return null;
  }

  #choose(allowedValues: readonly string[], schema: Schema, place: Place): null {
    this.#context.explain({ keyword: "enum", params: { allowedValues }, schema, ...place });
    return null;
  }

  #refuse(place: Place, problem: Problem): null {
    this.#context.report(place, problem);
    return null;
  }

  #text(shape: StringShape, place: Place): Json {
    const text = textOf(place.node);
    if (text !== undefined) return text;
    const file = shape.text ? onlyTextUnder(place.node, "file") : undefined;
    if (shape.lookup !== undefined && valueAt(place.node, "lookup"))
      return this.#refuseLookup(shape.lookup, place);
    if (shape.text && onlyTextUnder(place.node, "template")) {
      return this.#refuse(place, explain("terraform-functions/template", { field: formatPath(place.path) }));
    }
    if (!file) return this.#expect("string", shape, place);
    const filePlace = { node: file, path: [...place.path, "file"] };
    const path = this.#below(filePlace);
    if (path === null) return null;
    const read = this.#context.files.readText(path);
    return "text" in read ? read.text : this.#refuse(filePlace, read);
  }

  /** Names stay names: which resources they stand for is a matter of the configuration. */
  #reference({ kind, others = {} }: RefShape, place: Place): Json {
    const { node } = place;
    const [name] = ["id", ...Object.keys(others)].flatMap((word) => onlyTextUnder(node, word) ?? []);
    const text = textOf(name ?? node);
    if (text !== undefined) return text;
    if (valueAt(node, "lookup")) return this.#refuseLookup(kind, place);
    const schema = { expected: say("terraform-functions/wanted-name", { kind }) };
    this.#context.explain({ keyword: "type", params: { type: "string" }, schema, ...place });
    return null;
  }

  #refuseLookup(kind: string, place: Place): null {
    const values = { field: formatPath(place.path), type: resourceType({ name: kind }) };
    return this.#refuse(place, explain("terraform-functions/lookup", values));
  }

  #number(shape: Extract<Shape, { readonly type: "integer" | "number" }>, place: Place): Json {
    const { node } = place;
    if (node.type === "scalar" && typeof node.value === "number") return node.value;
    const text = textOf(node);
    const seconds = shape.duration && text !== undefined ? readSeconds(text) : undefined;
    return seconds ?? this.#expect("number", shape, place);
  }

  #object(shape: ObjectShape, place: Place, within: Within): Json {
    const node = expandShorthand(shape, place.node);
    if (node.type === "map") return this.fields(shape.fields, { node, path: place.path }, within);
    const words = Object.keys(shape.shorthand ?? {});
    return words.length > 0 && textOf(node) !== undefined
      ? this.#choose(words, { enum: words }, place)
      : this.#expect("object", shape, place);
  }

  /** The path of a file that a manifest names, from where Terraform runs. */
  #below(place: Place): string | null {
    const { directory, judge } = this.#context.files;
    const name = textOf(place.node) ?? "";
    const field = formatPath(place.path);
    if (name === "") return this.#refuse(place, explain("terraform-functions/file-empty", { field }));
    const file = showValue(place.node);
    const normal = normalize(name);
    if (directory !== undefined && leavesDirectory(normal)) {
      return this.#refuse(place, explain("terraform-functions/file-outside", { field, file, directory }));
    }
    const fault = judge(name);
    if (!fault) return directory === undefined ? name : join(directory, normal);
    const named = [field, file].join(" ");
    const isLink = fault.reason === "outside";
    return this.#refuse(
      place,
      isLink ? explain("terraform-functions/link-outside", { file: named }) : explainPathFault(named, fault),
    );
  }
}
