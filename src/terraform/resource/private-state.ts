import { isObject, type Json } from "../../core/value.ts";
import type { PrivateState } from "../provider/provider-interface.ts";

/** What the provider stores about a resource beside its state. The names are persisted. */
export interface PrivateNotes {
  /** At which the whole object was last read. */
  readonly revision?: number | undefined;
  /** When it was made, epoch seconds. */
  readonly made?: number | undefined;
  /** Dotted paths of the attributes that the configuration gave when it was last applied. */
  readonly set?: readonly string[] | undefined;
  /** While a creation is planned: ids of objects of the same identity; absent where listing failed. */
  readonly before?: readonly string[] | undefined;
  /** While a creation is planned: the id of the object that it takes into the state. */
  readonly adopt?: string | undefined;
  /** When it was adopted, epoch milliseconds: the state may have the same object under another address. */
  readonly adopted?: number | undefined;
  /** While a removal or a replacement is planned: the plan says what the removal leaves at Coze. */
  readonly told?: true | undefined;
  /** It was taken over, and what Coze never shows of it isn't known. */
  readonly imported?: true | undefined;
  /** Forms in which Coze stores what was applied, as digests by dotted path: returned in that form, they are no drift. */
  readonly read?: { readonly [path: string]: { readonly of: string; readonly is: string } } | undefined;
  /** By top-level field, what Coze holds instead of what was written: read back, it is no difference. */
  readonly notTaken?: { readonly [field: string]: Json } | undefined;
  /** Coze gave up on it. */
  readonly failed?: true | undefined;
  /** It waits for a person, such as an invited user, and may be missing from lists. */
  readonly pending?: true | undefined;
  /** Planned as a creation without private state: if it replaces an object, that one was tainted. */
  readonly anew?: true | undefined;
  /** While an update is planned: what the configuration gave before. */
  readonly wasSet?: readonly string[] | undefined;
}

/** The notes in a private state; anything else in it is ignored. */
export const readNotes = (privateState: PrivateState): PrivateNotes =>
  isObject(privateState.notes) ? (privateState.notes as PrivateNotes) : {};

/** A private state that holds these notes. */
export function writeNotes(notes: PrivateNotes): PrivateState {
  const known = Object.entries(notes).filter(([, value]) => value !== undefined);
  return { notes: Object.fromEntries(known) as { readonly [name: string]: Json } };
}

/** A private state in which some notes are these; the same one where they are so already. */
export function renewNotes(privateState: PrivateState, news: PrivateNotes): PrivateState {
  const notes = readNotes(privateState);
  const isNew = Object.entries(news).some(([name, value]) => notes[name as keyof PrivateNotes] !== value);
  // Names that stay keep their order: to Terraform, other bytes are a change.
  return isNew ? writeNotes({ ...notes, ...news }) : privateState;
}
