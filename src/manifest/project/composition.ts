import type { DefaultedFields } from "../schema/json-schema.ts";
import {
  type Mapping,
  mappingAt,
  type PlacedText,
  type SourceNode,
  validText,
  validTexts,
  valueAt,
} from "../yaml/source-tree.ts";

/** Which files are manifests. With a kind, they are Markdown files, each of which stands for one of it. */
export interface ManifestPattern extends PlacedText {
  readonly kind?: PlacedText | undefined;
}

/** What a project file says of what an environment is made of. */
export interface Composition {
  /** Patterns; undefined: every YAML file. */
  readonly manifests?: readonly ManifestPattern[] | undefined;
  /** Patterns of the manifests that this environment adds. */
  readonly ownManifests: readonly ManifestPattern[];
  /** Addresses and labels of what this environment leaves out. */
  readonly exclude: readonly PlacedText[];
  /** Directories outside the project that are part of it. */
  readonly include: readonly PlacedText[];
  /** The `defaults` of the project and of this environment, as written; the later ones go over the earlier ones. */
  readonly defaults: readonly Mapping[];
  /** By kind, the fields that the project's own defaults give in every environment. */
  readonly defaulted: DefaultedFields;
  /** What the file declares as outputs, by name. */
  readonly outputs: ReadonlyMap<string, PlacedText>;
  /** Patterns of the patches of every environment. */
  readonly allPatches: readonly string[];
  /** Those, and patterns of the manifests that single environments add. */
  readonly ofEnvironments: readonly string[];
}

/** Reads what one environment of a checked project file is made of; without a file it is nothing of its own. */
export function readComposition(file: Mapping | undefined, environment: string): Composition {
  const chosen = mappingAt(mappingAt(file, "environments"), environment);
  const allPatches = valuesUnder(file, "patches")
    .flatMap(validTexts)
    .map(({ text }) => text);
  const allOwn = valuesUnder(file, "manifests").flatMap((one) => readPatterns(one) ?? []);
  return {
    manifests: readPatterns(valueAt(file, "manifests")),
    ownManifests: readPatterns(valueAt(chosen, "manifests")) ?? [],
    exclude: validTexts(valueAt(chosen, "exclude")),
    include: validTexts(valueAt(file, "include")),
    defaults: [file, chosen].flatMap((one) => mappingAt(one, "defaults") ?? []),
    defaulted: Object.fromEntries(
      [...(mappingAt(file, "defaults")?.entries ?? [])].map(([kind, { value }]) => [
        kind,
        value.type === "map" ? [...value.entries.keys()] : [],
      ]),
    ),
    outputs: readOutputs(mappingAt(file, "outputs")),
    allPatches,
    ofEnvironments: [...allPatches, ...allOwn.map(({ text }) => text)],
  };
}

/** The `defaults` of a project file, and of each of its environments. */
export const listDefaults = (file: Mapping | undefined): readonly Mapping[] =>
  [valueAt(file, "defaults"), ...valuesUnder(file, "defaults")].flatMap((one) =>
    one?.type === "map" ? [one] : [],
  );

/** What each environment has under a key. */
const valuesUnder = (file: Mapping | undefined, key: string): readonly SourceNode[] =>
  [...(mappingAt(file, "environments")?.entries.values() ?? [])].flatMap(
    ({ value }) => valueAt(value, key) ?? [],
  );

function readPatterns(node: SourceNode | undefined): readonly ManifestPattern[] | undefined {
  if (node?.type !== "list") return undefined;
  return node.items.flatMap((item) => {
    const glob = placedText(valueAt(item, "glob"));
    return glob ? [{ ...glob, kind: placedText(valueAt(item, "kind")) }] : [];
  });
}

function placedText(node: SourceNode | undefined): PlacedText | undefined {
  const text = validText(node);
  return node === undefined || text === undefined ? undefined : { text, at: node.at };
}

const readOutputs = (outputs: Mapping | undefined): Composition["outputs"] =>
  new Map(
    [...(outputs?.entries ?? [])].flatMap(([name, { value }]) => {
      const text = placedText(value);
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
