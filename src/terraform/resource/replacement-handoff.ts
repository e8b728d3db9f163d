import type { Values } from "../../core/value.ts";
import type { Place } from "../../kind/kind.ts";
import type { ResourceState } from "../provider/provider-interface.ts";
import { type CozeKind, taskName, unfinishedName } from "../schema/names.ts";

import { isConfigEqual } from "./config-equality.ts";
import { placeIn } from "./read.ts";
import { comparing, toValues } from "./values.ts";

/** An object whose creation wasn't ended. */
export interface HalfMade {
  /** Undefined while Coze is still making it. */
  readonly place: Place | undefined;
  readonly task?: string;
  /** What it was to be, to be compared with. */
  readonly spec: Values;
  /** Names of the calls that weren't made for it. */
  readonly left: readonly string[];
}

/** The half-made object of a state; undefined when it is whole. */
export function halfMadeIn(kind: CozeKind, state: ResourceState): HalfMade | undefined {
  const left = leftIn(state);
  const task = state[taskName];
  if (left.length === 0) return undefined;
  const spec = toValues(kind.fields, state, comparing);
  return { place: placeIn(kind, state), spec, left, ...(typeof task === "string" ? { task } : {}) };
}

/** Names of the calls that a state waits for. */
export function leftIn(state: ResourceState): readonly string[] {
  const left = state[unfinishedName];
  return Array.isArray(left) ? left.map(String) : [];
}

/**
 * Terraform replaces what was half-made: it is removed and made anew. What can't be deleted at Coze waits here between
 * the two, so that the second takes it up and nothing is there twice.
 */
export interface ReplacementHandoff {
  leave(kind: CozeKind, half: HalfMade): void;
  take(kind: CozeKind, spec: Values): HalfMade | undefined;
}

/** An empty one. */
export function createReplacementHandoff(): ReplacementHandoff {
  const waiting = new Map<string, HalfMade[]>();
  return {
    leave(kind, half) {
      waiting.set(kind.name, [...(waiting.get(kind.name) ?? []), half]);
    },
    take(kind, spec) {
      const there = waiting.get(kind.name) ?? [];
      const found = there.find((half) => becomes(kind, half.spec, spec));
      waiting.set(
        kind.name,
        there.filter((half) => half !== found),
      );
      return found;
    },
  };
}

/** Whether what one was to be can become the other: its identity and what can't change are the same. */
const becomes = ({ fields, identity }: CozeKind, half: Values, spec: Values): boolean =>
  Object.entries(fields).every(
    ([name, field]) =>
      field.presence === "computed" ||
      !(field.immutable || identity.includes(name)) ||
      isConfigEqual(field, spec[name], half[name]),
  );
