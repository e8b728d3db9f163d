import { matchesRemembered } from "../../core/digest.ts";
import { isEmpty, isShown, isShownNormalised } from "../../core/equality.ts";
import type { Field } from "../../core/field.ts";
import { formatPath, shapeAt, valueAt } from "../../core/spec-walk.ts";
import type { Json } from "../../core/value.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import type { FieldChange } from "../diff.ts";
import { compare, type Desired } from "./step-parts.ts";

/**
 * Whether the manifest wants another draft than was applied last. Where the object is as wanted all the same, the draft
 * was edited at Coze and the manifest took the edit over, but callers may not get it yet. Fields that the manifest
 * didn't set before don't count: Coze may have held their values all the time. Makes no call.
 */
export function takesOverDraft(desired: Desired, entry: Entry): boolean {
  const { kind, resource, context } = desired;
  const { options, held } = context.input;
  if (!kind.release || resource.promoted || options.promotion || held?.has(resource.address)) return false;
  const published = publicationFields(kind);
  const { changes } = compare(desired, entry, { id: entry.id ?? "", live: {} }, "unasked");
  return changes.some(
    (change) => !published.has(String(change.path[0])) && isAnotherValue(desired, entry, change),
  );
}

/** The fields that say where an object is published, which is no part of its draft. */
const publicationFields = (kind: KindSchema): ReadonlySet<string> =>
  new Set((kind.followUps ?? []).flatMap(({ fields }) => fields));

/** Whether Coze would show another value than after the last apply, as far as that is remembered. */
function isAnotherValue(
  { kind, context: { input } }: Desired,
  { spec, read }: Entry,
  { path, after }: FieldChange,
): boolean {
  const applied = valueAt(spec, path);
  if (applied === undefined) return false;
  if (after === undefined) return !isEmpty(applied);
  const form = read?.[formatPath(path)];
  if (form && matchesRemembered(after, form.is, input.salt)) return false;
  const shape = shapeAt(kind.fields, path);
  return !shape || !isSame({ presence: "optional", ...shape } as Field, after, applied, read === undefined);
}

const isSame = (field: Field, want: Json, applied: Json, normalised: boolean): boolean =>
  normalised ? isShownNormalised(field, want, applied) : isShown(field, want, applied);
