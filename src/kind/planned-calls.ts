import type { Fields } from "../core/field.ts";
import type { Change, Effect, FollowUpCall, KindSchema } from "./schema.ts";

/** A writing call of a step, or waiting for Coze's own work. */
export type PlannedCall =
  | { readonly call: "create" }
  | { readonly call: "update"; readonly fields: readonly string[] }
  | {
      readonly call: "follow-up";
      readonly name: string;
      readonly fields: readonly string[];
      readonly one: FollowUpCall;
    }
  | { readonly call: "settle" };

/** The calls that make an object: create, update for what creation doesn't take, follow-ups, waiting. */
export function planCreation(
  kind: KindSchema,
  change: Change,
): { readonly calls: readonly PlannedCall[]; readonly effects: readonly Effect[] } {
  const later = updatedFields(kind, change).filter((name) => kind.fields[name]?.settable === "update");
  const followUps = planFollowUps(kind, change, Object.keys(change.spec), () => false);
  const calls: PlannedCall[] = [
    { call: "create" },
    ...(later.length > 0 ? [{ call: "update", fields: later } as const] : []),
    ...(kind.processed || kind.copying ? [{ call: "settle" } as const] : []),
    ...followUps,
  ];
  return { calls, effects: [...(kind.effects?.("create", change) ?? []), ...effectsOf(followUps)] };
}

/** The calls that update an existing object; `managed` names the fields that are wanted or were applied before. */
export function planUpdate(
  kind: KindSchema,
  change: Change,
  managed: readonly string[],
  done: (followUp: string) => boolean,
  waits: boolean,
): readonly PlannedCall[] {
  const fields = updatedFields(kind, change);
  return [
    ...(fields.length > 0 ? [{ call: "update", fields } as const] : []),
    ...(waits ? [{ call: "settle" } as const] : []),
    ...planFollowUps(kind, change, managed, done),
  ];
}

/** The effects of the follow-ups among some calls. */
export const effectsOf = (calls: readonly PlannedCall[]): readonly Effect[] =>
  calls.flatMap((planned) => (planned.call === "follow-up" ? [{ text: planned.one.effect }] : []));

type FollowUpStep = Extract<PlannedCall, { call: "follow-up" }>;

/** The calls of follow-ups that realise a field of `managed`. */
export function planFollowUps(
  kind: KindSchema,
  change: Change,
  managed: readonly string[],
  done: (followUp: string) => boolean,
): readonly FollowUpStep[] {
  // A field that isn't managed is left alone, even if it has a value at Coze.
  const concerned = (kind.followUps ?? []).filter(({ fields }) =>
    fields.some((name) => managed.includes(name)),
  );
  return concerned.flatMap((followUp) =>
    followUp
      .calls(change, done(followUp.name))
      .map((one) => ({ call: "follow-up", name: followUp.name, fields: followUp.fields, one }) as const),
  );
}

/** Changed fields that `update` sends, in the fields' order: all but those of follow-ups. */
function updatedFields(kind: KindSchema, change: Change): readonly string[] {
  if (change.changed.size === 0) return [];
  const followed = new Set((kind.followUps ?? []).flatMap((followUp) => followUp.fields));
  return Object.keys(kind.fields).filter((name) => change.changed.has(name) && !followed.has(name));
}

/** The fields of a spec that the creating call takes. */
export function createdFields(
  kind: { readonly fields: Fields } & Pick<KindSchema, "followUps">,
): readonly string[] {
  const followed = new Set((kind.followUps ?? []).flatMap((followUp) => followUp.fields));
  return Object.keys(kind.fields).filter(
    (name) => !followed.has(name) && kind.fields[name]?.settable !== "update",
  );
}
