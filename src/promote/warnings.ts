import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { formatPath, type Path } from "../core/spec-walk.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Provider } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Plan } from "../plan/plan.ts";
import type { State } from "../state/model.ts";

/** The wanted resources of an environment. */
interface EnvironmentResources {
  readonly name: string;
  readonly resources: readonly Resource[];
}

/** The source has nothing to promote. */
export const warnUnreleased = ({ address, at }: Resource, from: string, draft: boolean): Diagnostic => ({
  code: "unreleased",
  severity: "error",
  address,
  at,
  message: draft ? `${address} is gone in ${from}` : `${address} isn't published in ${from}`,
  hint: draft
    ? `apply ${from} first`
    : `publish it there with "cozeform apply -e ${from}", promote drafts (--draft), or name what to promote without it`,
});

/** A manual change in the source that isn't promoted. */
export const warnChangedByHand = (
  { address, locate }: Resource,
  path: Path,
  from: string,
  to: string,
): Diagnostic => ({
  code: "changed-there",
  severity: "warning",
  address,
  at: locate(path),
  message: `${address}: ${formatPath(path)} was changed in ${from}, and stays as ${to}'s manifest says, since the manifests differ there`,
  hint: "write the change into the manifests, or let both say the same",
});

/** Resources of both manifests that the source hasn't created yet. */
export const warnUnmade = (
  { resources, state, name }: EnvironmentResources & { readonly state: Pick<State, "resources"> },
  both: readonly Resource[],
): readonly Diagnostic[] => {
  const known = new Set(resources.map(({ address }) => address));
  return both
    .filter(({ address }) => known.has(address) && state.resources[address]?.id === undefined)
    .map(({ address, at }) => ({
      code: "unmade-there",
      severity: "warning",
      address,
      at,
      message: `${address} isn't in ${name} yet: it is left out`,
      hint: `make it there first: cozeform apply -e ${name}`,
    }));
};

/** Resources outside a partial promotion that keep referring to replaced copies. */
export function warnBoundToPrevious(wanted: readonly Resource[], { steps }: Plan): readonly Diagnostic[] {
  const part = new Set(steps.map(({ address }) => address));
  return steps
    .filter(({ action }) => action === "replace")
    .flatMap(({ address, at }) => {
      const others = wanted.filter((one) => one.dependencies.includes(address) && !part.has(one.address));
      if (others.length === 0) return [];
      const names = others.map((one) => one.address).join(", ");
      return {
        code: "not-moved",
        severity: "warning",
        address,
        at,
        message: `${names} goes on with the present ${address}, being no part of this promotion`,
        hint: "name it as well to move it to the new one",
      };
    });
}

/** Copies from another environment than the source. */
export const warnCopiedElsewhere = <Api>(
  provider: Provider<Api>,
  from: string,
  target: EnvironmentResources,
): readonly Diagnostic[] =>
  target.resources.flatMap(({ address, kind, spec, at }) => {
    const environment = findKind(provider, kind).copying?.sources.sourceOf(spec)?.environment;
    if (environment === undefined || environment === from) return [];
    return {
      code: "copied-elsewhere",
      severity: "warning",
      address,
      at,
      message: `${address} is copied from ${environment}: a promotion from ${from} leaves it as it is`,
      hint: `to have ${from}'s, say source: {environment: ${from}, …} in a patch of ${target.name}`,
    };
  });

/** Requested addresses of which nothing is promoted. */
export function warnNotPromoted(
  addresses: readonly Address[],
  promoted: readonly Address[],
  from: string,
): readonly Diagnostic[] {
  return addresses
    .filter((asked) => !promoted.some((address) => addressMatches(asked, address)))
    .map((asked) => ({
      code: "not-promoted",
      severity: "error",
      message: `there is nothing to promote of ${asked}: it isn't a Copy from ${from}, and ${from} hasn't made it in place`,
      hint: `promoted are bots that both environments have, and copies whose source is in ${from}`,
    }));
}
