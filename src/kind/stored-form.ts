import { matchesRemembered } from "../core/digest.ts";
import { isShownNormalised } from "../core/equality.ts";
import type { Field, Fields } from "../core/field.ts";
import { formatPath, type Path, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { Entry, StoredForm } from "./state-entry.ts";

/** What of a kind tells in which forms its values may be read. */
interface FormKind {
  readonly fields: Fields;
  readonly listing?: { readonly revisions?: boolean | undefined } | undefined;
}

/** Whether what an apply writes is read back at once, so that the forms in which Coze stores it are known. */
export const knowsForms = ({ listing }: Pick<FormKind, "listing">): boolean => listing?.revisions === true;

/** Whether a live value is the form in which Coze stores a value that was written. */
export const isFormOf = (form: StoredForm | undefined, value: Json, live: Json, salt: string): boolean =>
  form !== undefined && matchesRemembered(value, form.of, salt) && matchesRemembered(live, form.is, salt);

/** What is known of the writing of an object. */
export interface Written extends Pick<Entry, "spec" | "read"> {
  /** Specs that may hold in full what the entry remembers as a digest. */
  readonly whole: readonly Values[];
  readonly salt: string;
  /** A text that no spec holds in full is given as its digest. By default it stays as Coze stores it. */
  readonly digests?: true | undefined;
}

/** An object's live values, with those that Coze stores in another form as they were written. */
export function asWritten(kind: FormKind, live: Values, written: Written): Values {
  return restoreFields(kind.fields, live, [], { ...written, normalised: !knowsForms(kind) || !written.read });
}

interface Context extends Written {
  readonly normalised: boolean;
}

function restoreFields(fields: Fields, live: Values, path: Path, context: Context): Values {
  const entries = Object.entries(live).map(([name, value]): [string, Json] => {
    const field = fields[name];
    const at = [...path, name];
    if (!field) return [name, value];
    if (field.type !== "object") return [name, restore(field, value, at, context)];
    return [name, isObject(value) ? restoreFields(field.fields, value, at, context) : value];
  });
  return Object.fromEntries(entries);
}

function restore(
  field: Field,
  live: Json,
  path: Path,
  { spec, read, whole, salt, digests, normalised }: Context,
): Json {
  const applied = valueAt(spec, path);
  if (applied === undefined) return live;
  const full = whole
    .map((one) => valueAt(one, path))
    .find((value) => value !== undefined && matchesRemembered(value, applied, salt));
  const value = full ?? applied;
  const form = read?.[formatPath(path)];
  const isStored = form && canonicalJson(form.of) === canonicalJson(applied);
  if (isStored && matchesRemembered(live, form.is, salt)) return isDigest(value) && !digests ? live : value;
  return normalised && !isDigest(value) && isShownNormalised(field, value, live) ? value : live;
}
