import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Shape } from "../../core/field.ts";
import { formatPath, mapLeaves, type Path } from "../../core/spec-walk.ts";
import { isObject, type Json } from "../../core/value.ts";
import { findKind } from "../../kind/find-kind.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { cozeProvider } from "../../kinds/index.ts";
import { hasPlaceholder, splitPlaceholders } from "../../manifest/values/substitute.ts";
import { explain } from "../../messages/text.ts";
import { findSecrets } from "../../secrets/detection.ts";

/** What a resource's manifest says that Terraform has no counterpart for, or that its configuration must not hold. */
export function findUnsupported(resource: Resource): readonly Diagnostic[] {
  const kind = findKind(cozeProvider, resource.kind);
  return [
    ...findOriginal(kind, resource),
    ...findImport(resource),
    ...findIgnored(kind, resource),
    ...findClearSecrets(kind, resource),
    ...findBadNames(kind, resource),
  ];
}

const problem = (
  resource: Resource,
  path: Path,
  code: string,
  told: Pick<Diagnostic, "message" | "hint">,
): Diagnostic => ({
  code,
  severity: "error",
  at: path.length === 0 ? resource.at : resource.locate(path),
  address: resource.address,
  ...told,
});

/** A copy source that is named in another environment can only be looked up there, and this makes no API calls. */
function findOriginal(kind: KindSchema, resource: Resource): readonly Diagnostic[] {
  const source = kind.copying?.sources.sourceOf(resource.spec);
  if (!source) return [];
  const told = explain("cdktf/source-in-environment", { environment: source.environment });
  return [problem(resource, source.path, "no-counterpart", told)];
}

/** Terraform takes objects over by blocks of its own; without one it would create a second object. */
function findImport(resource: Resource): readonly Diagnostic[] {
  const { imports: id } = resource;
  return id === undefined ? [] : [problem(resource, [], "no-counterpart", explain("cdktf/import", { id }))];
}

/** Terraform's ignore_changes reach as far as its attributes do. */
function findIgnored(kind: KindSchema, resource: Resource): readonly Diagnostic[] {
  return resource.lifecycle.ignoreChanges.flatMap((path) => {
    const stop = firstOpaque({ type: "object", fields: kind.fields }, path.split(/\.|(?=\[\d+\])/u));
    if (stop === undefined) return [];
    return [problem(resource, [], "no-counterpart", explain("cdktf/ignored-part", { path, whole: stop }))];
  });
}

/** The part of a path that is one value to Terraform, where the path goes on inside of it. */
function firstOpaque(whole: Shape, steps: readonly string[]): string | undefined {
  let shape: Shape | undefined = whole;
  for (const [index, step] of steps.entries()) {
    if (shape?.type === "map" || (shape?.type === "list" && shape.unordered && shape.key === undefined)) {
      return steps
        .slice(0, index)
        .map((part, place) => (place === 0 || part.startsWith("[") ? part : `.${part}`))
        .join("");
    }
    shape = shape?.type === "object" ? shape.fields[step] : shape?.type === "list" ? shape.items : undefined;
  }
  return undefined;
}

/** What Terraform's configuration holds, anybody may read who reads the code. */
function findClearSecrets(kind: KindSchema, resource: Resource): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  mapLeaves(kind.fields, resource.spec, ({ value, path, sensitive }) => {
    const [clear] = textsIn(value, path).filter(({ text }) =>
      sensitive ? text !== "" && !hasPlaceholder(text) : findSecrets(text).length > 0,
    );
    if (clear) {
      const told = explain("cdktf/secret-in-clear", { field: formatPath(clear.path) });
      found.push(problem(resource, clear.path, "secret-in-clear", told));
    }
    return value;
  });
  return found;
}

interface PlacedText {
  readonly text: string;
  readonly path: Path;
}

function textsIn(value: Json, path: Path): readonly PlacedText[] {
  if (typeof value === "string" || typeof value === "number") return [{ text: String(value), path }];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => textsIn(item, [...path, index]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
}

/** Variables of Terraform's are called like the environment variables that manifests name. */
function findBadNames(kind: KindSchema, resource: Resource): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  mapLeaves(kind.fields, resource.spec, ({ value, path }) => {
    for (const placed of textsIn(value, path)) {
      const bad = splitPlaceholders(placed.text)
        .flatMap((part) => ("name" in part ? [part.name] : []))
        .find((name) => name.startsWith("env.") && !isVariableName(name.slice("env.".length)));
      if (bad === undefined) continue;
      const told = explain("cdktf/variable-reserved", { name: bad.slice("env.".length) });
      found.push(problem(resource, placed.path, "no-counterpart", told));
    }
    return value;
  });
  return found;
}

/** https://developer.hashicorp.com/terraform/language/values/variables: names that are words of modules. */
const reserved = ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

const isVariableName = (name: string): boolean => /^[A-Za-z_][\w-]*$/u.test(name) && !reserved.includes(name);
