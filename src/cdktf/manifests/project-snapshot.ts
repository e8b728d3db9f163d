import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { substituteCopies } from "../../copies/copy-substitution.ts";
import type { Address } from "../../core/address.ts";
import { connectionFields } from "../../core/connection-fields.ts";
import { type Diagnostic, isError, sortDiagnostics } from "../../core/diagnostic.ts";
import { groupBy } from "../../core/group.ts";
import { mapLeaves } from "../../core/spec-walk.ts";
import { countContent } from "../../core/text-content.ts";
import { isLookup, isReference, type Json, type Values } from "../../core/value.ts";
import { awaitedKeys, holderKey } from "../../kind/awaited-contents.ts";
import { findKind } from "../../kind/find-kind.ts";
import type { Lifecycle, Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { cozeProvider, kinds } from "../../kinds/index.ts";
import { loadProject, type Project } from "../../manifest/load.ts";
import { explain } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { completeLookups } from "./lookup-scope.ts";
import { findUnsupported } from "./unsupported.ts";

/** Which project, and what is known of its variables. */
export interface Source {
  readonly directory: string;
  readonly environment?: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of which only Terraform will know what they hold. */
  readonly later: readonly string[];
}

/** Loads a project and leaves its environment variables open: Terraform is given them when it runs. */
async function loadSource({ directory, environment, variables, later }: Source): Promise<Project> {
  return await loadProject({
    directory: resolve(directory),
    kinds,
    env: {},
    variables,
    later: { variables: later },
    // Terraform has its own states, and knows none of cozeform's.
    outputs: () => async (request) => ({
      complaint: { code: "unknown-output", ...explain("cdktf/output-of-project", request) },
    }),
    ...(environment === undefined ? {} : { environment }),
  });
}

/** A project's resources as plain data. */
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

/** Reads a project's manifests and files and describes the resources for Terraform; makes no API calls. */
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
      resources: sortByNeed(awaitContents(resources)).map(planResource),
      warnings: diagnostics.map((one) => drawDiagnostics([one], project)),
    },
  };
}

/** Errors and warnings go to people, most often in a terminal of unknown width. */
const drawDiagnostics = (diagnostics: readonly Diagnostic[], { sources }: Project): string =>
  renderDiagnostics(diagnostics, sources, { terminal: true, color: false, width: 100 });

/** The resources, where what refers to others depends on what Coze processes below these, unless that depends on it. */
function awaitContents(resources: readonly Resource[]): readonly Resource[] {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const contents = groupBy(resources, ({ kind, spec }) => holderKey(findKind(cozeProvider, kind), spec));
  const needs = (address: Address, other: Address): boolean =>
    address === other ||
    (byAddress.get(address)?.dependencies ?? []).some((dependency) => needs(dependency, other));
  return resources.map((resource) => {
    const { address, kind, spec, dependencies } = resource;
    const awaited = awaitedKeys(findKind(cozeProvider, kind), spec)
      .flatMap((key) => contents.get(key) ?? [])
      .filter((content) => !needs(content.address, address));
    if (awaited.length === 0) return resource;
    const all = new Set([...dependencies, ...awaited.map((content) => content.address)]);
    return { ...resource, dependencies: [...all] };
  });
}

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

/** What a project consists of in one environment. */
export interface Inventory {
  readonly environmentName: string;
  readonly isProtected: boolean;
  /**
   * SHA-256 in hexadecimal by path, in the order of paths: of each YAML file, and of each that manifests name. Texts
   * count with their line ends as LF.
   */
  readonly digests: Readonly<Record<string, string>>;
  /** As texts, ready to be shown. */
  readonly warnings: readonly string[];
}

/** Checks a project as `cozeform validate` does and lists its files; the values of environment variables stay open. */
export async function takeInventory(
  source: Source,
): Promise<{ readonly inventory: Inventory } | { readonly refusal: Refusal }> {
  const directory = resolve(source.directory);
  const project = await loadSource(source);
  const { diagnostics } = project;
  if (diagnostics.some(isError))
    return { refusal: { diagnostics, text: drawDiagnostics(diagnostics, project) } };
  const digests: Record<string, string> = {};
  for (const file of project.files)
    digests[file] = countContent(file, await readFile(join(directory, file))).sha256;
  return {
    inventory: {
      environmentName: project.environmentName,
      isProtected: project.environment.protect,
      digests,
      warnings: diagnostics.map((one) => drawDiagnostics([one], project)),
    },
  };
}
