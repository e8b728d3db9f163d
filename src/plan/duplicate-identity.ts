import type { Address } from "../core/address.ts";
import { canonicalJson, type Json, type Values } from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Step } from "./plan.ts";
import type { PlanContext } from "./plan-changes.ts";

/** What tells an object of a kind from others, as text; undefined when a part of it isn't known. */
function identityOf(kind: KindSchema, spec: Values): string | undefined {
  const parts = kind.identity.map((name): Json | undefined => spec[name] ?? kind.fields[name]?.default);
  return parts.includes(undefined) ? undefined : canonicalJson([kind.name, ...parts]);
}

/**
 * Refuses what nobody could tell apart later: two resources of one identity, two that take over one object, and
 * an object that would be removed under one address and made again under another.
 */
export function reportClashes(planning: PlanContext, steps: readonly Step[]): void {
  const wanted = steps.filter((step) => step.spec !== undefined);
  const byIdentity = groupBy(wanted, (step) => identityOf(planning.kind(step.kind), step.spec ?? {}));
  for (const clashing of byIdentity.values()) reportSameIdentity(planning, clashing);
  const byPlace = groupBy(
    wanted,
    ({ kind, place }) => place && canonicalJson([kind, place.parent ?? null, place.id]),
  );
  for (const clashing of byPlace.values()) reportSameObject(planning, clashing);
  for (const step of steps.filter(({ action }) => action === "delete"))
    reportMoved(planning, step, byIdentity);
}

function reportSameIdentity(planning: PlanContext, [first, ...others]: readonly Step[]): void {
  for (const step of others) {
    if (!first) return;
    const { identity } = planning.kind(step.kind);
    planning.report(step.address, {
      code: "same-identity",
      message: `${step.address} and ${first.address} have the same ${identity.join(" and ")}: nobody could tell them apart`,
      hint: `give one of them another ${identity.at(-1)}`,
      at: step.at,
    });
  }
}

function reportSameObject(planning: PlanContext, [first, ...others]: readonly Step[]): void {
  for (const step of others) {
    planning.report(step.address, {
      code: "ambiguous",
      message: `${step.address} and ${first?.address} would both be the object ${step.place?.id}`,
      hint: "take one of the two manifests out",
      at: step.at,
    });
  }
}

/** Where the identity is unique at Coze, removing the one would remove the other. */
function reportMoved(
  planning: PlanContext,
  step: Step,
  byIdentity: ReadonlyMap<string, readonly Step[]>,
): void {
  const kind = planning.kind(step.kind);
  const entry = planning.input.entries.get(step.address);
  const parent =
    kind.parent === undefined || entry?.parent === undefined ? {} : { [kind.parent]: entry.parent };
  const identity = entry && kind.unique ? identityOf(kind, { ...entry.spec, ...parent }) : undefined;
  const [heir] = (identity && byIdentity.get(identity)) || [];
  if (!heir) return;
  planning.report(heir.address, {
    code: "moved",
    message: `${heir.address} is what the state calls ${step.address}: removing that would remove it`,
    hint: `cozeform state mv ${quote(step.address)} ${quote(heir.address)}`,
    at: heir.at,
  });
}

const quote = (address: Address): string => (address.includes("[") ? `'${address}'` : address);

function groupBy(
  steps: readonly Step[],
  keyOf: (step: Step) => string | undefined,
): ReadonlyMap<string, readonly Step[]> {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = keyOf(step);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(step);
    else groups.set(key, [step]);
  }
  return groups;
}
