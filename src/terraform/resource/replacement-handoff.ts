import type { Values } from "../../core/value.ts";
import type { Place } from "../../kind/kind.ts";
import type { ResourceState } from "../provider/provider-interface.ts";
import { type CozeKind, taskName, unfinishedName } from "../schema/names.ts";
import { comparing, toValues } from "./attribute-conversion.ts";
import { isConfigEqual } from "./config-equality.ts";
import { placeIn } from "./read.ts";

/** An object whose creation wasn't completed. */
export interface PartialObject {
  /** Undefined while Coze is still making it. */
  readonly place: Place | undefined;
  readonly task?: string | undefined;
  /** What it was to be, to be compared with. */
  readonly spec: Values;
  /** Names of the calls that weren't made for it. */
  readonly left: readonly string[];
}

/** The half-made object of a state; undefined when it is whole. */
export function partialObjectIn(kind: CozeKind, state: ResourceState): PartialObject | undefined {
  const left = unfinishedCallsIn(state);
  const task = state[taskName];
  if (left.length === 0) return undefined;
  const spec = toValues(kind.fields, state, comparing);
  return { place: placeIn(kind, state), spec, left, task: typeof task === "string" ? task : undefined };
}

/** Names of the calls that a state waits for. */
export function unfinishedCallsIn(state: ResourceState): readonly string[] {
  const left = state[unfinishedName];
  return Array.isArray(left) ? left.map(String) : [];
}

/**
 * Terraform replaces a half-made object: it removes and recreates it. One that can't be deleted at Coze waits here between
 * the two, so that the second takes it up and no object exists twice.
 */
export interface ReplacementHandoff {
  offer(kind: CozeKind, partial: PartialObject): void;
  take(kind: CozeKind, spec: Values): PartialObject | undefined;
}

/** An empty one. */
export function createReplacementHandoff(): ReplacementHandoff {
  const waiting = new Map<string, PartialObject[]>();
  return {
    offer(kind, partial) {
      waiting.set(kind.name, [...(waiting.get(kind.name) ?? []), partial]);
    },
    take(kind, spec) {
      const offered = waiting.get(kind.name) ?? [];
      const found = offered.find((partial) => becomes(kind, partial.spec, spec));
      waiting.set(
        kind.name,
        offered.filter((partial) => partial !== found),
      );
      return found;
    },
  };
}

/** Whether what one was to be can become the other: its identity and what can't change are the same. */
const becomes = ({ fields, identity }: CozeKind, partial: Values, spec: Values): boolean =>
  Object.entries(fields).every(
    ([name, field]) =>
      field.presence === "computed" ||
      !(field.immutable || identity.includes(name)) ||
      isConfigEqual(field, spec[name], partial[name]),
  );
