import type { Location } from "../../core/diagnostic.ts";
import { proposeWord } from "../../core/suggestions.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { say } from "../../messages/text.ts";
import { rejectMisplacedSecrets } from "../checks/secret-places.ts";
import type { Problem, Report } from "../problems.ts";
import { isProjectFile } from "../project/discover-manifests.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { addressOf, type Kinds, type Manifest } from "../recognize-manifests.ts";
import { apiVersion } from "../schema/header-fields.ts";
import { completeFields } from "../schema/shorthand.ts";
import type { Validate } from "../schema/validate.ts";
import { fromJson, type Mapping, mappingAt, type SourceEntry, withEntry } from "../yaml/source-tree.ts";
import { mergeSpec } from "./patches.ts";
import { putOutputs, type ReadOutput } from "./project-outputs.ts";
import { type ResolveContext, resolveSpec } from "./resolve-spec.ts";
import { type Scope, substitute } from "./substitute.ts";

/** By kind, what is under the specs of its manifests; as written, with interpolations. */
export type Defaults = ReadonlyMap<string, Mapping>;

/** Reports defaults for kinds that no manifest can have. */
export function reportUnknownKinds(defaults: Mapping | undefined, kinds: readonly string[], report: Report) {
  for (const [kind, { key }] of defaults?.entries ?? []) {
    if (kinds.includes(kind)) continue;
    const message = say("manifest-schema/kind-unknown", { kind: JSON.stringify(kind) });
    report(key, { code: "unknown-kind", message, hint: proposeWord(kind, kinds, "kinds") });
  }
}

interface MergeScope {
  readonly scope: Scope;
  readonly report: Report;
}

/** Merges the `defaults` of a project and of its environment, the later ones on top. */
export function mergeDefaults(layers: readonly Mapping[], kinds: Kinds, context: MergeScope): Defaults {
  const merged = new Map<string, Mapping>();
  for (const layer of layers) {
    for (const [name, { value }] of layer.entries) {
      const kind = kinds.get(name);
      if (!kind || value.type !== "map") continue;
      const known = merged.get(name);
      const whole = known
        ? mergeSpec({ ...context, fields: kind.fields, over: "defaults" }, known, value)
        : value;
      if (whole.type === "map") merged.set(name, whole);
    }
  }
  return merged;
}

/** A manifest over the defaults of its kind; every part keeps its own place. */
export function putOverDefaults(manifest: Manifest, defaults: Defaults, context: MergeScope): Manifest {
  const { kind, root, damaged } = manifest;
  const base = kind && defaults.get(kind.name);
  const spec = mappingAt(root, "spec");
  if (!base || !spec || damaged) return manifest;
  const merged = mergeSpec({ ...context, fields: kind.fields, over: "manifest" }, base, spec);
  return { ...manifest, root: withEntry(root, "spec", merged) };
}

/** What defaults are checked with. */
export interface DefaultsContext extends MergeScope {
  readonly kinds: ReadonlyMap<string, KindSchema>;
  readonly files: ProjectFiles;
  readonly validate: Validate;
  readonly readOutput: ReadOutput;
  readonly mask: Parameters<typeof rejectMisplacedSecrets>[3];
}

/** Checks defaults by themselves, whatever manifests there are: a manifest may give what they lack. */
export async function checkDefaults(defaults: Defaults, context: DefaultsContext): Promise<Defaults> {
  const checked = new Map<string, Mapping>();
  for (const [name, written] of defaults) {
    const kind = context.kinds.get(name);
    const spec = kind && (await checkSpec(kind, written, context));
    if (spec) checked.set(name, spec);
  }
  return checked;
}

/** Checks what checked defaults refer to: resources, and files. */
export async function checkDefaultReferences(
  checked: Defaults,
  context: Omit<ResolveContext, "depend">,
): Promise<void> {
  const report = ofDefaultsAlone(context.report);
  for (const [name, spec] of checked) {
    const kind = context.kinds.get(name);
    if (kind) await resolveSpec(kind, spec, { ...context, report, depend: () => {} });
  }
}

async function checkSpec(
  kind: KindSchema,
  written: Mapping,
  context: DefaultsContext,
): Promise<Mapping | undefined> {
  const { files, report, mask, validate } = context;
  // Which items there are is for each manifest to say.
  const scope: Scope = { ...context.scope, each: { files: true } };
  const put = substitute(written, scope, report);
  if (put.type !== "map") return undefined;
  const filled = await putOutputs(kind.fields, put, context, () => {});
  const completed = await completeFields(kind.fields, filled, { files, scope, report });
  const spec = rejectMisplacedSecrets(kind.fields, completed, report, mask);
  const { at } = written;
  const header = fromJson({ apiVersion, kind: kind.name, metadata: { name: "defaults" } }, at) as Mapping;
  const entries = new Map<string, SourceEntry>(header.entries).set("spec", { key: at, value: spec });
  validate({ ...header, entries }, ofDefaultsAlone(report));
  return spec;
}

/** What a manifest may still give isn't missing. */
const ofDefaultsAlone =
  (report: Report): Report =>
  (at, problem) => {
    if (!ofWholeManifests.has(problem.code)) report(at, problem);
  };

const ofWholeManifests: ReadonlySet<string> = new Set(["missing", "exactly-one", "incomplete-lookup"]);

/**
 * Tells each problem with defaults once. `check` takes those of the defaults by themselves. `manifests` takes those of
 * manifests: a problem that the defaults have by themselves is told no more, and any other one names its manifests.
 */
export function tellDefaultsOnce(report: Report): {
  readonly check: Report;
  readonly manifests: (manifest: Pick<Manifest, "identity">) => Report;
} {
  const told = new Set<string>();
  return {
    check(at, problem) {
      if (at && isProjectFile(at.file)) told.add(keyOf(at, problem));
      report(at, problem);
    },
    manifests({ identity }) {
      const address = identity && addressOf(identity);
      return (at, problem) => {
        if (!at || !isProjectFile(at.file)) return report(at, problem);
        if (told.has(keyOf(at, problem))) return undefined;
        return report(at, {
          ...problem,
          item: problem.item ?? (address === undefined ? undefined : { address, words: [], count: 0 }),
        });
      };
    },
  };
}

const keyOf = ({ line, column }: Location, { code, message }: Problem): string =>
  JSON.stringify([line, column, code, message]);

/** Whether a value comes from defaults: nothing else in a spec is written in a project file. */
export const isDefault = ({ at }: Pick<Mapping, "at">): boolean => isProjectFile(at.file);
