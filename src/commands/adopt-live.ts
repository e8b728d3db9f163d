import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Address } from "../core/address.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { formatPath, type Path, valueAt } from "../core/spec-walk.ts";
import type { Json, Values } from "../core/value.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { findKind } from "../kind/find-kind.ts";
import type { WrittenPart } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import { escapeInterpolations } from "../manifest/values/substitute.ts";
import { type EditRefusal, editYamlValue } from "../manifest/yaml/edit-value.ts";
import { explain } from "../messages/text.ts";
import { diffSpec } from "../plan/diff.ts";
import type { Step } from "../plan/plan.ts";
import { readState } from "../state/store.ts";
import { type FieldStanding, judgeChanges } from "../status/field-standings.ts";
import {
  type EditedResource,
  type EditObstacle,
  findLiveEdits,
  type LiveEdit,
} from "../status/live-edits.ts";
import { type CozeEngine, openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { type Planned, planEnvironment } from "./plan.ts";
import {
  type ProjectOptions,
  placeOfState,
  type RunProject,
  readProject,
  readValidProject,
} from "./project.ts";

export interface AdoptLiveOptions extends ProjectOptions {
  /** Whose edits to take. */
  readonly targets: readonly Address[];
  /** What callers get, instead of the draft. */
  readonly published?: boolean | undefined;
}

/** What was written back. */
export interface AdoptedLive {
  readonly edits: readonly (Pick<LiveEdit, "address" | "path"> & {
    /** The file that has the value now, as messages name it. */
    readonly file: string;
  })[];
  /** API calls made. */
  readonly calls: number;
}

/**
 * Writes what was edited at Coze back into manifests and text files, in place, with every other byte kept. Throws
 * {@link InvalidInput} with every value that can't be written back; then no file has changed.
 */
export async function adoptLive(host: Host, options: AdoptLiveOptions): Promise<AdoptedLive> {
  const project = await readValidProject(host, options);
  const state = readState(placeOfState(project, options));
  const { engine, ...connections } = await openConnections(host, project, options);
  const planned = await planEnvironment(host, { engine, ...connections }, project, state, {
    ...options,
    alone: true,
  });
  const entries = new Map(Object.entries(state.resources));
  const edited = await Promise.all(
    planned.plan.steps.map((step) =>
      readEdited(engine, planned, step, {
        entry: entries.get(step.address),
        salt: state.lineage,
        ...options,
      }),
    ),
  );
  const names = new Map(
    [...entries].flatMap(([address, { kind, id = "" }]) => [
      [keyOf(kind, id), address.slice(kind.length + 1)],
    ]),
  );
  const found = edited.flatMap((one) => one ?? []);
  const { edits, obstacles } = findLiveEdits(found, {
    kinds,
    resources: project.resources,
    nameOf: (kind, id) => names.get(keyOf(kind, id)),
  });
  const { files, refused } = editFiles(project, options, edits);
  const problems = [...obstacles.map((one) => explainObstacle(one, project)), ...refused];
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  for (const [file, { text }] of files) writeFileGuarded(file, text, { mode: 0o644 });
  await restoreUnless(host, options, files, (again) => isAdopted(again, edits, found));
  return {
    edits: edits.map(({ address, path, part }) => ({ address, path, file: part.textFile ?? part.at.file })),
    calls: engine.callCount(),
  };
}

const keyOf = (kind: string, id: string): string => JSON.stringify([kind, id]);

/** A resource with what was edited of its object; undefined for one that has no object, or no manifest. */
async function readEdited(
  engine: CozeEngine,
  { desired, observed, project }: Planned,
  step: Step,
  {
    entry,
    salt,
    published,
  }: { readonly entry: Entry | undefined; readonly salt: string; readonly published?: boolean | undefined },
): Promise<EditedResource | undefined> {
  const resource = project.resources.find(({ address }) => address === step.address);
  const wanted = desired.find(({ address }) => address === step.address);
  const seen = observed.get(step.address);
  if (!resource || !wanted || !entry || !step.spec || seen?.status !== "present") return undefined;
  const kind = findKind(engine.provider, step.kind);
  const about = { resource, resolved: step.spec };
  if (!published || !kind.release?.read) {
    const { live } = seen.item;
    return {
      ...about,
      live,
      fields: judgeChanges(kind, step.changes, { want: step.spec, live, entry, salt }),
    };
  }
  const live = await kind.release.read(engine.apiOf(kind), seen.item);
  if (!live) return undefined;
  const { changes } = diffSpec(kind.fields, {
    want: step.spec,
    live,
    applied: entry.spec,
    ignore: resource.lifecycle.ignoreChanges,
    read: entry.read,
    salt,
    only: new Set(Object.keys(live)),
  });
  const fields = changes
    .filter(({ unreadable }) => !unreadable)
    .map((change): FieldStanding => ({ ahead: "live", change }));
  return { ...about, live, fields };
}

interface EditedFile {
  readonly before: string;
  readonly text: string;
}

/** The files with the edits made in them, by their paths, and the problems of edits that can't be made. */
function editFiles(
  project: RunProject,
  { placesFrom = project.directory }: ProjectOptions,
  edits: readonly LiveEdit[],
): { readonly files: ReadonlyMap<string, EditedFile>; readonly refused: readonly Diagnostic[] } {
  const files = new Map<string, EditedFile>();
  const refused: Diagnostic[] = [];
  // From the end of a file to its beginning: what an edit moves was edited already.
  for (const edit of [...edits].sort((a, b) => compareParts(b.part, a.part))) {
    const { at, textFile } = edit.part;
    const file = textFile === undefined ? resolve(placesFrom, at.file) : resolve(project.directory, textFile);
    const before = files.get(file)?.before ?? readFileSync(file, "utf8");
    const text = files.get(file)?.text ?? before;
    const edited =
      textFile === undefined ? editManifest(text, edit) : { text: writeText(before, edit.after) };
    if ("text" in edited) files.set(file, { before, text: edited.text });
    else refused.push(explainRefusal(edit, edited.refused));
  }
  return { files, refused };
}

const compareParts = (a: WrittenPart, b: WrittenPart): number =>
  a.at.line - b.at.line || a.at.column - b.at.column;

const editManifest = (text: string, { part, before, after }: LiveEdit) =>
  editYamlValue(text, {
    at: part.at,
    before: escapeInterpolations(before),
    after: escapeInterpolations(after),
  });

/** A text in a file of its own, with the line ends and the byte order mark that the file has. */
function writeText(before: string, after: Json): string {
  const mark = before.startsWith("\uFEFF") ? "\uFEFF" : "";
  const text = String(after);
  return mark + (before.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text);
}

/** Puts the files back as they were, and throws, where a project doesn't say after all what it should. */
async function restoreUnless(
  host: Host,
  options: ProjectOptions,
  files: ReadonlyMap<string, EditedFile>,
  isRight: (project: RunProject) => boolean,
): Promise<void> {
  if (files.size === 0) return;
  const again = await readProject(host, options).catch(() => undefined);
  if (again && isRight(again)) return;
  for (const [file, { before }] of files) writeFileGuarded(file, before, { mode: 0o644 });
  const problem = explain("commands/live-not-read-back");
  throw new InvalidInput([{ code: "not-editable", severity: "error", ...problem }], again?.sources);
}

/** Whether the manifests say what Coze holds. */
function isAdopted(
  { resources }: RunProject,
  edits: readonly LiveEdit[],
  found: readonly EditedResource[],
): boolean {
  return edits.every(({ address, path }) => {
    const resource = resources.find((one) => one.address === address);
    const live = found.find((one) => one.resource.address === address)?.live;
    if (!resource || !live) return false;
    const { fields } = findKind({ kinds }, resource.kind);
    const { changes } = diffSpec(fields, {
      want: resource.spec,
      live,
      applied: undefined,
      ignore: [],
      salt: "",
      only: new Set([String(path[0])]),
    });
    return changes.every(({ path: other }) => !isBelow(other, path) || holdsReference(resource.spec, path));
  });
}

const isBelow = (path: Path, above: Path): boolean => above.every((step, index) => path[index] === step);

/** References are names until a plan resolves them. */
const holdsReference = (spec: Values, path: Path): boolean =>
  JSON.stringify(valueAt(spec, path) ?? null).includes('"$');

function explainObstacle(
  { address, path, reason, others = [] }: EditObstacle,
  project: RunProject,
): Diagnostic {
  const values = {
    address,
    field: formatPath(path),
    others: others.slice(0, 3).join(", "),
    count: others.length,
  };
  const texts =
    reason === "shared"
      ? explain("commands/live-shared", values)
      : explain("commands/live-unwritten", values);
  const at = project.resources.find((one) => one.address === address)?.locate(path);
  return { code: "not-editable", severity: "error", address, at, ...texts };
}

function explainRefusal({ address, path, part }: LiveEdit, refused: EditRefusal): Diagnostic {
  const values = { address, field: formatPath(path) };
  const texts =
    refused === "alias"
      ? explain("commands/live-in-anchor", values)
      : explain("commands/live-interpolated", values);
  return { code: "not-editable", severity: "error", address, at: part.at, ...texts };
}
