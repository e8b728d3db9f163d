import type { Values } from "../core/value.ts";

/** Looked for once when the tasks of a run are over, below each holder of objects that they made. */
export interface SideProductQuery<Api, S = Values> {
  /** Whether nothing can come along with an object; `before`: ids of objects like it that were there already. */
  none(spec: Partial<S>, before: readonly string[]): boolean;
  /** How many calls `find` makes at the least. */
  calls(specs: readonly Partial<S>[]): number;
  find(
    api: Api,
    parent: string | undefined,
    arrivals: readonly Arrival<S>[],
  ): Promise<readonly FoundSideProduct[]>;
}

/** An object that a task made; `begun` by Coze's clock, epoch seconds, rather too early than too late. */
export interface Arrival<S = Values> {
  readonly id: string;
  readonly spec: Partial<S>;
  readonly begun: number;
}

/** An object that came along with one of some arrivals, by their ids. */
export interface FoundSideProduct {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly with: readonly string[];
}
