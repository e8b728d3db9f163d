import { mapBounded } from "../core/bounded-map.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Values } from "../core/value.ts";
import { admitSecrets, type PlacedAllowance, readAllowances } from "./checks/allowances.ts";
import { warnOfInvisible } from "./checks/invisible-text.ts";
import { secretRule } from "./checks/rules.ts";
import { rejectExposedValue, rejectMisplacedSecrets } from "./checks/secret-places.ts";
import { type Problem, type ProblemItem, type Report, reportOfItem, watchErrors } from "./problems.ts";
import { isProjectFile } from "./project/discover-manifests.ts";
import type { ProjectFiles } from "./project/readable-files.ts";
import { addressOf, type Manifest } from "./recognize-manifests.ts";
import { commonParts } from "./schema/header-fields.ts";
import { completeFields } from "./schema/shorthand.ts";
import { isBroken, type Validate } from "./schema/validate.ts";
import type { Exclusions } from "./values/exclusions.ts";
import { expandItems, type ItemContext, readFilesForm } from "./values/for-each.ts";
import { dropExcludedDefaults, mergeOver, reportUnknownItems } from "./values/patches.ts";
import { type PutOutput, putOutputs, type ReadOutput } from "./values/project-outputs.ts";
import {
  type ForEachItem,
  namesTitle,
  readTitle,
  type Scope,
  substitute,
  type UnknownItem,
} from "./values/substitute.ts";
import { readSources } from "./values/web-pages.ts";
import {
  type Mapping,
  mapEntries,
  mapItems,
  mappingAt,
  type PlacedText,
  type Scalar,
  type SourceNode,
  toJson,
  valueAt,
  withEntry,
} from "./yaml/source-tree.ts";

/** What manifests are evaluated with. */
export interface EvaluateContext {
  readonly scope: Scope;
  readonly files: ProjectFiles;
  readonly validate: Validate;
  readonly report: Report;
  /** Masks a plaintext secret in the file's text. */
  readonly mask: (clear: Scalar) => void;
  /** What the environment leaves out. */
  readonly exclusions: Pick<Exclusions, "find">;
  readonly readOutput: ReadOutput;
  /** Rules that don't hold for it. */
  readonly allowances: readonly PlacedAllowance[];
  /** The day on which allowances are read. */
  readonly today: string;
}

/** An evaluated manifest, or one item of its `for_each`. */
export interface Instance {
  readonly key?: string | undefined;
  readonly root: Mapping;
  readonly failed: boolean;
  /** Values of its spec that are outputs of other projects. */
  readonly outputs: readonly PutOutput[];
  /** Rules that don't hold for it: those of its manifest, or of a patch of this item. */
  readonly allowances: readonly PlacedAllowance[];
  /** It is the first one, or the only one, of its manifest with these allowances. */
  readonly isFirst: boolean;
  /** For messages. */
  readonly item?: ProblemItem | undefined;
}

export interface Evaluated {
  readonly instances: readonly Instance[];
  /** A placeholder instance of a `for_each` without items: checked, never applied. */
  readonly sample?: Instance | undefined;
  /** `for_each` is given. */
  readonly keyed: boolean;
  /** `for_each` is faulty, so that items may be missing. */
  readonly faulty: boolean;
  /** What leaves it out of the environment as a whole, and what leaves out some of its items, by key. */
  readonly excluded?: PlacedText | undefined;
  readonly excludedKeys?: ReadonlyMap<string, PlacedText> | undefined;
}

/** Resolves interpolations, text files and `for_each` of a manifest, and checks each instance. */
export async function evaluateManifest(manifest: Manifest, context: EvaluateContext): Promise<Evaluated> {
  const forEach = valueAt(mappingAt(manifest.root, "metadata"), "for_each");
  const excluded = context.exclusions.find(manifest, context.scope);
  if (excluded) return { instances: [], keyed: forEach !== undefined, faulty: false, excluded };
  if (!forEach) {
    reportUnknownItems(manifest, undefined, context.report);
    return { instances: [await instantiate(manifest, context, undefined)], keyed: false, faulty: false };
  }
  const { report, failed } = watchErrors(context.report);
  const given = rejectExposedItems(substitute(forEach, context.scope, report), report);
  const listed = await expandItems(given, { files: context.files, report, ...readingsOf(manifest, context) });
  const all = mentionsTitle(manifest) ? await mapBounded(listed, readTitle) : listed;
  const faulty = failed() || isBroken(given) || given.type === "scalar";
  if (!faulty) reportUnknownItems(manifest, all, report);
  const { items, excludedKeys } = excludeItems(manifest, all, context);
  // Without items there is still a manifest to check.
  if (all.length === 0) {
    const files = faulty || readFilesForm(given) !== undefined || readSources(given) !== undefined;
    const sample = await instantiate(manifest, context, { files });
    return { instances: [], sample, keyed: true, faulty };
  }
  const instances = await mapBounded(items, (each) => {
    const item = describeItem(manifest, each, items.length);
    const report = reportOfItem(context.report, item);
    const merged = patchItem(manifest, each, { ...context, report });
    const allowances = readItemAllowances(manifest, merged, each, { ...context, report });
    return instantiate(merged, { ...context, report, allowances }, each, item);
  });
  const told = new Set<unknown>();
  const marked = instances.map((one) => {
    const isFirst = !told.has(one.allowances);
    told.add(one.allowances);
    return { ...one, isFirst };
  });
  return { instances: marked, keyed: true, faulty, excludedKeys };
}

const patchesOf = ({ items }: Manifest, { key }: ForEachItem): readonly Manifest[] =>
  items?.get(String(key.value)) ?? [];

/** A manifest with the patches of one item merged over it. */
const patchItem = (
  manifest: Manifest,
  each: ForEachItem,
  { scope, report }: Pick<EvaluateContext, "scope" | "report">,
): Manifest => mergeOver(manifest, patchesOf(manifest, each), { scope: { ...scope, each }, report });

/** What is allowed for one item: what its manifest allows, unless a patch of the item says otherwise. */
function readItemAllowances(
  manifest: Manifest,
  merged: Manifest,
  each: ForEachItem,
  { allowances, today, report }: EvaluateContext,
): readonly PlacedAllowance[] {
  const isOwn = patchesOf(manifest, each).some(({ root }) =>
    mappingAt(root, "metadata")?.entries.has("allow"),
  );
  return isOwn ? readAllowances(merged.root, today, report) : allowances;
}

function excludeItems(manifest: Manifest, all: readonly ForEachItem[], context: EvaluateContext) {
  const excludedKeys = new Map<string, PlacedText>();
  const items = all.filter((each) => {
    // Whatever is wrong with patches is reported for the items that stay.
    const merged = patchItem(manifest, each, { scope: context.scope, report: () => {} });
    const by = context.exclusions.find(merged, { ...context.scope, each });
    if (by) excludedKeys.set(String(each.key.value), by);
    return !by;
  });
  return { items, excludedKeys };
}

/** How the files of a `for_each` are read, as far as that is the same for all of them. */
function readingsOf(
  { kind, root }: Manifest,
  { scope }: EvaluateContext,
): Pick<ItemContext, "parts" | "reading"> {
  const spec = mappingAt(root, "spec");
  const put = spec && substitute(spec, { ...scope, each: { files: true } }, () => {});
  const reading = kind?.readingOf?.(put ? (toJson(put) as Values) : {});
  return {
    parts: reading && kind?.parts && { ...reading, limit: kind.parts.limit },
    reading,
  };
}

/** Whether the YAML of a manifest, its patches and defaults included, may ask for the titles of its files. */
const mentionsTitle = ({ root, items }: Manifest): boolean =>
  [root, ...[...(items?.values() ?? [])].flat().map((patch) => patch.root)].some(holdsTitle);

function holdsTitle(node: SourceNode): boolean {
  if (node.type === "scalar") return typeof node.value === "string" && !node.body && namesTitle(node.value);
  if (node.type === "list") return node.items.some(holdsTitle);
  return [...node.entries.values()].some(({ value }) => holdsTitle(value));
}

function describeItem(
  { identity }: Manifest,
  { key, value, path, name }: ForEachItem,
  count: number,
): ProblemItem {
  const text = String(key.value);
  const address = identity ? addressOf(identity, text) : `[${JSON.stringify(text)}]`;
  // A value from the environment is a secret, and no message holds it.
  const values = value.type === "scalar" && value.from === undefined ? [String(value.value)] : [];
  return { address, file: path, count, words: [text, path ?? "", name ?? "", ...values] };
}

async function instantiate(
  { root: merged, kind, flawed }: Manifest,
  context: EvaluateContext,
  each: ForEachItem | UnknownItem | undefined,
  item?: ProblemItem,
): Promise<Instance> {
  const { files, validate, mask, readOutput, allowances } = context;
  const root = dropExcludedDefaults(merged, kind?.fields ?? {});
  const admitsSecrets = allowances.some(({ rule }) => rule === secretRule);
  const admit = <Node extends SourceNode>(node: Node): Node => (admitsSecrets ? admitSecrets(node) : node);
  const { report, failed } = watchErrors(context.report, allowances);
  const scope: Scope = each ? { ...context.scope, each } : context.scope;
  const substituted = putPart(substituteManifest(admit(root), scope, report), kind, each);
  const put = rejectExposedParts(substituted, report);
  const whole = admit(await completeFields(commonParts, put, { files, scope, report }));
  const spec = valueAt(whole, "spec");
  let result = whole;
  const outputs: PutOutput[] = [];
  if (kind && spec?.type === "map") {
    const asking = { files, readOutput, report };
    const filled = await putOutputs(kind.fields, spec, asking, (one) => outputs.push(one));
    const completed = admit(await completeFields(kind.fields, filled, { files, scope, report }));
    result = withEntry(whole, "spec", rejectMisplacedSecrets(kind.fields, completed, report, mask));
  }
  await warnOfInvisible(result, kind?.fields ?? {}, files, report);
  validate(result, (at, problem) => report(placeOf(problem, at, spec ?? whole), problem));
  const key = each?.key && String(each.key.value);
  return { root: result, failed: flawed || failed(), key, outputs, item, allowances, isFirst: true };
}

/** What is missing in a default that manifests complete is missing in the manifest. */
const placeOf = ({ code }: Problem, at: Location | undefined, spec: SourceNode): Location | undefined =>
  code === "missing" && at && isProjectFile(at.file) ? spec.at : at;

/** Names the part of a file that an item is, where its manifest doesn't. */
function putPart(
  root: Mapping,
  kind: Manifest["kind"],
  each: ForEachItem | UnknownItem | undefined,
): Mapping {
  if (!each?.key || !each.part || !kind?.parts) return root;
  const put = (node: Mapping, [name = "", ...rest]: readonly string[], value: Scalar): Mapping => {
    const inner = valueAt(node, name);
    if (rest.length > 0) return inner?.type === "map" ? withEntry(node, name, put(inner, rest, value)) : node;
    return inner ? node : withEntry(node, name, value);
  };
  const { at } = each.key;
  return put(root, ["spec", ...kind.parts.field], {
    type: "scalar",
    at,
    value: each.part,
    source: each.part,
  });
}

/** Questions and expectations are read when a check runs; with secrets in them, neither they nor replies are shown. */
const readLater = new Set<string>(["say", "input", "expect"]);

/** Reports secrets in header fields; those in `spec` are checked by field. */
function rejectExposedParts(root: Mapping, report: Report): Mapping {
  return mapEntries(root, (value, key) => {
    if (key === "spec") return value;
    if (key !== "checks" || value.type !== "list") return rejectExposedValue(value, report);
    return mapItems(value, (item) =>
      item.type === "map"
        ? mapEntries(item, (part, name) => (readLater.has(name) ? part : rejectExposedValue(part, report)))
        : rejectExposedValue(item, report),
    );
  });
}

/** Reports secrets in what gives the items of a `for_each` their keys; values of a map may be some. */
const rejectExposedItems = (forEach: SourceNode, report: Report): SourceNode =>
  forEach.type === "map" && readFilesForm(forEach) === undefined && readSources(forEach) === undefined
    ? forEach
    : rejectExposedValue(forEach, report);

/** Addresses are the same in every environment, and `for_each` is evaluated before its items. */
const fixed = new Set(["apiVersion", "kind", "name", "moved_from", "for_each", "allow"]);

function substituteManifest(root: Mapping, scope: Scope, report: Report): Mapping {
  return mapEntries(root, (value, key) => {
    if (fixed.has(key)) return value;
    const isMetadata = key === "metadata" && value.type === "map";
    return isMetadata ? substituteManifest(value, scope, report) : substitute(value, scope, report);
  });
}
