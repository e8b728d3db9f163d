import type { Field, Fields, ListShape } from "../../core/field.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import { explain } from "../../messages/text.ts";
import { type Content, type LocalFiles, readableFile } from "../provider/file-content.ts";
import type { PlanRequest, ProviderDiagnostic, ResourceState } from "../provider/provider-interface.ts";
import { warningAt } from "../provider/text.ts";
import {
  type CozeKind,
  hashName,
  taskName,
  timeoutsName,
  unfinishedName,
  writeOnlyName,
  writeOnlyVersionName,
} from "../schema/names.ts";
import {
  hasWriteOnly,
  isMadeInSteps,
  keepsUnset,
  ownFields,
  takesTimeouts,
} from "../schema/resource-schema.ts";
import { hasUnknown, unknown } from "../values/unknown.ts";
import { clearedOf, comparing, defaultOf, toValues } from "./attribute-conversion.ts";
import { assumeValue, isConfigEqual } from "./config-equality.ts";
import { readNotes } from "./private-state.ts";
import { pathsGiven } from "./unchanged-plan.ts";

/** What a resource is going to be. */
export interface ResourcePlan {
  readonly planned: ResourceState;
  readonly requiresReplace: readonly Path[];
  /** Dotted paths of what the configuration gives. */
  readonly set: readonly string[];
  readonly diagnostics: readonly ProviderDiagnostic[];
}

/** Plans a creation or an update from the prior state and the configuration; reads only local files. */
export function planResource(
  kind: CozeKind,
  { prior, config, privateState }: PlanRequest & { readonly config: ResourceState },
  files: Pick<LocalFiles, "look">,
): ResourcePlan {
  const notes = readNotes(privateState);
  const context: ResourcePlanContext = {
    creating: prior === null,
    files,
    wasSet: new Set(notes.set),
    imported: notes.imported === true,
    configured: new Set(Object.keys(config).filter((name) => config[name] !== null)),
    set: [...pathsGiven(kind.fields, config)],
    replacing: [],
    diagnostics: [],
    changes: 0,
  };
  const values = planFields(
    context,
    kind.fields,
    { prior, config },
    { path: [], fixed: false, hidden: false },
  );
  const left = prior?.[unfinishedName];
  const isUnfinished = Array.isArray(left) && left.length > 0;
  const isBroken = prior !== null && notes.failed === true;
  if (isBroken) context.replacing.push(["id"]);
  const isChanged = context.changes > 0 || isUnfinished || isBroken;
  const planned = {
    id: prior && !isBroken ? (prior.id ?? unknown) : unknown,
    ...values,
    ...(prior && isChanged ? computedAfterChange(kind.fields) : {}),
    ...(kind.copying ? { [taskName]: null } : {}),
    // Coze may still be at work on what was made, which is no failure.
    ...(isMadeInSteps(kind) ? { [unfinishedName]: kind.settle && !prior ? unknown : null } : {}),
    ...(takesTimeouts(kind) ? { [timeoutsName]: config[timeoutsName] ?? null } : {}),
  };
  return { planned, requiresReplace: context.replacing, set: context.set, diagnostics: context.diagnostics };
}

interface ResourcePlanContext {
  /** There is nothing yet that could change. */
  readonly creating: boolean;
  readonly files: Pick<LocalFiles, "look">;
  readonly wasSet: ReadonlySet<string>;
  readonly imported: boolean;
  /** Top-level attributes that the configuration gives. */
  readonly configured: ReadonlySet<string>;
  readonly set: string[];
  readonly replacing: Path[];
  readonly diagnostics: ProviderDiagnostic[];
  /** Differences that take a call. */
  changes: number;
}

interface Sides<T> {
  readonly prior: T | null;
  readonly config: T | null;
}

interface Around {
  readonly path: Path;
  /** A difference means another object. */
  readonly fixed: boolean;
  /** Coze never shows it. */
  readonly hidden: boolean;
}

/** What Coze sets may be other after a change, unless it stays for the object's whole life. */
function computedAfterChange(fields: Fields): Values {
  const names = Object.entries(fields).filter(
    ([, field]) => field.presence === "computed" && !field.immutable,
  );
  return Object.fromEntries(names.map(([name]) => [name, unknown]));
}

function planFields(
  context: ResourcePlanContext,
  fields: Fields,
  sides: Sides<Values>,
  around: Around,
): Values {
  const entries = Object.entries(ownFields(fields)).flatMap(([name, field]): [string, Json][] => {
    const inner: Around = {
      path: [...around.path, name],
      fixed: around.fixed || field.immutable === true,
      hidden: around.hidden || field.readable === false,
    };
    const own = { prior: sides.prior?.[name] ?? null, config: sides.config?.[name] ?? null };
    if (field.type === "file") return planFile(context, field, name, { own, sides, around: inner });
    const planned = planField(context, field, own, inner, sides.prior === null);
    return [[name, planned], ...planWriteOnly(context, field, name, sides)];
  });
  return Object.fromEntries(entries);
}

function planField(
  context: ResourcePlanContext,
  field: Field,
  own: Sides<Json>,
  around: Around,
  isNew: boolean,
): Json {
  const { prior, config } = own;
  if (field.presence === "computed") return isNew ? unknown : prior;
  if (config === null) return planUnset(context, field, prior, around, isNew);
  if (field.type === "object" && config !== unknown) {
    return planObject(context, field, own as Sides<Values>, around);
  }
  const planned = field.type === "list" ? withoutWriteOnly(field, config) : config;
  const [known, wanted] = hasUnknown(config) ? [] : [compared(field, prior), compared(field, config)];
  if (prior !== null && wanted !== undefined && isConfigEqual(field, wanted, known)) return prior;
  const trusted = context.imported ? assumeValue(field, known, wanted, around.hidden) : undefined;
  if (wanted !== undefined && trusted !== undefined && isConfigEqual(field, wanted, trusted)) {
    context.diagnostics.push(warnOfAssumedValue(around.path));
    return planned;
  }
  noteChange(context, field, around);
  return planned;
}

function planObject(
  context: ResourcePlanContext,
  field: Extract<Field, { readonly type: "object" }>,
  { prior, config }: Sides<Values>,
  around: Around,
): Json {
  const known =
    field.equal &&
    prior !== null &&
    !hasUnknown(config) &&
    isConfigEqual(field, compared(field, config), compared(field, prior));
  // Another spelling of the same is no difference, and has to be planned all the same.
  const into: ResourcePlanContext = known ? { ...context, replacing: [], changes: 0 } : context;
  return planFields(into, field.fields, { prior, config }, around);
}

/** An attribute that the configuration leaves out. */
function planUnset(
  context: ResourcePlanContext,
  field: Field,
  prior: Json | null,
  around: Around,
  isNew: boolean,
): Json {
  const path = formatPath(around.path);
  if (isNew) {
    if (!keepsUnset(field, "object")) return null;
    const rival = around.path.length === 1 && hasRival(context, field);
    return (rival ? undefined : defaultOf(field)) ?? unknown;
  }
  // What can't be unset as a whole stays with its parts: a part that is left out when it comes back is still to be unset.
  if (field.clearable === false)
    context.set.push(...[...context.wasSet].filter((one) => one.startsWith(`${path}.`)));
  const isTakenOut = context.wasSet.has(path) && !field.sticky;
  if (!isTakenOut) return keepsUnset(field, "object") ? prior : null;
  if (!around.fixed && (field.clearable === false || field.settable === "create")) {
    if (prior !== null) context.diagnostics.push(warnOfUnclearable(around.path));
    return keepsUnset(field, "object") ? prior : null;
  }
  // What can't change in place goes with its object, and the next one is made without it.
  const cleared = (around.fixed ? defaultOf(field) : clearedOf(field)) ?? null;
  if (isConfigEqual(field, compared(field, cleared), compared(field, prior))) return prior ?? cleared;
  noteChange(context, field, around);
  return cleared;
}

/** Whether the configuration gives what can't be given together with a field. */
const hasRival = (context: ResourcePlanContext, field: Field): boolean =>
  field.conflictsWith?.some((name) => context.configured.has(name)) === true;

const warnOfUnclearable = (path: Path): ProviderDiagnostic =>
  warningAt(explain("terraform-resource/unclearable", { field: formatPath(path) }), path);

/** Coze never shows this field, so for an imported object the configuration is assumed to be true. */
const warnOfAssumedValue = (path: Path): ProviderDiagnostic =>
  warningAt(explain("terraform-resource/assumed-value", { field: formatPath(path) }), path);

function noteChange(
  context: ResourcePlanContext,
  field: Field,
  around: Around,
  at: Path = around.path,
): void {
  if (context.creating || field.shownBy !== undefined) return;
  if (field.settable === "create" && !around.fixed) {
    const problem = explain("terraform-resource/create-only", { field: formatPath(around.path) });
    context.diagnostics.push(warningAt(problem, around.path));
    return;
  }
  context.changes += 1;
  if (around.fixed) context.replacing.push(at);
}

interface FilePlan {
  readonly own: Sides<Json>;
  readonly sides: Sides<Values>;
  readonly around: Around;
}

/** A file is another one when its content is; where it lies makes no difference at Coze. */
function planFile(
  context: ResourcePlanContext,
  field: Field,
  name: string,
  { own: { prior, config }, sides, around }: FilePlan,
): [string, Json][] {
  const former = sides.prior?.[hashName(name)] ?? null;
  if (config === null) {
    if (prior !== null) {
      if (field.immutable) noteChange(context, field, around);
      else context.diagnostics.push(warnOfUnclearable(around.path));
    }
    return [
      [name, null],
      [hashName(name), null],
    ];
  }
  const content = config === unknown ? undefined : readableFile(context.files, String(config), around.path);
  if (content && "diagnostic" in content) context.diagnostics.push(content.diagnostic);
  const hash = content === undefined ? unknown : "diagnostic" in content ? former : hashOf(content, former);
  // Terraform asks whether the attribute of the path differs, and the file's own path may not.
  const at = [...around.path.slice(0, -1), hashName(name)];
  if (hash !== former && former === null && context.imported) {
    context.diagnostics.push(warnOfAssumedValue(around.path));
  } else if (hash !== former) noteChange(context, field, around, at);
  return [
    [name, config],
    [hashName(name), hash],
  ];
}

/** The hash of a content; an older version's, where the state has that of the same text. */
const hashOf = ({ sha256, formerly = [] }: Content, former: Json): Json =>
  formerly.some((one) => one === former) ? former : sha256;

function planWriteOnly(
  context: ResourcePlanContext,
  field: Field,
  name: string,
  sides: Sides<Values>,
): [string, Json][] {
  if (!hasWriteOnly(field)) return [];
  const version = sides.config?.[writeOnlyVersionName(name)] ?? null;
  if (sides.prior !== null && version !== (sides.prior[writeOnlyVersionName(name)] ?? null))
    context.changes += 1;
  return [
    [writeOnlyName(name), null],
    [writeOnlyVersionName(name), version],
  ];
}

/** What only configurations may hold is in no plan. */
function withoutWriteOnly({ items }: ListShape, config: Json): Json {
  if (items.type !== "object" || !Array.isArray(config)) return config;
  const secrets = Object.entries(items.fields).flatMap(([name, field]) =>
    hasWriteOnly(field) ? [writeOnlyName(name)] : [],
  );
  const nothing = Object.fromEntries(secrets.map((name) => [name, null]));
  return config.map((item: Json) => (isObject(item) && item !== unknown ? { ...item, ...nothing } : item));
}

const compared = (field: Field, value: Json | null): Json | undefined =>
  value === null ? undefined : toValues({ field }, { field: value }, comparing).field;
