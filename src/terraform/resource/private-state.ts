import { isObject, type Json } from "../../core/value.ts";
import type { PrivateState } from "../provider/provider-interface.ts";

/** What the provider remembers of a resource beside its state. */
export interface PrivateNotes {
  /** At which the whole object was last read. */
  readonly revision?: number;
  /** When it was made, epoch seconds. */
  readonly made?: number;
  /** Dotted paths of the attributes that the configuration gave when it was last applied. */
  readonly set?: readonly string[];
  /** While a creation is planned: ids of objects of the same identity; absent where nobody could look. */
  readonly before?: readonly string[];
  /** It was taken over, and what Coze never shows of it isn't known. */
  readonly imported?: true;
  /** Coze gave up on it. */
  readonly failed?: true;
  /** It waits for somebody, such as a user who was invited, and may be in no list. */
  readonly pending?: true;
  /** Planned as a creation of which nothing was remembered: what it replaces, if anything, was tainted. */
  readonly anew?: true;
  /** While an update is planned: what the configuration gave before. */
  readonly wasSet?: readonly string[];
}

/** The notes in a memory; what isn't understood is left out. */
export const readNotes = (memory: PrivateState): PrivateNotes =>
  isObject(memory.notes) ? (memory.notes as PrivateNotes) : {};

/** A memory that holds these notes. */
export function keepNotes(notes: PrivateNotes): PrivateState {
  const known = Object.entries(notes).filter(([, value]) => value !== undefined);
  return { notes: Object.fromEntries(known) as { readonly [name: string]: Json } };
}
