import type { Path } from "../../core/spec-walk.ts";
import type { Values } from "../../core/value.ts";
import { planFollowUps } from "../../kind/planned-calls.ts";
import type { PrivateState, ProviderDiagnostic, ResourceState } from "../provider/provider-interface.ts";
import { type CozeKind, resourceType } from "../schema/names.ts";

import type { Applied, ApplyContext } from "./apply.ts";
import { clearedOf, comparing, toValues } from "./attribute-conversion.ts";
import { makeCalls, nameOfCall } from "./calls.ts";
import { isConfigEqual } from "./config-equality.ts";
import { type PrivateNotes, readNotes } from "./private-state.ts";
import { placeIn } from "./read.ts";
import { partialObjectIn } from "./replacement-handoff.ts";

/** Diagnostics of a removal: its effects, and why it is refused; makes no calls. `causes`: fields that can't change in place. */
export function planRemoval(
  kind: CozeKind,
  state: ResourceState,
  { allowOwnershipTransfer }: Pick<ApplyContext, "allowOwnershipTransfer">,
  causes: readonly Path[] = [],
): readonly ProviderDiagnostic[] {
  const live = toValues(kind.fields, state, comparing);
  const effects = kind.effects?.("remove", { spec: live, live, changed: new Set() }) ?? [];
  const refused = effects.filter(
    ({ needs }) => needs === "allow-ownership-transfer" && !allowOwnershipTransfer,
  );
  const diagnostics = refused.map(
    ({ text }): ProviderDiagnostic => ({
      severity: "error",
      summary: `${resourceType(kind)} ${String(state.id)} isn't removed: that ${text}`,
      ...(causes[0] === undefined
        ? { detail: howToLetGo(state) }
        : { detail: howToStay(state, causes), path: causes[0] }),
    }),
  );
  return kind.removal === "abandon" ? [...diagnostics, leftAtCoze(kind, state)] : diagnostics;
}

const transfer = "Set allow_ownership_transfer = true in the provider's configuration to have";

/** Terraform doesn't tell a provider the address of what it removes, nor the user. */
const howToLetGo = ({ id }: ResourceState): string =>
  `${transfer} it removed all the same. To keep it at Coze and only drop it from the configuration, run terraform state rm 'ADDRESS'; terraform state list -id=${String(id)} tells the address.`;

function howToStay(state: ResourceState, causes: readonly Path[]): string {
  const names = [...new Set(causes.flatMap(([name]) => (typeof name === "string" ? [name] : [])))];
  const kept = names.map((name) => `${name} = ${JSON.stringify(state[name] ?? null)}`);
  return `Coze can't change ${names.join(" and ")}: it would be removed and made again. ${transfer} that all the same, or write ${kept.join(" and ")}.`;
}

const leftAtCoze = (kind: CozeKind, { id }: ResourceState): ProviderDiagnostic => ({
  severity: "warning",
  summary: `${resourceType(kind)} ${String(id)} stays at Coze`,
  detail: `Coze's API can't delete it: Terraform only lets go of it. Delete it on its page in Coze if it is to go.`,
});

/** What replaces it may never be made, such as when something else that this needs fails before. */
const toBeTakenUp = (kind: CozeKind, state: ResourceState): ProviderDiagnostic => ({
  severity: "warning",
  summary: `${resourceType(kind)} ${String(state.id)} is half-made and to be taken up`,
  detail: `Terraform replaces it, and what replaces it goes on with it. Should this apply end before that, import it as ${importOf(kind, state)}: another apply would make a second one.`,
});

const interrupted = (kind: CozeKind, { id }: ResourceState): ProviderDiagnostic => ({
  severity: "error",
  summary: `${resourceType(kind)} ${String(id)} stays as it is`,
  detail: "The run was interrupted before what replaces it was made; the next apply goes on with it.",
});

function importOf({ parent }: CozeKind, state: ResourceState): string {
  const holder = parent === undefined ? null : (state[parent] ?? null);
  return holder === null ? String(state.id) : `${String(holder)}/${String(state.id)}`;
}

/** Removes an object, or lets go of one that can't be deleted and takes back what was done for it. */
export async function removeResource(
  kind: CozeKind,
  context: ApplyContext,
  { prior, privateState }: RemovalTarget,
): Promise<Applied> {
  const refusal = planRemoval(kind, prior, context).filter(({ severity }) => severity === "error");
  if (refusal.length > 0) return { state: prior, privateState, diagnostics: refusal };
  if (kind.removal !== "delete") return abandonObject(kind, context, { prior, privateState });
  const place = placeIn(kind, prior);
  if (!place) return gone;
  try {
    await context.remote.remove(kind, place);
    return gone;
  } catch (error) {
    return {
      ...held({ prior, privateState }),
      failure: { error, doing: "remove", call: "remove", sent: [] },
    };
  }
}

interface RemovalTarget {
  readonly prior: ResourceState;
  readonly privateState: PrivateState;
}

const gone: Applied = { state: null, privateState: {}, diagnostics: [] };

const held = ({ prior, privateState }: RemovalTarget): Applied => ({
  state: prior,
  privateState,
  diagnostics: [],
});

/**
 * Of what is tainted the plan only shows what replaces it. That takes up what is half-made; unless it was made first:
 * then it never hears of it.
 */
async function abandonObject(kind: CozeKind, context: ApplyContext, target: RemovalTarget): Promise<Applied> {
  const isTainted = readNotes(target.privateState).anew === true;
  const partial = partialObjectIn(kind, target.prior);
  if (isTainted && partial) {
    // No creation follows that could take it up.
    if (context.remote.stopped) return { ...held(target), diagnostics: [interrupted(kind, target.prior)] };
    context.handoff.offer(kind, partial);
    return { ...gone, diagnostics: [toBeTakenUp(kind, target.prior)] };
  }
  const left = await letGo(kind, context, target);
  const isUntold = (isTainted || partial) && left.state === null;
  return isUntold ? { ...left, diagnostics: [leftAtCoze(kind, target.prior)] } : left;
}

/** Takes back what was done for an object that stays. */
async function letGo(
  kind: CozeKind,
  context: ApplyContext,
  { prior, privateState }: RemovalTarget,
): Promise<Applied> {
  const place = placeIn(kind, prior);
  if (!place) return gone;
  const live = toValues(kind.fields, prior, comparing);
  const { target, changed, managed } = takenBack(kind, live, readNotes(privateState));
  const calls = planFollowUps(kind, { spec: target, live, changed }, managed, () => true);
  const progress = await makeCalls({ kind, remote: context.remote, target, live, before: [] }, calls, {
    place,
  });
  if (progress.error === undefined || context.remote.explain(progress.error).type === "not-found")
    return gone;
  const [call] = progress.left;
  const failed = call ? nameOfCall(call) : "remove";
  return {
    ...held({ prior, privateState }),
    failure: { error: progress.error, doing: "remove", call: failed, sent: [] },
  };
}

/** What follow-ups did, and only what a configuration asked for. */
function takenBack(kind: CozeKind, live: Values, notes: PrivateNotes) {
  const followed = new Set((kind.followUps ?? []).flatMap(({ fields }) => fields));
  const managed = [...followed].filter((name) => name in live && notes.set?.includes(name));
  const target: Values = { ...live };
  const cleared = managed.flatMap((name) => {
    const field = kind.fields[name];
    const value = field && clearedOf(field);
    return field && value !== undefined
      ? [[name, toValues({ [name]: field }, { [name]: value }, comparing)[name] ?? null] as const]
      : [];
  });
  const changed = new Set(
    cleared.flatMap(([name, value]) => {
      const field = kind.fields[name];
      return field && !isConfigEqual(field, value, live[name]) ? [name] : [];
    }),
  );
  return { target: { ...target, ...Object.fromEntries(cleared) }, changed, managed };
}
