import type { Whereabouts } from "../core/failure.ts";
import { mapLeaves, type Path } from "../core/spec-walk.ts";
import type { LocateId } from "../engine/failure-parts.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import { cozeProvider } from "../kinds/index.ts";
import type { Store } from "../state/store.ts";
import type { Host } from "./host.ts";
import { readOtherEnvironment } from "./other-environment.ts";
import type { Planned } from "./plan.ts";
import type { ProjectOptions } from "./project.ts";
import type { Trust } from "./trust.ts";

/** The resources of an environment and its state. */
interface LocateContext {
  readonly resources: readonly Resource[];
  readonly entries: { readonly [address: string]: Entry };
}

/**
 * Creates a function that finds the resource of an object at Coze: the resource that created it, or else one that
 * refers to it. It searches this environment and those of copy sources, whose manifests and states it reads on first
 * use. It makes no call.
 */
export function createObjectLocator(
  host: Host,
  options: ProjectOptions,
  { project, desired }: Pick<Planned, "project" | "desired">,
  store: Store,
): LocateId {
  let others: Promise<readonly LocateContext[]> | undefined;
  return async (id) => {
    others ??= readOthers(host, options, project.trust, desired);
    const all = [{ resources: desired, entries: store.state.resources }, ...(await others)];
    return firstOf(all, (one) => findCreator(one, id)) ?? firstOf(all, (one) => findReference(one, id));
  };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const kindOf = (name: string): KindSchema => findKind(cozeProvider, name);

/** The environments of copy sources. One that is invalid is left out. */
async function readOthers(
  host: Host,
  options: ProjectOptions,
  trust: Trust,
  desired: readonly Resource[],
): Promise<readonly LocateContext[]> {
  const names = desired.flatMap(
    ({ kind, spec }) => kindOf(kind).copying?.sources.sourceOf(spec)?.environment ?? [],
  );
  const read = [...new Set(names)].map(async (name) => {
    const { project, state } = await readOtherEnvironment(host, options, name, trust);
    return { resources: project.resources, entries: state.resources };
  });
  const settled = await Promise.allSettled(read);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/** The resource that created an object. */
function findCreator({ resources, entries }: LocateContext, id: string): Whereabouts | undefined {
  const creator = resources.find(({ address }) => entries[address]?.id === id);
  return creator && { address: creator.address, at: creator.at };
}

/** The field that refers to an object by its id: in the manifest, or after a lookup in the last applied spec. */
function findReference({ resources, entries }: LocateContext, id: string): Whereabouts | undefined {
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
