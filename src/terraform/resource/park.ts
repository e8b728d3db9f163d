import type { Place } from "../../core/kind.ts";
import { canonicalJson, type Values } from "../../core/value.ts";
import type { CozeKind } from "../coze-kind.ts";
import { isSame } from "./sameness.ts";

/** An object whose creation wasn't ended, and which can't be deleted. */
export interface HalfMade {
  /** Undefined while Coze is still making it. */
  readonly place: Place | undefined;
  readonly task?: string;
  /** What it was to be, to be compared with. */
  readonly spec: Values;
  readonly live: Values;
  /** The calls that were made for it. */
  readonly done: readonly string[];
}

/**
 * Terraform replaces what was half-made: it is removed and made anew. What can't be deleted at Coze waits here between
 * the two, so that the second takes it up and nothing is there twice.
 */
export interface Park {
  leave(kind: CozeKind, half: HalfMade): void;
  take(kind: CozeKind, spec: Values): HalfMade | undefined;
}

/** An empty one. */
export function createPark(): Park {
  const waiting = new Map<string, HalfMade[]>();
  const key = (kind: CozeKind, spec: Values) =>
    canonicalJson([kind.name, ...kind.identity.map((name) => spec[name] ?? null)]);
  return {
    leave(kind, half) {
      const name = key(kind, half.spec);
      waiting.set(name, [...(waiting.get(name) ?? []), half]);
    },
    take(kind, spec) {
      const name = key(kind, spec);
      const fits = (half: HalfMade) =>
        Object.entries(kind.fields).every(
          ([field, own]) => !own.immutable || isSame(own, spec[field], half.spec[field]),
        );
      const found = waiting.get(name)?.find(fits);
      if (found)
        waiting.set(
          name,
          (waiting.get(name) ?? []).filter((one) => one !== found),
        );
      return found;
    },
  };
}
