import { findPointerFault } from "../../core/content-faults.ts";
import type { Diagnostic, Location } from "../../core/diagnostic.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import type { Json, Values } from "../../core/value.ts";
import { kinds } from "../../kinds/index.ts";
import { reportDuplicates } from "../../manifest/checks/duplicate-addresses.ts";
import { reportSameIdentity } from "../../manifest/checks/same-identity.ts";
import { collectDiagnostics } from "../../manifest/collected-problems.ts";
import type { Report } from "../../manifest/problems.ts";
import { addressOf, type Identity } from "../../manifest/recognize-manifests.ts";
import type { Schema } from "../../manifest/schema/field-schema.ts";
import { apiVersion, manifestName } from "../../manifest/schema/header-fields.ts";
import { manifestSchema } from "../../manifest/schema/json-schema.ts";
import { explainFaults } from "../../manifest/schema/look-alike-values.ts";
import { type Fault, reportLossyNumbers } from "../../manifest/schema/schema-diagnostics.ts";
import { parseSource } from "../../manifest/yaml/parse.ts";
import {
  type Mapping,
  mapEntries,
  nodeAt,
  ownValue,
  type SourceNode,
  textOf,
  valueAt,
} from "../../manifest/yaml/source-tree.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem } from "../provider/text.ts";
import { type CozeKind, resourceType } from "../schema/names.ts";
import {
  type DecodeContext,
  decodeFields,
  type ManifestFiles,
  type Place,
  type SchemaFault,
} from "./decode-fields.ts";

/**
 * The manifests of a YAML text whose lines end in LF: of each `{kind, name, spec}`, spec with every attribute of the
 * kind's resource. Where anything is wrong, only the diagnostics count.
 */
export function decodeManifests(
  text: string,
  files: ManifestFiles,
): { readonly manifests: readonly Json[]; readonly diagnostics: readonly Diagnostic[] } {
  const { report, diagnostics } = collectDiagnostics();
  const context = createContext(files, report);
  const pointer = findPointerFault(say("terraform-functions/this-text"), Buffer.from(text));
  if (pointer) report({ file: "yaml", line: 1, column: 1 }, { code: "unfetched-file", ...pointer });
  const documents = pointer ? [] : parseSource("yaml", text, report);
  const sound = documents.filter(({ damaged, flawed }) => !damaged && !flawed);
  const decoded = sound.flatMap(({ root }) => decodeManifest(root, context) ?? []);
  for (const { root } of sound) reportLossyNumbers(root, report);
  reportLikes(decoded, report);
  return { manifests: decoded.map(({ manifest }) => manifest), diagnostics: [...diagnostics] };
}

function createContext(files: ManifestFiles, report: Report): DecodeContext {
  return {
    files,
    explain({ keyword, params, schema, node, path }: SchemaFault) {
      const error = { keyword, params, instancePath: "", schemaPath: "" } as Fault["error"];
      for (const explained of explainFaults({ error, schema, node, path })) report(explained.at, explained);
    },
    report: ({ node }, problem) => report(node.at, { code: "rule", ...problem }),
  };
}

interface Decoded {
  readonly manifest: { readonly kind: string; readonly name: string; readonly spec: Values };
  readonly identity: Identity;
  readonly spec: Mapping;
}

/** Reports manifests of one address or of one identity, as `cozeform validate` does. */
function reportLikes(decoded: readonly Decoded[], report: Report): void {
  const show = ({ line, column }: Location): string => say("terraform-functions/place", { line, column });
  const named = reportDuplicates(decoded, report, show).flatMap((one) => ("identity" in one ? one : []));
  const identified = named.map(({ manifest: { kind, spec }, identity, spec: written }) => ({
    resource: {
      address: addressOf(identity),
      kind,
      // To Terraform, what isn't given is null.
      spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null)),
      locate: (path: Path) => nodeAt(written, path).node.at,
    },
  }));
  reportSameIdentity(identified, new Map(kinds.map((kind) => [kind.name, kind])), report, show);
}

function decodeManifest(document: SourceNode, context: DecodeContext): Decoded | undefined {
  const root = unescapeTexts(document, [], context);
  const header = root && readHeader(root, context);
  if (!header) return undefined;
  const { identity, spec } = header;
  const { kind, name } = identity;
  const manifest = { kind: kind.name, name, spec: decodeFields(context, kind.fields, spec, ["spec"]) };
  return { manifest, identity, spec };
}

/** The texts as they are meant. Nothing is interpolated here: undefined where a text wants that, which is reported. */
function unescapeTexts(document: SourceNode, at: Path, context: DecodeContext): SourceNode | undefined {
  let failed = false;
  const visit = (node: SourceNode, path: Path): SourceNode => {
    if (node.type === "map") return mapEntries(node, (value, key) => visit(value, [...path, key]));
    if (node.type === "list") {
      return { ...node, items: node.items.map((item, index) => visit(item, [...path, index])) };
    }
    const text = textOf(node);
    if (text === undefined) return node;
    const found = [...text.matchAll(/\$?\$\{([^}]*)\}?/gu)].find(([mark]) => !mark.startsWith("$$"));
    if (found) {
      failed = true;
      context.report({ node, path }, describeInterpolation(found[0], found[1] ?? "", path));
    }
    return { ...node, value: text.replaceAll("$${", () => "${") };
  };
  const unescaped = visit(document, at);
  return failed ? undefined : unescaped;
}

function describeInterpolation(text: string, expression: string, path: Path): Problem {
  const [variable = "x", name = "name"] = expression.trim().split(".");
  const hint =
    variable === "each" || variable === "env"
      ? say("terraform-functions/interpolation-value")
      : say("terraform-functions/interpolation-template", { variable, name });
  return { message: say("terraform-functions/interpolation", { field: formatPath(path), text }), hint };
}

interface Header {
  readonly identity: Identity;
  readonly spec: Mapping;
}

/** The parts of a manifest that a resource is made of; undefined without one of them, which is reported. */
function readHeader(root: SourceNode, context: DecodeContext): Header | undefined {
  if (root.type !== "map") {
    context.report({ node: root, path: [] }, explain("terraform-functions/no-map"));
    return undefined;
  }
  const { properties, metadata } = headerSchemas();
  const manifest = { node: root, path: [] };
  rejectUnknownKeys(manifest, properties, context);
  checkVersion(manifest, properties, context);
  const kind = readKind(manifest, properties, context);
  const name = readName(readMap(manifest, "metadata", properties, context), metadata, context);
  const spec = readMap(manifest, "spec", properties, context)?.node;
  return kind && name && spec ? { identity: { kind, ...name }, spec } : undefined;
}

/** A map of a manifest and the way to it. */
type MapPlace = Place & { readonly node: Mapping };

interface HeaderSchemas {
  /** Of the parts of a manifest. */
  readonly properties: Schemas;
  /** Of the parts of `metadata`. */
  readonly metadata: Schemas;
}

type Schemas = { readonly [key: string]: Schema };

let ofHeaders: HeaderSchemas | undefined;

function headerSchemas(): HeaderSchemas {
  if (!ofHeaders) {
    const { properties, $defs } = manifestSchema(kinds, { form: "strict" });
    const { metadata } = $defs as Schemas;
    ofHeaders = { properties: properties as Schemas, metadata: metadata?.properties as Schemas };
  }
  return ofHeaders;
}

function rejectUnknownKeys(place: MapPlace, properties: Schemas, context: DecodeContext): void {
  const unknown = [...place.node.entries.keys()].filter((key) => !ownValue(properties, key));
  for (const additionalProperty of unknown) {
    const params = { additionalProperty };
    context.explain({ keyword: "additionalProperties", params, schema: { properties }, ...place });
  }
}

/** The value of a part that every such map has; undefined where it is missing, which is reported. */
function readPart(
  { node, path }: MapPlace,
  missingProperty: string,
  properties: Schemas,
  context: DecodeContext,
): Place | undefined {
  const part = valueAt(node, missingProperty);
  if (part) return { node: part, path: [...path, missingProperty] };
  context.explain({ keyword: "required", params: { missingProperty }, schema: { properties }, node, path });
  return undefined;
}

/** The same where it must be a map. */
function readMap(
  place: MapPlace,
  name: string,
  properties: Schemas,
  context: DecodeContext,
): MapPlace | undefined {
  const part = readPart(place, name, properties, context);
  if (!part) return undefined;
  const { node, path } = part;
  if (node.type === "map") return { node, path };
  const schema = { expected: say("terraform-functions/wanted-map") };
  context.explain({ keyword: "type", params: { type: "object" }, schema, node, path });
  return undefined;
}

function checkVersion(manifest: MapPlace, properties: Schemas, context: DecodeContext): void {
  const place = readPart(manifest, "apiVersion", properties, context);
  if (!place || textOf(place.node) === apiVersion) return;
  context.explain({ keyword: "const", params: { allowedValue: apiVersion }, schema: {}, ...place });
}

function readKind(manifest: MapPlace, properties: Schemas, context: DecodeContext): CozeKind | undefined {
  const place = readPart(manifest, "kind", properties, context);
  const name = textOf(place?.node);
  const kind = kinds.find((one) => one.name === name);
  if (!place || kind?.removal !== undefined) return kind;
  if (kind) {
    const values = { kind: kind.name, type: resourceType(kind) };
    context.report(place, explain("terraform-functions/cannot-create", values));
    return undefined;
  }
  const schema = properties.kind ?? {};
  context.explain({ keyword: "enum", params: { allowedValues: schema.enum }, schema, ...place });
  return undefined;
}

function readName(
  place: MapPlace | undefined,
  properties: Schemas,
  context: DecodeContext,
): Pick<Identity, "name" | "nameAt"> | undefined {
  if (!place) return undefined;
  rejectUnknownKeys(place, properties, context);
  const forEach = place.node.entries.get("for_each");
  if (forEach) {
    const at = { node: { ...forEach.value, at: forEach.key }, path: [] };
    context.report(at, explain("terraform-functions/for-each"));
  }
  const name = readPart(place, "name", properties, context);
  if (!name) return undefined;
  const text = textOf(name.node);
  const { pattern } = manifestName;
  if (text !== undefined && new RegExp(pattern, "u").test(text)) {
    return { name: text, nameAt: name.node.at };
  }
  const schema = properties.name ?? {};
  if (text === undefined) context.explain({ keyword: "type", params: { type: "string" }, schema, ...name });
  else context.explain({ keyword: "pattern", params: { pattern }, schema, ...name });
  return undefined;
}
