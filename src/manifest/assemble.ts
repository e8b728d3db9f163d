import type { Address } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Fields, Shape } from "../core/field.ts";
import { describeConflict, findConflicts } from "../core/schema-errors.ts";
import { proposeWord } from "../core/suggestions.ts";
import type { Values } from "../core/value.ts";
import type { Lifecycle, Resource, WrittenPart } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { say } from "../messages/text.ts";
import { describeAllowance, type PlacedAllowance } from "./checks/allowances.ts";
import type { Instance } from "./evaluate.ts";
import { type ProblemItem, type Report, reportOfItem, watchErrors } from "./problems.ts";
import type { ProjectFiles } from "./project/readable-files.ts";
import { addressOf, type Manifest } from "./recognize-manifests.ts";
import { readChecks } from "./reply-checks.ts";
import { addressPattern } from "./schema/header-fields.ts";
import { isBroken, isLater } from "./schema/validate.ts";
import { isDefault } from "./values/defaults.ts";
import { readLabels } from "./values/labels.ts";
import { findByAddress, type NameIndex } from "./values/references.ts";
import { resolveSpec } from "./values/resolve-spec.ts";
import {
  includedFiles,
  type Mapping,
  mappingAt,
  nodeAt,
  ownValue,
  type SourceNode,
  textOf,
  validText,
  valueAt,
} from "./yaml/source-tree.ts";

/** What the parts of a project are put in relation by. */
export interface AssembleContext {
  readonly kinds: ReadonlyMap<string, KindSchema>;
  readonly names: NameIndex;
  readonly files: ProjectFiles;
  /** The names of the project's environments. */
  readonly environments: readonly string[];
  readonly report: Report;
}

/** A resource, and where each of its dependencies is written. */
export interface Assembled {
  readonly resource: Resource;
  readonly edges: ReadonlyMap<Address, Location>;
  readonly failed: boolean;
  /** The item of a `for_each` that it is. */
  readonly item?: ProblemItem | undefined;
}

/**
 * Resolves what an instance refers to and applies the rules that no schema can express; without a name it is only
 * checked and makes no resource.
 */
export async function assembleResource(
  { kind, identity, isMarkdown }: Pick<Manifest, "kind" | "identity" | "isMarkdown">,
  { root, key, failed, outputs, item, allowances, isFirst }: Instance,
  context: AssembleContext,
): Promise<Assembled | undefined> {
  if (!kind) return undefined;
  const watched = watchErrors(reportOfItem(context.report, item), allowances);
  const { report } = watched;
  const spec: Mapping = mappingAt(root, "spec") ?? { type: "map", at: root.at, entries: new Map() };
  const metadata = mappingAt(root, "metadata");
  const edges = new Map<Address, Location>();
  const depend = (address: Address, at: Location) => edges.has(address) || edges.set(address, at);
  const values = await resolveSpec(kind, spec, { ...context, report, depend });
  addDependencies(valueAt(metadata, "depends_on"), context.names, report, depend);
  reportConflicts(kind.fields, spec, report);
  const lifecycle = readLifecycle(mappingAt(metadata, "lifecycle"), kind.fields, report);
  // Rules between fields take values of the right types, and a placeholder is always a text.
  const isSound = !failed && !watched.failed() && !isBroken(spec) && !isLater(spec);
  if (isSound) reportRules(kind, values, spec, report);
  const checks = await readChecks(root, {
    kind,
    spec: isBroken(spec) ? undefined : values,
    askable: [...context.kinds.values()].flatMap(({ name, replyProbe }) => (replyProbe ? [name] : [])),
    report,
  });
  if (!identity) return undefined;
  const resource: Resource = {
    address: addressOf(identity, key),
    kind: kind.name,
    spec: values,
    dependencies: [...edges.keys()].sort(),
    lifecycle,
    labels: readLabels(metadata),
    outputs: outputs.length > 0 ? outputs : undefined,
    imports: validText(valueAt(mappingAt(metadata, "import"), "id")),
    checks: checks.length > 0 ? checks : undefined,
    ...describeAllowances(allowances, isFirst),
    at: root.at,
    locate: (path) => nodeAt(spec, path).node.at,
    written(path) {
      const { node, whole } = nodeAt(spec, path);
      return whole ? describePart(node, isMarkdown ? root.at.file : undefined) : undefined;
    },
  };
  return { resource, edges, item, failed: failed || watched.failed() || isBroken(spec) };
}

/** How a part is written. `markdownFile`: the Markdown file that the manifest is. */
function describePart(node: SourceNode, markdownFile: string | undefined): WrittenPart {
  const { at } = node;
  const { textFile, pieces, value } = node.type === "scalar" ? node : { value: "" };
  const putIn = pieces?.flatMap(({ literal, start }, index) =>
    literal ? [] : [String(value).slice(start, pieces[index + 1]?.start)],
  );
  const isBody = pieces !== undefined && textFile === undefined;
  const within = isBody ? "body" : "front-matter";
  const markdown = at.file === markdownFile ? within : undefined;
  const included = pieces && [...includedFiles(pieces)];
  return { at, textFile, putIn, included, markdown, ...(isDefault(node) && { isDefault: true }) };
}

/** Items of one manifest mostly have the same, and plans show it once. */
function describeAllowances(
  allowances: readonly PlacedAllowance[],
  isShown: boolean,
): Pick<Resource, "allows" | "notes"> {
  if (allowances.length === 0) return {};
  const allows = allowances.map(({ at: _, ...allowance }) => allowance);
  return { allows, ...(isShown && { notes: allows.map(describeAllowance) }) };
}

function addDependencies(
  node: SourceNode | undefined,
  names: NameIndex,
  report: Report,
  depend: (address: Address, at: Location) => void,
): void {
  if (node?.type !== "list") return;
  const isAddress = new RegExp(addressPattern, "u");
  for (const item of node.items) {
    const text = textOf(item);
    // Of what is no address the schema tells.
    if (text === undefined || isBroken(item) || !isAddress.test(text)) continue;
    const named = findByAddress(text, names);
    if ("complaint" in named) report(item.at, named.complaint);
    else for (const address of named.addresses) depend(address, item.at);
  }
}

function reportConflicts(fields: Fields, spec: Mapping, report: Report): void {
  const given = [...spec.entries.keys()].filter((name) => Object.hasOwn(fields, name));
  for (const [earlier, name] of findConflicts(fields, given)) {
    const { said, hint } = describeConflict(`spec.${earlier}`, `spec.${name}`);
    report(spec.entries.get(name)?.key, { code: "conflict", message: said, hint });
  }
}

function reportRules(kind: KindSchema, values: Values, spec: Mapping, report: Report): void {
  for (const { path, message, hint } of kind.check?.(values) ?? []) {
    report(nodeAt(spec, path).node.at, { code: "rule", message, hint });
  }
}

function readLifecycle(node: Mapping | undefined, fields: Fields, report: Report): Lifecycle {
  const prevent = valueAt(node, "prevent_destroy");
  const ignored = valueAt(node, "ignore_changes");
  const paths = ignored?.type === "list" ? ignored.items : [];
  return {
    preventDestroy: prevent?.type === "scalar" && prevent.value === true,
    ignoreChanges: paths.flatMap((item) => {
      const text = textOf(item);
      if (text === undefined || isBroken(item)) return [];
      reportUnknownField(text, item.at, fields, report);
      return [text];
    }),
  };
}

function reportUnknownField(text: string, at: Location, fields: Fields, report: Report): void {
  let shape: Shape | undefined = { type: "object", fields };
  for (const step of text.split(/\.|(?=\[\d+\])/u)) {
    if (shape.type === "map" && !shape.values) return;
    const inner: Shape | undefined = enter(shape, step);
    if (!inner) {
      const known = shape.type === "object" ? Object.keys(shape.fields) : [];
      const message = say("manifest/unknown-field", { field: text });
      report(at, { code: "unknown-field", message, hint: proposeWord(step, known, "fields") });
      return;
    }
    shape = inner;
  }
}

function enter(shape: Shape, step: string): Shape | undefined {
  if (shape.type === "object") return ownValue(shape.fields, step);
  if (shape.type === "list") return /^\[\d+\]$/u.test(step) ? shape.items : undefined;
  return shape.type === "map" ? shape.values : undefined;
}
