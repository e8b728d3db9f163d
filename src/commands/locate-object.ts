import type { Whereabouts } from "../core/failure.ts";
import { mapLeaves, type Path } from "../core/spec-walk.ts";
import type { LocateId } from "../engine/failures.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { cozeProvider } from "../kinds/index.ts";
import type { Store } from "../state/store.ts";
import type { Host, ProjectOptions } from "./connections.ts";
import { readOtherEnvironment } from "./environments.ts";
import type { Planned } from "./plan.ts";

/** What is wanted in an environment, and what is remembered of it. */
interface LocateContext {
  readonly resources: readonly Resource[];
  readonly entries: { readonly [address: string]: Entry };
}

/**
 * Finds which resource of a project stands for an object at Coze, in this environment or in those that its resources
 * name originals in: a resource that made it, one that is made from it, or one that names it. Reads the others'
 * manifests and states when it is first asked, and makes no call.
 */
export function createObjectLocator(
  host: Host,
  options: ProjectOptions,
  { desired }: Pick<Planned, "desired">,
  store: Store,
): LocateId {
  let others: Promise<readonly LocateContext[]> | undefined;
  return async (id) => {
    others ??= readOthers(host, options, desired);
    const all = [{ resources: desired, entries: store.state.resources }, ...(await others)];
    return firstOf(all, (one) => findMaker(one, id)) ?? firstOf(all, (one) => findMention(one, id));
  };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const kindOf = (name: string): Kind<never> => findKind(cozeProvider, name);

/** The environments that resources name originals in; one whose manifests are broken by now tells nothing. */
async function readOthers(
  host: Host,
  options: ProjectOptions,
  desired: readonly Resource[],
): Promise<readonly LocateContext[]> {
  const names = desired.flatMap(
    ({ kind, spec }) => kindOf(kind).originals?.sourceOf(spec as never)?.environment ?? [],
  );
  const read = [...new Set(names)].map(async (name) => {
    const { project, state } = await readOtherEnvironment(host, options, name);
    return { resources: project.resources, entries: state.resources };
  });
  const settled = await Promise.allSettled(read);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/** The resource that an object was made by. */
function findMaker({ resources, entries }: LocateContext, id: string): Whereabouts | undefined {
  const maker = resources.find(({ address }) => entries[address]?.id === id);
  return maker && { address: maker.address, at: maker.at };
}

/** The field that names an object: as it is wanted, or, for one that was found by its name, as it was last applied. */
function findMention({ resources, entries }: LocateContext, id: string): Whereabouts | undefined {
  return firstOf(resources, ({ address, kind, spec, locate }) => {
    const path = findPath(kind, spec, id) ?? findPath(kind, entries[address]?.spec ?? {}, id);
    return path && { address, at: locate(path) };
  });
}

function findPath(kind: string, spec: Resource["spec"], id: string): Path | undefined {
  let found: Path | undefined;
  mapLeaves(kindOf(kind).fields, spec, ({ value, path }) => {
    if (value === id) found ??= path;
    return value;
  });
  return found;
}
