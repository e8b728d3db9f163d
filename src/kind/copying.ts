import type { CopyReference } from "../core/field.ts";
import type { Values } from "../core/value.ts";

/** Where the sources of copies are, and how a spec changes once one is found. Pure. */
export interface CopySources<S = Values, L = Values> {
  /** What the spec names in an environment; undefined when it gives an id or a reference. */
  sourceOf(spec: Partial<S>): SourceName | undefined;
  /** Resources that, with the source's name, are the source or make it; the first that exists counts. */
  makersOf(source: SourceName): readonly CopyReference[];
  /** Whether a listed object is the named one. */
  isNamed(live: L, source: SourceName): boolean;
  /** The spec with the source in it, and with the source's revision unless the spec has one. */
  bind(spec: S, source: CopySource<L>): S;
  /** The source that a spec was bound to, or that it gives by id. */
  boundTo(spec: Partial<S>): CopySource<L> | undefined;
  /** The source that a spec gives by its id alone: the kind of it, and where the id stands. */
  original(spec: Partial<S>): WrittenSource | undefined;
  /** In the environment that it names, the manifest stands for the source: references to it become this lookup. */
  lookup(source: SourceName): { readonly kind: string; readonly words: { readonly [field: string]: string } };
}

/** An object that another one is made from. */
export interface CopySource<L = Values> {
  readonly id: string;
  /** Tells its states apart. */
  readonly revision?: string | undefined;
  /** Its entry in a listing. */
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

/** An id of a source in a spec. */
interface WrittenSource {
  readonly kind: string;
  readonly id: string;
  readonly path: readonly string[];
}

/** The search for side products, planned: it is made once after the tasks of a run, below each parent of their objects. */
export interface SideProductRules<S = Values> {
  /** Whether an object can have no side products; `before`: ids of objects like it that existed already. */
  none(spec: Partial<S>, before: readonly string[]): boolean;
  /** How many calls the search makes at the least. */
  calls(specs: readonly Partial<S>[]): number;
}

/** The search for objects that Coze made along with others. */
export interface SideProductQuery<Api, S = Values> extends SideProductRules<S> {
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

/** An object that was made along with some arrivals, by their ids. */
export interface FoundSideProduct {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly with: readonly string[];
}
