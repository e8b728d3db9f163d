import type { Address } from "../core/address.ts";
import { addTo } from "../core/group.ts";
import { awaitedKeys, awaitingFields, holderKey } from "../kind/awaited-contents.ts";
import type { Kinds } from "../kind/find-kind.ts";
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
    // What Coze holds counts where the manifest doesn't say.
    const keys = [step.spec ?? {}, step.target ?? {}].flatMap((values) => awaitedKeys(kind, values));
    const awaits = [...new Set(keys.flatMap((key) => contents.get(key) ?? []))].sort();
    const [address] = awaits;
    if (address === undefined) return step;
    if (!noWait) return { ...step, awaits };
    const note = say("plan/no-wait", { address, count: awaits.length });
    return { ...step, notes: [...step.notes, note] };
  });
}

/** By what holds them, the steps after which Coze processes their objects, or which fail. */
function indexContents(steps: readonly Step[], kindOf: Kinds): ReadonlyMap<string, readonly Address[]> {
  const index = new Map<string, Address[]>();
  for (const { address, kind: name, spec, calls, refusal } of steps) {
    const kind = kindOf.get(name);
    const key = kind && spec && holderKey(kind, spec);
    if (key === undefined || (calls.length === 0 && refusal === undefined)) continue;
    addTo(index, key, address);
  }
  return index;
}

/** Whether a step makes a reference whose contents are awaited, or a follow-up call. */
function reachesCallers({ calls, spec = {} }: Step, kind: KindSchema): boolean {
  const binding = awaitingFields(kind);
  return calls.some((one) => {
    if (one.call === "follow-up") return true;
    if (one.call === "create") return binding.some((name) => spec[name] !== undefined);
    return one.call === "update" && one.fields.some((name) => binding.includes(name));
  });
}
