import type { CopyReference } from "../core/field.ts";
import type { Values } from "../core/value.ts";
import type { Item } from "./kind.ts";

/** Where originals are, and what becomes of a spec once one is found; pure. */
export interface CopySources<S = Values, L = Values> {
  /** What the spec names in an environment; undefined when it names an original by its id, or by a reference. */
  sourceOf(spec: Partial<S>): SourceName | undefined;
  /** Resources that, with the source's name, are the original or make it; the first that is there counts. */
  makersOf(source: SourceName): readonly CopyReference[];
  /** Whether a listed object is the named one. */
  isNamed(item: Item<L>, source: SourceName): boolean;
  /** The spec with the original in it, and with the original's revision unless the spec has one. */
  bind(spec: S, original: CopySource<L>): S;
  /** The original that a spec was bound to, or that it names by its id. */
  boundTo(spec: Partial<S>): CopySource<L> | undefined;
  /** In the environment that it names, the manifest stands for the original: who refers to it looks this up. */
  lookup(source: SourceName): { readonly kind: string; readonly words: { readonly [field: string]: string } };
}

/** An object that another one is made from. */
export interface CopySource<L = Values> {
  readonly id: string;
  /** Tells its states apart. */
  readonly revision?: string | undefined;
  /** What its list tells of it. */
  readonly live?: L | undefined;
}

/** An object of another environment: the environment's name, the type and the name of the object. */
export interface SourceName {
  readonly environment: string;
  readonly type: string;
  readonly name: string;
  /** Where the name stands in the spec. */
  readonly path: readonly string[];
}
