import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { formatPath, type Path } from "../core/spec-walk.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Plan } from "../plan/plan.ts";
import type { PromotionSource, PromotionTarget } from "./promotion.ts";

/** Nothing that could be promoted is there. */
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

/** A change by hand that no manifest brings along. */
export const warnStrayed = (
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

/** What both manifests have and the source hasn't made. */
export const warnUnmade = <Api>(
  { resources, state, name }: PromotionSource<Api>,
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

/** What goes on with the copies that a promotion of some addresses replaces. */
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
        ...(at ? { at } : {}),
        message: `${names} goes on with the present ${address}, being no part of this promotion`,
        hint: "name it as well to move it to the new one",
      };
    });
}

/** Copies that come from elsewhere than the rest. */
export const warnOthers = <Api>(
  { engine, name }: PromotionSource<Api>,
  target: PromotionTarget,
): readonly Diagnostic[] =>
  target.resources.flatMap(({ address, kind, spec, at }) => {
    const environment = findKind(engine.provider, kind).copying?.sources.sourceOf(spec)?.environment;
    if (environment === undefined || environment === name) return [];
    return {
      code: "copied-elsewhere",
      severity: "warning",
      address,
      at,
      message: `${address} is copied from ${environment}: a promotion from ${name} leaves it as it is`,
      hint: `to have ${name}'s, say source: {environment: ${name}, …} in a patch of ${target.name}`,
    };
  });

/** Addresses that were asked for and that nothing is promoted of. */
export function warnUnmoved(
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
