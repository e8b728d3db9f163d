import type { Path } from "../../core/spec-walk.ts";
import type { Values } from "../../core/value.ts";
import { effectsOf, planFollowUps } from "../../kind/planned-calls.ts";
import { explain, say } from "../../messages/text.ts";
import type {
  HeldResource,
  PrivateState,
  ProviderDiagnostic,
  ResourceState,
} from "../provider/provider-interface.ts";
import { errorAt, warningAt } from "../provider/text.ts";
import { allOf, type CozeKind, importId, resourceType } from "../schema/names.ts";
import type { Applied, SharedContext } from "./apply.ts";
import { clearedOf, comparing, toValues } from "./attribute-conversion.ts";
import { makeCalls, nameOfCall } from "./calls.ts";
import { isConfigEqual } from "./config-equality.ts";
import { type PrivateNotes, readNotes } from "./private-state.ts";
import { placeIn } from "./read.ts";
import { partialObjectIn } from "./replacement-handoff.ts";

/** Diagnostics of a removal: its effects, and why it is refused; makes no calls. `causes`: fields that can't change in place. */
export function planRemoval(
  kind: CozeKind,
  { state, privateState }: HeldResource,
  { allowOwnershipTransfer }: Pick<SharedContext, "allowOwnershipTransfer">,
  causes: readonly Path[] = [],
): readonly ProviderDiagnostic[] {
  const live = toValues(kind.fields, state, comparing);
  const unmanageable = kind.unmanageable?.(live);
  if (unmanageable) {
    const { message, hint } = unmanageable;
    return [errorAt({ message, hint: say("terraform-resource/unmanageable-hint", { hint }) })];
  }
  // Counts in Terraform's state are those of the last apply.
  const lasting = Object.fromEntries(
    Object.entries(live).filter(([name]) => kind.fields[name]?.derived !== true),
  );
  const effects = kind.effects?.("remove", { spec: live, live: lasting, changed: new Set() }) ?? [];
  const refused = effects.filter(
    ({ needs }) => needs === "allow-ownership-transfer" && !allowOwnershipTransfer,
  );
  const diagnostics = refused.map(({ text: effect }) => {
    const message = say("terraform-resource/removal-refused", { ...naming(kind, state), effect });
    return errorAt({ message, hint: hintAtRefusal(state, causes) }, causes[0]);
  });
  // Terraform asks no more than yes or no, however much goes along.
  const losses = effects
    .filter(({ loses = 0 }) => loses !== 0)
    .map(({ text: effect }) =>
      warningAt(explain("terraform-resource/removal-loses", { ...naming(kind, state), effect })),
    );
  return kind.removal === "abandon"
    ? [...diagnostics, ...losses, leftAtCoze(kind, { state, privateState })]
    : [...diagnostics, ...losses];
}

/** Terraform tells a provider no addresses, so that the user has to look for that of what is removed. */
function hintAtRefusal(state: ResourceState, causes: readonly Path[]): string {
  if (causes.length === 0) return say("terraform-resource/removal-refused-hint", { id: String(state.id) });
  const names = [...new Set(causes.flatMap(([name]) => (typeof name === "string" ? [name] : [])))];
  const values = names.map((name) => `${name} = ${JSON.stringify(state[name] ?? null)}`);
  return say("terraform-resource/replacement-refused-hint", { fields: allOf(names), values: allOf(values) });
}

const naming = (kind: CozeKind, { id }: ResourceState) => ({ type: resourceType(kind), id: String(id) });

/** What remains of an object that can't be deleted, and what its removal takes back. */
function leftAtCoze(kind: CozeKind, { state, privateState }: HeldResource): ProviderDiagnostic {
  const { message, hint } = explain("terraform-resource/stays-at-coze", naming(kind, state));
  const live = toValues(kind.fields, state, comparing);
  const effects = effectsOf(callsBack(kind, live, readNotes(privateState)).calls).map(({ text }) => text);
  const undone =
    effects.length === 0 ? [] : [say("terraform-resource/removal-takes-back", { effects: allOf(effects) })];
  return warningAt({ message, hint: [...undone, hint].join(" ") });
}

/** Its replacement may never be created, such as when another resource that this needs fails before. */
const handedOver = (kind: CozeKind, state: ResourceState): ProviderDiagnostic =>
  warningAt(
    explain("terraform-resource/partial-removed", {
      ...naming(kind, state),
      importId: importId(kind, state, String(state.id)),
    }),
  );

const interrupted = (kind: CozeKind, state: ResourceState): ProviderDiagnostic =>
  errorAt(explain("terraform-resource/replacement-interrupted", naming(kind, state)));

/** Removes an object, or lets go of one that can't be deleted and takes back what was done for it. */
export async function removeResource(
  kind: CozeKind,
  context: SharedContext,
  { prior, privateState }: RemovalTarget,
): Promise<Applied> {
  const refusal = planRemoval(kind, { state: prior, privateState }, context).filter(
    ({ severity }) => severity === "error",
  );
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
 * Of what is tainted, or is replaced because a user asks for it, the plan only shows what replaces it. That takes up what
 * is half-made; unless it was made first: then it never hears of it.
 */
async function abandonObject(
  kind: CozeKind,
  context: SharedContext,
  target: RemovalTarget,
): Promise<Applied> {
  const { anew: isTainted = false, told: isTold = false } = readNotes(target.privateState);
  const partial = partialObjectIn(kind, target.prior);
  if (isTainted && partial) {
    // No creation follows that could take it up.
    if (context.remote.stopped) return { ...held(target), diagnostics: [interrupted(kind, target.prior)] };
    context.handoff.offer(kind, partial);
    return { ...gone, diagnostics: [handedOver(kind, target.prior)] };
  }
  const left = await letGo(kind, context, target);
  if (left.state !== null || (isTold && !partial)) return left;
  return { ...left, diagnostics: [leftAtCoze(kind, { ...target, state: target.prior })] };
}

/** Takes back what was done for an object that stays. */
async function letGo(
  kind: CozeKind,
  context: SharedContext,
  { prior, privateState }: RemovalTarget,
): Promise<Applied> {
  const place = placeIn(kind, prior);
  if (!place) return gone;
  const live = toValues(kind.fields, prior, comparing);
  const { target, calls } = callsBack(kind, live, readNotes(privateState));
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

/** The calls that take back what follow-ups did, and only what a configuration asked for. */
function callsBack(kind: CozeKind, live: Values, { set = [], wasSet = set }: PrivateNotes) {
  const followed = new Set((kind.followUps ?? []).flatMap(({ fields }) => fields));
  // A replacement's notes also tell what the new object gets.
  const managed = [...followed].filter((name) => name in live && wasSet.includes(name));
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
  const spec = { ...target, ...Object.fromEntries(cleared) };
  return { target: spec, calls: planFollowUps(kind, { spec, live, changed }, managed, () => true) };
}
