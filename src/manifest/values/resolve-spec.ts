import type { Address } from "../../core/address.ts";
import type { Location } from "../../core/diagnostic.ts";
import type { EnumShape, Fields, FileShape, ListShape, RefShape, Shape } from "../../core/field.ts";
import { describeDuplicate, describeUnknownKey, findFileFaults } from "../../core/schema-errors.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { canonicalJson, type Json, type Values } from "../../core/value.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { explain, say } from "../../messages/text.ts";
import { personalData, withMore } from "../checks/personal-data.ts";
import type { Report } from "../problems.ts";
import type { FileDescription } from "../project/file-descriptions.ts";
import type { FileResult } from "../project/file-problems.ts";
import { explainLeftover } from "../project/leftover-files.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { explainLookAlikeName } from "../schema/look-alike-values.ts";
import { showValue } from "../schema/schema-diagnostics.ts";
import {
  type Mapping,
  ownValue,
  type Scalar,
  type SourceNode,
  textOf,
  toJson,
  valueAt,
} from "../yaml/source-tree.ts";
import { type CopyRequirement, findByName, type NameIndex } from "./references.ts";
import { notYetKnown } from "./substitute.ts";

const asReference = (address: Address): Json => ({ $ref: address });

/** What references and files of a spec are looked up in. */
export interface ResolveContext {
  readonly kinds: ReadonlyMap<string, KindSchema>;
  readonly names: NameIndex;
  readonly files: ProjectFiles;
  /** The names of the project's environments. */
  readonly environments: readonly string[];
  readonly report: Report;
  /** Records a dependency for each reference. */
  readonly depend: (address: Address, at: Location) => void;
}

/**
 * Brings a spec into the form that the engine reads: references to resources and lookups, files by hash.
 * Values of a wrong type are passed over: the schema has reported them.
 */
export async function resolveSpec(
  { fields, readingOf }: Pick<KindSchema, "fields" | "readingOf">,
  spec: Mapping,
  context: ResolveContext,
): Promise<Values> {
  const paths = new Set(pathsIn({ type: "object", fields }, spec, context.files));
  const reading = paths.size === 0 ? undefined : readingOf?.(toJson(spec) as Values);
  const described = await Promise.all(
    [...paths].map(async (path) => [path, await context.files.describe(path, reading)] as const),
  );
  return new Resolver(context, new Map(described)).object(fields, spec, []);
}

/** The paths of the files in a value that are uploaded unchanged. */
function pathsIn(shape: Shape, node: SourceNode, files: ProjectFiles): readonly string[] {
  if (shape.type === "file") {
    return node.type === "scalar" && isRead(node) ? [files.fromProject(String(node.value), node)] : [];
  }
  if (shape.type === "list" && node.type === "list")
    return node.items.flatMap((item) => pathsIn(shape.items, item, files));
  if (node.type !== "map" || (shape.type !== "object" && shape.type !== "map")) return [];
  return [...node.entries].flatMap(([name, { value }]) => {
    const inner = shape.type === "map" ? shape.values : ownValue(shape.fields, name);
    return inner ? pathsIn(inner, value, files) : [];
  });
}

const isRead = ({ value, broken, later }: Scalar): boolean => typeof value === "string" && !broken && !later;

/** Whether its texts name something that has to be there. */
const isName = (shape: Shape): boolean =>
  shape.type === "ref" || shape.type === "file" || (shape.type === "string" && shape.names !== undefined);

/** Fields and values of the objects around a value, from the outermost. */
type EnclosingObjects = readonly { readonly fields: Fields; readonly node: Mapping }[];

type DescribedFiles = ReadonlyMap<string, FileResult<FileDescription>>;

class Resolver {
  readonly #in: ResolveContext;
  readonly #described: DescribedFiles;

  constructor(context: ResolveContext, described: DescribedFiles) {
    this.#in = context;
    this.#described = described;
  }

  object(fields: Fields, node: Mapping, enclosing: EnclosingObjects): Values {
    const inner = [...enclosing, { fields, node }];
    const resolve = (name: string, value: SourceNode): [string, Json] => {
      const field = ownValue(fields, name);
      return [name, field ? this.#value(field, value, inner) : toJson(value)];
    };
    return Object.fromEntries([...node.entries].map(([name, { value }]) => resolve(name, value)));
  }

  #value(shape: Shape, node: SourceNode, enclosing: EnclosingObjects): Json {
    if (node.type === "scalar" && node.broken) return node.value;
    if (node.type === "scalar" && node.later) {
      if (isName(shape)) this.#in.report(node.at, notYetKnown());
      return node.value;
    }
    if (shape.type === "ref") return this.#reference(shape, node, enclosing);
    if (shape.type === "string" && shape.lookup !== undefined) {
      const { lookup, elsewhere } = shape;
      return (
        this.#nameElsewhere(lookup, elsewhere, node, enclosing) ?? this.#idUnder(lookup, node, enclosing)
      );
    }
    if (shape.type === "enum") this.#word(shape, node);
    if (shape.type === "string" && shape.names === "environment") this.#environment(node);
    if (shape.type === "file") return this.#file(shape, node);
    if (shape.type === "object" && node.type === "map") return this.object(shape.fields, node, enclosing);
    if (shape.type === "list" && node.type === "list") return this.#list(shape, node.items, enclosing);
    if (shape.type === "map" && shape.values && node.type === "map") {
      const { values } = shape;
      const entries = [...node.entries].map(
        ([key, { value }]) => [key, this.#value(values, value, enclosing)] as const,
      );
      return Object.fromEntries(entries);
    }
    return toJson(node);
  }

  #list(shape: ListShape, nodes: readonly SourceNode[], enclosing: EnclosingObjects): Json {
    const items = nodes.map((item) => this.#value(shape.items, item, enclosing));
    const { key } = shape;
    if (key === undefined) return items;
    const seen = new Set<string>();
    nodes.forEach((node, index) => {
      const value = (items[index] as Values | undefined)?.[key];
      if (value === undefined) return;
      const text = canonicalJson(value);
      const place = valueAt(node, key) ?? node;
      if (seen.has(text)) {
        const { said: message, hint } = describeDuplicate(key);
        this.#in.report(place.at, { code: "duplicate-item", message, hint });
      }
      seen.add(text);
    });
    return items;
  }

  #word({ open, values }: EnumShape, node: SourceNode): void {
    const word = textOf(node);
    if (!open || word === undefined || values.includes(word)) return;
    const { said: message, hint } = describeUnknownKey(word, showValue(node), values);
    this.#in.report(node.at, { code: "unknown-word", severity: "warning", message, hint });
  }

  #environment(node: SourceNode): void {
    const name = textOf(node);
    const { environments, report } = this.#in;
    if (name === undefined || environments.includes(name)) return;
    const mistyped = explainLookAlikeName(node, (ascii) => environments.includes(ascii));
    if (mistyped) {
      report(mistyped.at, mistyped);
      return;
    }
    const hint = proposeWord(name, environments, "environments");
    const message = say("manifest-values/environment-unknown", { name: showValue(node) });
    report(node.at, { code: "unknown-environment", message, hint });
  }

  #reference(shape: RefShape, node: SourceNode, enclosing: EnclosingObjects): Json {
    const text = textOf(node);
    const { kinds } = this.#in;
    const elsewhere = this.#nameElsewhere(shape.kind, shape.elsewhere, node, enclosing);
    if (elsewhere !== undefined) return elsewhere;
    if (text !== undefined) return this.#byName(text, node, kinds.get(shape.kind) ?? shape.kind, asReference);
    for (const [word, { kind: other, where }] of Object.entries(shape.others ?? {})) {
      const named = valueAt(node, word);
      const name = textOf(named);
      const requirement = { kind: kinds.get(shape.kind) ?? shape.kind, where };
      if (named && name !== undefined)
        return this.#byName(name, named, kinds.get(other) ?? other, asReference, requirement);
    }
    return this.#idUnder(shape.kind, node, enclosing);
  }

  /** The name of an object in another environment; undefined in a field that names none there. */
  #nameElsewhere(
    kind: string,
    field: string | undefined,
    node: SourceNode,
    enclosing: EnclosingObjects,
  ): Json | undefined {
    if (field === undefined || !enclosing.at(-1)?.node.entries.has(field)) return undefined;
    const text = textOf(node);
    // What is in another environment has neither an id nor other fields here.
    if (text !== undefined) return text;
    const problem = explain("manifest-values/not-by-name", { field, kind });
    this.#in.report(node.at, { code: "conflict", ...problem });
    return toJson(node);
  }

  /** An id that is written as one, or that a lookup is to find. */
  #idUnder(kind: string, node: SourceNode, enclosing: EnclosingObjects): Json {
    const id = valueAt(node, "id");
    if (id) return toJson(id);
    const lookup = valueAt(node, "lookup");
    return lookup?.type === "map" ? { $lookup: this.#lookup(kind, lookup, enclosing) } : toJson(node);
  }

  #byName(
    text: string,
    node: SourceNode,
    kind: KindSchema | string,
    write: (address: Address) => Json,
    requirement?: CopyRequirement,
  ): Json {
    const { names, report, depend } = this.#in;
    const named = findByName(text, showValue(node), kind, names, requirement);
    if ("complaint" in named) {
      const isKnown = (name: string) => "addresses" in findByName(name, name, kind, names, requirement);
      const mistyped = explainLookAlikeName(node, isKnown);
      report(mistyped?.at ?? node.at, mistyped ?? named.complaint);
      return text;
    }
    const [address] = named.addresses;
    if (address === undefined) return text;
    depend(address, node.at);
    return write(address);
  }

  #lookup(kindName: string, lookup: Mapping, enclosing: EnclosingObjects): Values {
    const kind = this.#in.kinds.get(kindName);
    const words = [...lookup.entries].map(([name, { value }]): [string, Json] => {
      const field = kind?.fields[name];
      return [name, field?.type === "ref" ? this.#holder(field, value, enclosing) : toJson(value)];
    });
    const parent = kind?.parent;
    const field = parent === undefined ? undefined : kind?.fields[parent];
    if (parent === undefined || field?.type !== "ref" || lookup.entries.has(parent)) {
      return Object.fromEntries(words);
    }
    return { ...this.#nearestHolder(parent, field, lookup, enclosing), ...Object.fromEntries(words) };
  }

  /** Within a lookup all values are texts, an id or the address of a resource, or lookups themselves. */
  #holder({ kind }: RefShape, node: SourceNode, enclosing: EnclosingObjects): Json {
    const text = textOf(node);
    if (text === undefined) return this.#idUnder(kind, node, enclosing);
    return /^\d+$/u.test(text) ? text : this.#byName(text, node, kind, (address) => address);
  }

  /** A lookup that doesn't say within what is meant within what the nearest field around it names. */
  #nearestHolder(parent: string, shape: RefShape, lookup: Mapping, enclosing: EnclosingObjects): Values {
    const names = ({ fields, node }: EnclosingObjects[number]) =>
      Object.keys(fields).filter((name) => {
        const field = fields[name];
        return field?.type === "ref" && field.kind === shape.kind && node.entries.has(name);
      });
    const depth = enclosing.findLastIndex((one) => names(one).length > 0);
    // What holds the resource itself is known to the engine.
    if (depth === 0) return {};
    const near = enclosing[depth];
    const holder = near && valueAt(near.node, names(near)[0] ?? "");
    if (holder) return { [parent]: this.#holder(shape, holder, enclosing.slice(0, depth)) };
    this.#in.report(lookup.at, {
      code: "incomplete-lookup",
      ...explain("manifest-values/lookup-without-parent", { kind: shape.kind, parent }),
    });
    return {};
  }

  #file(shape: FileShape, node: SourceNode): Json {
    const text = textOf(node);
    const path =
      node.type === "scalar" && text !== undefined ? this.#in.files.fromProject(text, node) : undefined;
    const described = path === undefined ? undefined : this.#described.get(path);
    if (path === undefined || !described) return toJson(node);
    const leftover = explainLeftover(path);
    if (leftover) {
      this.#in.report(node.at, leftover);
      return path;
    }
    if ("complaint" in described) {
      this.#in.report(node.at, described.complaint);
      return path;
    }
    const { content, isText, found } = described.value;
    for (const { said: message, hint } of findFileFaults(shape, path, { size: content.size, isText })) {
      this.#in.report(node.at, { code: "bad-file", message, hint });
    }
    for (const one of found) {
      const { rule, at, what } = one;
      const secret = { code: rule, ...explain("manifest-values/secret-in-file", { what }) };
      this.#in.report(at, withMore(rule === "personal-data" ? personalData(what) : secret, one));
    }
    return content;
  }
}
