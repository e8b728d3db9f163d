import type { Address } from "../core/address.ts";
import { isReference } from "../core/value.ts";
import type { Publication } from "../engine/publications.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Edit, Kind } from "../kind/kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry, Hold } from "../kind/state-entry.ts";
import type { Observed, Step } from "../plan/plan.ts";
import { changesAnything } from "../plan/plan.ts";
import { compareWithPublished, type FieldStanding, judgeChanges } from "./field-standings.ts";

/**
 * Where a resource stands as a whole. `equal`: manifest, object and publication agree; `unmade`: the manifest has no
 * object yet; `unknown`: objects of its identity are at Coze, and the state doesn't know them; `unseen`: what holds it
 * isn't in the state, so that it wasn't looked for; `gone`: its object is no longer there; `unwanted`: the object has no manifest any more; `unfinished`: an
 * apply didn't complete it.
 */
export type Standing =
  | "equal"
  | "differs"
  | "unmade"
  | "unknown"
  | "unseen"
  | "gone"
  | "unwanted"
  | "unfinished";

/** One resource: what of its manifest, its object and its publication differs, and who changed it last. */
export interface ResourceStatus {
  readonly address: Address;
  readonly kind: string;
  readonly id?: string | undefined;
  readonly standing: Standing;
  /** Of `unknown`: the ids of the objects that it may be. Of `unseen`: the address of what holds it. */
  readonly existing?: readonly string[] | undefined;
  readonly holder?: Address | undefined;
  readonly fields: readonly FieldStanding[];
  /** It stays at an earlier release while its manifest is as it is. */
  readonly hold?: Hold | undefined;
  /** The last change of the object, where Coze tells it. */
  readonly edited?: Edit | undefined;
  readonly published?: Edit | undefined;
}

/** What the status of a project is made from. */
export interface StatusInput<Api> {
  readonly kinds: readonly Kind<Api>[];
  readonly steps: readonly Step[];
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly observed: ReadonlyMap<Address, Observed>;
  readonly publications: ReadonlyMap<Address, Publication>;
  readonly held: ReadonlyMap<Address, Hold>;
  /** The lineage of the state. */
  readonly salt: string;
}

/** Describes every resource of a plan. Pure. */
export function describeStatus<Api>(input: StatusInput<Api>): readonly ResourceStatus[] {
  const steps = new Map(input.steps.map((step) => [step.address, step]));
  return input.steps.map((step): ResourceStatus => {
    const { address, kind, existing = [] } = step;
    const entry = input.entries.get(address);
    const publication = input.publications.get(address);
    const fields = describeFields(input, step);
    const standing = standingOf(step, entry, input.observed.get(address), fields);
    const holder = standing === "unmade" ? findUnknownHolder(input.kinds, steps, step) : undefined;
    return {
      ...{ address, kind, id: entry?.id, fields, holder },
      standing: holder === undefined ? standing : "unseen",
      existing: existing.length > 0 ? existing : undefined,
      hold: input.held.get(address),
      edited: publication?.edited,
      published: publication?.release,
    };
  });
}

/** What holds a resource, as far up as the state doesn't know it though it is at Coze. */
function findUnknownHolder(
  kinds: readonly KindSchema[],
  steps: ReadonlyMap<Address, Step>,
  { kind, spec = {} }: Step,
): Address | undefined {
  const { parent } = findKind({ kinds }, kind);
  const holder = parent === undefined ? undefined : spec[parent];
  const step = isReference(holder) ? steps.get(holder.$ref) : undefined;
  if (!step) return undefined;
  return step.existing?.length ? step.address : findUnknownHolder(kinds, steps, step);
}

/** Whether a step's object was edited at Coze since the last apply. */
export const isEdited = <Api>(input: Omit<StatusInput<Api>, "publications" | "held">, step: Step): boolean =>
  describeFields({ ...input, publications: new Map(), held: new Map() }, step).some(
    ({ ahead }) => ahead === "live" || ahead === "both",
  );

function describeFields<Api>(input: StatusInput<Api>, step: Step): readonly FieldStanding[] {
  const { address, spec } = step;
  const entry = input.entries.get(address);
  const seen = input.observed.get(address);
  if (entry?.id === undefined || seen?.status !== "present" || !spec) return [];
  const kind = findKind({ kinds: input.kinds }, step.kind);
  const object = { want: spec, live: seen.item.live, entry, salt: input.salt };
  const changed = judgeChanges(kind, step.changes, object);
  const publication = input.publications.get(address);
  if (!publication?.published) return changed;
  const { draft, published } = publication;
  return [...changed, ...compareWithPublished(kind, draft, published, input.salt)];
}

function standingOf(
  step: Step,
  entry: Entry | undefined,
  seen: Observed | undefined,
  fields: readonly FieldStanding[],
): Standing {
  if (!step.spec) return "unwanted";
  if (entry === undefined) return step.existing?.length ? "unknown" : "unmade";
  if (entry.id !== undefined && seen?.status === "absent")
    return entry.note === undefined ? "gone" : "unfinished";
  if (entry.status !== "ready") return "unfinished";
  return fields.length > 0 || changesAnything(step) ? "differs" : "equal";
}
