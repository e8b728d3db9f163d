import { resolve } from "node:path";
import { substituteCopies } from "../../copies/copy-substitution.ts";
import type { Address } from "../../core/address.ts";
import { connectionFields } from "../../core/connection-fields.ts";
import { type Diagnostic, isError, sortDiagnostics } from "../../core/diagnostic.ts";
import { mapLeaves } from "../../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Values } from "../../core/value.ts";
import { findKind } from "../../kind/find-kind.ts";
import type { Lifecycle, Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { cozeProvider } from "../../kinds/index.ts";
import type { Project } from "../../manifest/load.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { completeLookups } from "./lookup-scope.ts";
import { loadSource, type Source } from "./source.ts";
import { findUnsupported } from "./unsupported.ts";

/** What manifests want, as data alone. */
export interface ProjectSnapshot {
  readonly directory: string;
  readonly environmentName: string;
  readonly endpoint: string;
  /** What it depends on comes before each; else in the order of addresses. */
  readonly resources: readonly Planned[];
  /** As texts, ready to be shown. */
  readonly warnings: readonly string[];
}

/** A resource to be made; in its spec, what environment variables hold is left open by placeholders. */
export interface Planned {
  readonly address: Address;
  readonly kind: string;
  readonly spec: Values;
  readonly lifecycle: Lifecycle;
  /** What must come first although the spec doesn't refer to it. */
  readonly comesAfter: readonly Address[];
}

/** All that is wrong with manifests, and the same as a text. */
export interface Refusal {
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
}

/** Reads manifests and what they name, and finds out what Terraform is to make of them; asks nobody anything. */
export async function readSnapshot(
  source: Source,
): Promise<{ readonly blueprint: ProjectSnapshot } | { readonly refusal: Refusal }> {
  const project = await loadSource(source);
  const wanted = substituteCopies(
    (name) => findKind(cozeProvider, name),
    project.resources,
    project.environmentName,
  );
  const { resources, diagnostics: lost } = completeLookups(wanted);
  const diagnostics = sortDiagnostics([
    ...project.diagnostics,
    ...lost,
    ...resources.flatMap(findUnsupported),
  ]);
  if (diagnostics.some(isError)) {
    return { refusal: { diagnostics, text: drawDiagnostics(diagnostics, project) } };
  }
  return {
    blueprint: {
      directory: resolve(source.directory),
      environmentName: project.environmentName,
      endpoint: project.environment.endpoint ?? connectionFields.endpoint.default,
      resources: sortByNeed(resources).map(planResource),
      warnings: diagnostics.map((one) => drawDiagnostics([one], project)),
    },
  };
}

/** Errors and warnings go to people, most often in a terminal of unknown width. */
export const drawDiagnostics = (diagnostics: readonly Diagnostic[], { sources }: Project): string =>
  renderDiagnostics(diagnostics, sources, { terminal: true, color: false, width: 100 });

function sortByNeed(resources: readonly Resource[]): readonly Resource[] {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const sorted = new Set<Resource>();
  const add = (resource: Resource): void => {
    if (sorted.has(resource)) return;
    for (const address of resource.dependencies) {
      const needed = byAddress.get(address);
      if (needed) add(needed);
    }
    sorted.add(resource);
  };
  resources.forEach(add);
  return [...sorted];
}

function planResource({ address, kind, spec, lifecycle, dependencies }: Resource): Planned {
  const referred = referencesIn(findKind(cozeProvider, kind), spec);
  const comesAfter = dependencies.filter((one) => !referred.has(one));
  return { address, kind, spec, lifecycle, comesAfter };
}

function referencesIn(kind: KindSchema, spec: Values): ReadonlySet<Address> {
  const found = new Set<Address>();
  const collect = (value: Json): void => {
    if (isReference(value)) found.add(value.$ref);
    // What isn't an address in a lookup is no resource's, so that it does no harm here.
    else if (isLookup(value)) {
      for (const word of Object.values(value.$lookup))
        typeof word === "string" ? found.add(word) : collect(word);
    }
  };
  mapLeaves(kind.fields, spec, ({ value }) => {
    collect(value);
    return value;
  });
  return found;
}
