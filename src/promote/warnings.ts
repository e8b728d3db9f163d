import { type Address, addressMatches } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { formatPath, type Path } from "../core/spec-walk.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Provider } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import { explain } from "../messages/text.ts";
import type { Plan } from "../plan/plan.ts";
import type { State } from "../state/model.ts";

/** The wanted resources of an environment. */
interface EnvironmentResources {
  readonly name: string;
  readonly resources: readonly Resource[];
}

const warn = (
  code: string,
  { address, at }: Pick<Diagnostic, "address" | "at">,
  texts: Pick<Diagnostic, "message" | "hint">,
): Diagnostic => ({ code, severity: "warning", address, at, ...texts });

/** The source has nothing to promote. */
export const warnUnreleased = ({ address, at }: Resource, from: string, draft: boolean): Diagnostic => ({
  code: "unreleased",
  severity: "error",
  address,
  at,
  ...explain(draft ? "promote/gone-in-source" : "promote/not-published", {
    address,
    from,
    commandLine: commandLine(["apply"], { environment: from }),
  }),
});

/** A manual change in the source that isn't promoted. */
export const warnChangedByHand = (
  { address, locate }: Resource,
  path: Path,
  from: string,
  to: string,
): Diagnostic =>
  warn(
    "changed-there",
    { address, at: locate(path) },
    explain("promote/changed-by-hand", { address, path: formatPath(path), from, to }),
  );

/** Resources of both manifests that the source hasn't created yet. */
export const warnUnmade = (
  { resources, state, name }: EnvironmentResources & { readonly state: Pick<State, "resources"> },
  both: readonly Resource[],
): readonly Diagnostic[] => {
  const known = new Set(resources.map(({ address }) => address));
  return both
    .filter(({ address }) => known.has(address) && state.resources[address]?.id === undefined)
    .map((one) =>
      warn(
        "unmade-there",
        one,
        explain("promote/unmade", {
          address: one.address,
          from: name,
          commandLine: commandLine(["apply"], { environment: name }),
        }),
      ),
    );
};

/** Resources outside a partial promotion that keep referring to replaced copies. */
export function warnBoundToPrevious(wanted: readonly Resource[], { steps }: Plan): readonly Diagnostic[] {
  const part = new Set(steps.map(({ address }) => address));
  return steps
    .filter(({ action }) => action === "replace")
    .flatMap((step) => {
      const { address } = step;
      const others = wanted.filter((one) => one.dependencies.includes(address) && !part.has(one.address));
      if (others.length === 0) return [];
      const values = { names: others.map((one) => one.address).join(", "), address, count: others.length };
      return warn("not-moved", step, explain("promote/bound-to-previous", values));
    });
}

/** Copies from another environment than the source. */
export const warnCopiedElsewhere = <Api>(
  provider: Provider<Api>,
  from: string,
  target: EnvironmentResources,
): readonly Diagnostic[] =>
  target.resources.flatMap((resource) => {
    const { address, kind, spec } = resource;
    const environment = findKind(provider, kind).copying?.sources.sourceOf(spec)?.environment;
    if (environment === undefined || environment === from) return [];
    const values = { address, environment, from, to: target.name };
    return warn("copied-elsewhere", resource, explain("promote/copied-elsewhere", values));
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
      ...explain("promote/nothing-to-promote", { address: asked, from }),
    }));
}
