import type { Address } from "../core/address.ts";
import { digestOf, hideSecret, matchesRemembered } from "../core/digest.ts";
import type { Fields } from "../core/field.ts";
import { locateJson, readJson, type Spot } from "../core/json-text.ts";
import { formatPath, mapLeaves, type Path, valueAt } from "../core/spec-walk.ts";
import { type Digest, isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { Check, Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { explain } from "../messages/text.ts";
import type { Refusal } from "./guards/refusal.ts";
import type { Action, Plan, PlannedCalls, PlanOptions, Step } from "./plan.ts";
import { describeChange, describeDrift } from "./terraform-changes.ts";

/** The version of cozeform's own part of a plan document. */
const planFormat = 1;

/** What a plan was made for and against. */
export interface PlanFileContext {
  readonly version: string;
  readonly environment: string;
  readonly endpoint: string;
  /** Who makes its calls; `source` says where the secret is, never the secret. */
  readonly credentials: readonly {
    readonly name: string;
    readonly kinds: readonly string[];
    readonly source: string;
  }[];
  readonly lineage: string;
  readonly serial: number;
  readonly options: PlanOptions;
  /** `none`: Coze wasn't asked, so that nothing may be applied from it. */
  readonly refresh: "auto" | "full" | "none";
  readonly calls: PlannedCalls;
}

/** A saved plan as read back from its file. */
export interface SavedPlan extends PlanFileContext {
  readonly format: number;
  readonly desired: readonly SavedResource[];
  readonly steps: readonly SavedStep[];
  readonly refusals: readonly Json[];
  readonly answered: readonly Json[];
}

type SavedResource = Omit<Resource, "locate" | "checks"> & {
  readonly checks?: readonly SavedCheck[] | undefined;
};

/** A check; of one that holds what an environment variable holds, a digest: it is read again when it is asked. */
type SavedCheck = Check | (Pick<Check, "name" | "within" | "hidden" | "at"> & { readonly secret: Digest });

function hideCheck(check: Check, salt: string): SavedCheck {
  if (!check.hidden) return check;
  const { name, within, hidden, at } = check;
  return { name, within, hidden, at, secret: hideSecret(askedBy(check), salt) };
}

/** What a check asks and expects. */
const askedBy = ({ say, input, expect }: Check): Json =>
  JSON.parse(JSON.stringify({ say, input, expect })) as Json;

interface SavedStep {
  readonly address: Address;
  readonly action: Action;
  readonly fingerprint: string;
}

/**
 * A plan as JSON in the shape of `terraform show -json`, cozeform's own facts under `cozeform`. Secrets are
 * in neither part.
 */
export function writePlanDocument(
  plan: Plan,
  desired: readonly Resource[],
  kinds: readonly KindSchema[],
  context: PlanFileContext,
): { readonly [key: string]: Json } {
  const fieldsOf = fieldsByKind(kinds);
  const saved: SavedPlan = {
    format: planFormat,
    ...context,
    desired: desired.map(({ locate: _, promoted, ...resource }) => {
      const hide = (values: Values) => hideSecrets(fieldsOf(resource.kind), values, context.lineage);
      const { checks } = resource;
      return {
        ...resource,
        spec: hide(resource.spec),
        checks: checks?.map((check) => hideCheck(check, context.lineage)),
        promoted: promoted && { ...promoted, own: hide(promoted.own) },
      };
    }),
    refusals: plan.refusals.map(describeRefusal),
    answered: plan.answered.map(describeRefusal),
    steps: plan.steps.map((step) => ({
      address: step.address,
      action: step.action,
      fingerprint: fingerprint(fieldsOf(step.kind), step, context.lineage),
    })),
  };
  const plain = JSON.parse(JSON.stringify(saved)) as Values;
  return {
    format_version: "1.2",
    applyable:
      context.refresh !== "none" &&
      plan.refusals.length === 0 &&
      plan.steps.some(({ action }) => action !== "no-op"),
    complete: (context.options.targets ?? []).length === 0,
    errored: plan.diagnostics.some(({ severity }) => severity === "error"),
    ...(context.options.refreshOnly
      ? { resource_changes: [], resource_drift: describeDrift(plan.steps, fieldsOf) }
      : { resource_changes: plan.steps.map((step) => describeChange(fieldsOf(step.kind), step)) }),
    // Whatever is in it was checked when it was made; a change since would go unchecked.
    cozeform: {
      ...plain,
      digest: digestOf(plain),
    },
  };
}

/** Why a file can't be applied as a plan, and where in it. */
export interface PlanFault {
  readonly at: Spot;
  readonly message: string;
  readonly hint: string;
}

/** The most bytes of a saved plan: the longest string that Node can hold. */
export const largestPlan = 512 * 2 ** 20;

/** Reads a plan document that this version wrote and that is unchanged since. */
export function readPlanDocument(
  text: string,
): { readonly saved: SavedPlan } | { readonly fault: PlanFault } {
  const read = readJson(text);
  if ("fault" in read) {
    const { at, message } = read.fault;
    return { fault: { at, ...explain("plan/not-json", { fault: message }) } };
  }
  const part: unknown = isObject(read.value) ? read.value.cozeform : undefined;
  const faultAt = (name: string, texts: Omit<PlanFault, "at">) => ({
    fault: { at: locateJson(text, ["cozeform", name]), ...texts },
  });
  if (!isObject(part) || typeof part.format !== "number")
    return faultAt("format", explain("plan/not-a-plan"));
  const { digest, ...saved } = part;
  const { format } = part;
  if (format > planFormat) return faultAt("format", explain("plan/newer-format", { format }));
  if (format < planFormat) return faultAt("format", explain("plan/older-format", { format }));
  if (digest !== digestOf(saved)) return faultAt("digest", explain("plan/edited"));
  return { saved: saved as unknown as SavedPlan };
}

/**
 * The resources of a saved plan with the secrets of today's manifests put back in; `changed` names the places
 * whose secret isn't the one that was planned with.
 */
export function restoreDesired(
  saved: SavedPlan,
  today: readonly Resource[],
  kinds: readonly KindSchema[],
): { readonly desired: readonly Resource[]; readonly changed: readonly string[] } {
  const fieldsOf = fieldsByKind(kinds);
  const current = new Map(today.map((resource) => [resource.address, resource]));
  const changed: string[] = [];
  const desired = saved.desired.map((resource): Resource => {
    const now = current.get(resource.address);
    const restore = (values: Values): Values =>
      mapLeaves(fieldsOf(resource.kind), values, ({ value, path }) => {
        if (!isDigest(value) || !value.sensitive) return value;
        const secret = now && valueAt(now.spec, path);
        if (secret !== undefined && matchesRemembered(secret, value, saved.lineage)) return secret;
        const place = placeOf(resource, path);
        if (!changed.includes(place)) changed.push(place);
        return value;
      });
    const { promoted, checks, ...rest } = resource;
    const restoreCheck = (check: SavedCheck): Check => {
      if (!("secret" in check)) return check;
      const again = now?.checks?.find(({ name }) => name === check.name);
      if (again && matchesRemembered(askedBy(again), check.secret, saved.lineage)) return again;
      changed.push(placeOf(resource, ["checks", check.name]));
      return { name: check.name, expect: {}, within: check.within, hidden: true, at: check.at };
    };
    return {
      ...rest,
      checks: checks?.map(restoreCheck),
      spec: restore(resource.spec),
      promoted: promoted && { ...promoted, own: restore(promoted.own) },
      locate: now?.locate ?? (() => resource.at),
    };
  });
  return { desired, changed };
}

const placeOf = ({ address }: Pick<Resource, "address">, path: Path): string =>
  [address, formatPath(path)].join(" ");

/** Addresses whose step isn't, any more, what was saved; in order. */
export function findStaleSteps(
  saved: SavedPlan,
  plan: Plan,
  kinds: readonly KindSchema[],
): readonly Address[] {
  const fieldsOf = fieldsByKind(kinds);
  const now = new Map(
    plan.steps.map((step) => [step.address, fingerprint(fieldsOf(step.kind), step, saved.lineage)]),
  );
  const then = new Map(saved.steps.map((step) => [step.address, step.fingerprint]));
  const addresses = new Set([...now.keys(), ...then.keys()]);
  return [...addresses].filter((address) => now.get(address) !== then.get(address)).sort();
}

/** Everything of a step that its approval was about: what it sends, but not what else was seen of the object. */
function fingerprint(fields: Fields, step: Step, salt: string): string {
  if (step.action === "no-op") return "no-op";
  const { at: _at, live: _live, before: _before, notes: _notes, lostCall: _lost, ...known } = step;
  const {
    former: _former,
    leaves: _leaves,
    repairs: _repairs,
    renamed: _renamed,
    existing: _there,
    ...approved
  } = known;
  const { spec, own, target = {}, changes, checks, lookups: _lookups, outputs: _outputs, ...rest } = approved;
  const hidden = changes.map(({ before, after, ...change }) => ({
    ...change,
    ...(change.sensitive
      ? { after: after === undefined ? null : hideSecret(after, salt) }
      : { before: before ?? null, after: after ?? null }),
  }));
  const sent = new Set(step.calls.flatMap((one) => ("fields" in one ? one.fields : [])));
  const sends = Object.fromEntries(Object.entries(target).filter(([name]) => sent.has(name)));
  const plain: unknown = {
    ...rest,
    checks: checks?.map((check) => hideCheck(check, salt)),
    changes: hidden,
    spec: spec && hideSecrets(fields, spec, salt),
    own: own && hideSecrets(fields, own, salt),
    sends: hideSecrets(fields, sends, salt),
  };
  return digestOf(JSON.parse(JSON.stringify(plain)) as Json);
}

const hideSecrets = (fields: Fields, values: Values, salt: string): Values =>
  mapLeaves(fields, values, ({ value, sensitive }) =>
    sensitive && !isDigest(value) ? hideSecret(value, salt) : value,
  );

/** What is refused, and what would be without the answers that the plan was made with. */
function describeRefusal(refusal: Refusal): Json {
  const { guard, addresses, ids, message, options, count } = refusal;
  return { guard, addresses, ids, message, options, ...(count === undefined ? {} : { count }) };
}

function fieldsByKind(kinds: readonly KindSchema[]): (name: string) => Fields {
  const fields = new Map(kinds.map((kind) => [kind.name, kind.fields]));
  return (name) => fields.get(name) ?? {};
}
