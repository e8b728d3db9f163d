import { parseAddress } from "../core/address.ts";
import type { Fields } from "../core/field.ts";
import { formatPath, mapLeaves } from "../core/spec-walk.ts";
import { isoTime } from "../core/time.ts";
import {
  isFileContent,
  isLookup,
  isObject,
  isReference,
  type Json,
  type Lookup,
  rememberFile,
  type Values,
} from "../core/value.ts";
import { type LostCall, noteLostCall } from "../kind/lost-call.ts";
import type { ProjectOutput, ResolvedLookup } from "../kind/resource.ts";
import type { Action, Rename, Step } from "./plan.ts";

const terraformActions: Readonly<Record<Action, readonly string[]>> = {
  create: ["create"],
  update: ["update"],
  replace: ["delete", "create"],
  delete: ["delete"],
  abandon: ["forget"],
  forget: ["forget"],
  adopt: ["update"],
  retry: ["update"],
  moved: ["no-op"],
  refresh: ["no-op"],
  undecided: ["no-op"],
  "no-op": ["no-op"],
};

/** One of the `resource_changes` of `terraform show -json`, with cozeform's own facts; without secrets. */
export function describeChange(fields: Fields, step: Step): Json {
  const creates = step.calls.some(({ call }) => call === "create");
  const actions = step.action === "retry" && creates ? ["create"] : terraformActions[step.action];
  const before = step.live ? split(fields, step.live) : undefined;
  const after = step.spec ? split(fields, step.target ?? step.spec) : undefined;
  return {
    ...nameInTerraform(step),
    change: {
      actions,
      before: before?.known ?? null,
      after: after?.known ?? null,
      after_unknown: after?.unknown ?? {},
      before_sensitive: before?.sensitive ?? {},
      after_sensitive: after?.sensitive ?? {},
      ...(step.action === "adopt" && step.place ? { importing: { id: step.place.id } } : {}),
    },
    ...(step.action === "replace" ? { action_reason: reasonOf(step) } : {}),
    cozeform: {
      action: step.action,
      because: step.because,
      effects: step.effects.map(({ text, needs }) => ({ text, ...(needs ? { needs } : {}) })),
      notes: [...noteLostCall(step, isoTime), ...step.notes],
      ...(step.awaits ? { awaits: step.awaits } : {}),
      ...(step.lostCall ? { lostCall: describeLost(step.lostCall) } : {}),
      ...(step.renamed ? { renamed: describeRename(step.renamed) } : {}),
      paths: step.changes.map(({ path }) => formatPath(path)),
      ...(step.place ? { id: step.place.id } : {}),
      ...(step.lookups?.length ? { lookups: step.lookups.map(describeLookup) } : {}),
      ...(step.outputs?.length ? { outputs: step.outputs.map(describeOutput) } : {}),
      ...(step.removes.length > 0 ? { removes: step.removes.map(({ id }) => id) } : {}),
      ...(step.leaves ? { leaves: step.leaves } : {}),
    },
  };
}

/** What changed at Coze, from what the state has to what is there. */
export const describeDrift = (steps: readonly Step[], fieldsOf: (kind: string) => Fields): readonly Json[] =>
  steps
    .filter(({ action }) => action === "refresh" || action === "forget")
    .map((step) => {
      const fields = fieldsOf(step.kind);
      const [before, after] = [step.former, step.target].map((one) => one && split(fields, one));
      return {
        ...nameInTerraform(step),
        change: {
          actions: step.action === "forget" ? ["delete"] : ["update"],
          before: before?.known ?? null,
          after: after?.known ?? null,
          after_unknown: {},
          before_sensitive: before?.sensitive ?? {},
          after_sensitive: after?.sensitive ?? {},
        },
        cozeform: {
          action: step.action,
          because: step.because,
          notes: step.notes,
          paths: step.changes.map(({ path }) => formatPath(path)),
          ...(step.place ? { id: step.place.id } : {}),
        },
      };
    });

/** How Terraform's documents name a resource. */
function nameInTerraform({ address, kind, movedFrom }: Step) {
  const parsed = parseAddress(address);
  return {
    address,
    ...(movedFrom === undefined ? {} : { previous_address: movedFrom }),
    mode: "managed",
    type: `coze_${kind.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase()}`,
    name: parsed?.name ?? address,
    ...(parsed?.key === undefined ? {} : { index: parsed.key }),
    provider_name: "cozeform/coze",
  };
}

/** Why an object is replaced, in Terraform's words. */
function reasonOf({ requested, changes }: Step): string {
  if (requested) return "replace_by_request";
  const isFixed = changes.some(({ replaces }) => replaces);
  return isFixed ? "replace_because_cannot_update" : "replace_because_tainted";
}

const describeLookup = ({ path, kind, lookup, id }: ResolvedLookup): Json => ({
  path: formatPath(path),
  kind,
  lookup: plainWords(lookup),
  id,
});

const describeOutput = ({ path, project, output, value }: ProjectOutput): Json => ({
  path: formatPath(path),
  project,
  output,
  value,
});

/** The words of a lookup as manifests write them. */
const plainWords = (lookup: Lookup["$lookup"]): Json =>
  Object.fromEntries(
    Object.entries(lookup).map(([name, word]) => [
      name,
      isLookup(word) ? { lookup: plainWords(word.$lookup) } : word,
    ]),
  );

const describeRename = ({ from, to, id, because }: Rename): Json => ({
  from,
  to,
  because,
  ...(id === undefined ? {} : { id }),
});

const describeLost = ({ at, until, isOver }: LostCall): Json => ({
  at: isoTime(at),
  until: isoTime(until),
  over: isOver,
});

/** Values as Terraform shows them: what is known, with secrets as null, beside marks for the rest. */
function split(fields: Fields, values: Values): { known: Values; unknown: Values; sensitive: Values } {
  const known = mapLeaves(fields, values, ({ value, sensitive }) => {
    if (sensitive || isReference(value)) return null;
    return isFileContent(value) ? rememberFile(value) : value;
  });
  const mark = (test: (value: Json, sensitive: boolean) => boolean): Values =>
    prune(mapLeaves(fields, values, ({ value, sensitive }) => test(value, sensitive))) as Values;
  return {
    known,
    unknown: mark((value) => isReference(value)),
    sensitive: mark((_, sensitive) => sensitive),
  };
}

/** Marks without the places that aren't marked. */
function prune(value: Json): Json {
  if (Array.isArray(value)) return value.some(hasMark) ? value.map(prune) : [];
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (hasMark(part) ? [[key, prune(part)]] : [])),
  );
}

const hasMark = (value: Json): boolean =>
  value === true || (typeof value === "object" && value !== null && Object.values(value).some(hasMark));
