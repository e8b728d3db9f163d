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

/** What a project file says of what an environment is made of. */
export interface Composition {
  /** Patterns of the manifests that this environment adds. */
  readonly ownManifests: readonly PlacedText[];
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
  const allPatches = patternsUnder(file, "patches");
  return {
    ownManifests: validTexts(valueAt(chosen, "manifests")),
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
    ofEnvironments: [...allPatches, ...patternsUnder(file, "manifests")],
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

const patternsUnder = (file: Mapping | undefined, key: string): readonly string[] =>
  valuesUnder(file, key)
    .flatMap(validTexts)
    .map(({ text }) => text);

const readOutputs = (outputs: Mapping | undefined): Composition["outputs"] =>
  new Map(
    [...(outputs?.entries ?? [])].flatMap(([name, { value }]) => {
      const text = validText(value);
      return text === undefined ? [] : [[name, { text, at: value.at }] as const];
    }),
  );
