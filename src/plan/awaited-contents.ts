import type { Address } from "../core/address.ts";
import type { Fields, Shape } from "../core/field.ts";
import { leavesOf } from "../core/spec-walk.ts";
import { canonicalJson, type Json, type Values } from "../core/value.ts";
import type { Kinds } from "../kind/find-kind.ts";
import { holderKind } from "../kind/holder.ts";
import type { KindSchema } from "../kind/schema.ts";
import { say } from "../messages/text.ts";
import type { PlanOptions, Step } from "./plan.ts";

/**
 * The steps, where those that bind an object to another, or publish it, await what Coze processes below that other one.
 * With `noWait` they don't, and say so.
 */
export function awaitContents(
  steps: readonly Step[],
  kindOf: Kinds,
  { noWait = false }: PlanOptions,
): readonly Step[] {
  const contents = indexContents(steps, kindOf);
  if (contents.size === 0) return steps;
  return steps.map((step) => {
    const kind = kindOf.get(step.kind);
    if (!kind || !reachesCallers(step, kind)) return step;
    const awaits = [...new Set(awaitedRefs(step, kind).flatMap((key) => contents.get(key) ?? []))].sort();
    const [address] = awaits;
    if (address === undefined) return step;
    if (!noWait) return { ...step, awaits };
    const note = say("plan/no-wait", { address, count: awaits.length });
    return { ...step, notes: [...step.notes, note] };
  });
}

/** Whether objects of a kind refer to others whose contents they await. */
export const awaitsContents = (kind: KindSchema | undefined): boolean =>
  kind !== undefined && Object.values(kind.fields).some(isAwaiting);

/** By what holds them, the steps after which Coze processes their objects. */
function indexContents(steps: readonly Step[], kindOf: Kinds): ReadonlyMap<string, readonly Address[]> {
  const index = new Map<string, Address[]>();
  for (const { address, kind: name, spec, calls, refusal } of steps) {
    const kind = kindOf.get(name);
    const holder = kind?.parent && spec?.[kind.parent];
    if (!kind?.processed || holder === undefined) continue;
    if (calls.length === 0 && refusal === undefined) continue;
    const key = keyOf(holderKind(kind) ?? "", holder);
    index.set(key, [...(index.get(key) ?? []), address]);
  }
  return index;
}

/** Whether a step makes a reference whose contents are awaited, or a follow-up call. */
function reachesCallers({ calls, spec = {} }: Step, { fields }: KindSchema): boolean {
  const binding = Object.keys(fields).filter((name) => fields[name] && isAwaiting(fields[name]));
  return calls.some((one) => {
    if (one.call === "follow-up") return true;
    if (one.call === "create") return binding.some((name) => spec[name] !== undefined);
    return one.call === "update" && one.fields.some((name) => binding.includes(name));
  });
}

/** What the object of a step refers to and awaits, by manifest or as Coze holds it. */
function awaitedRefs({ spec = {}, target = {} }: Step, { fields }: KindSchema): readonly string[] {
  return [spec, target].flatMap((values) => awaitedIn(fields, values));
}

const awaitedIn = (fields: Fields, values: Values): readonly string[] =>
  leavesOf(fields, values).flatMap(({ shape, value }) =>
    shape.type === "ref" && shape.contents === "awaited" ? [keyOf(shape.kind, value)] : [],
  );

const keyOf = (kind: string, reference: Json): string => canonicalJson([kind, reference]);

function isAwaiting(shape: Shape): boolean {
  if (shape.type === "list") return isAwaiting(shape.items);
  if (shape.type === "object") return Object.values(shape.fields).some(isAwaiting);
  return shape.type === "ref" && shape.contents === "awaited";
}
