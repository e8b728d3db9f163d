import type { Diagnostic } from "../../core/diagnostic.ts";
import { type Fields, kindLookedUp } from "../../core/field.ts";
import { mapLeaves, type Path } from "../../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Lookup } from "../../core/value.ts";
import { findKind } from "../../kind/find-kind.ts";
import { holderKind } from "../../kind/holder.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { cozeProvider } from "../../kinds/index.ts";
import { explain } from "../../messages/text.ts";

/**
 * Resources whose lookups all say within what one looks: what says nothing is looked up within what holds the resource.
 * Diagnostics are about those that no data source can answer.
 */
export function completeLookups(resources: readonly Resource[]): {
  readonly resources: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const completed = resources.map((resource) => {
    const spec = mapLeaves(fieldsOf(resource.kind), resource.spec, ({ shape, value, path }) => {
      const kind = kindLookedUp(shape);
      if (kind === undefined || !isLookup(value)) return value;
      const found = completeLookup(resource, findKind(cozeProvider, kind), value);
      if (!("message" in found)) return found;
      diagnostics.push(describeProblem(resource, path, found));
      return value;
    });
    return { ...resource, spec };
  });
  return { resources: completed, diagnostics };
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

const describeProblem = (resource: Resource, path: Path, problem: Problem): Diagnostic => ({
  code: "lookup-nowhere",
  severity: "error",
  at: resource.locate(path),
  address: resource.address,
  ...problem,
});

function completeLookup(resource: Resource, kind: KindSchema, { $lookup }: Lookup): Lookup | Problem {
  if (!showsIdentity(kind)) return explain("cdktf/lookup-impossible", { kind: kind.name });
  const words = [...kind.identity, ...(kind.narrowedBy ?? [])];
  const strange = Object.keys($lookup).find((name) => !words.includes(name));
  if (strange !== undefined) {
    return explain("cdktf/lookup-by-other", {
      kind: kind.name,
      field: strange,
      fields: words.join(", "),
    });
  }
  const { parent } = kind;
  if (parent === undefined) return { $lookup };
  const within = $lookup[parent] ?? holderOf(resource, kind);
  if (isLookup(within)) {
    const inner = completeLookup(resource, findKind(cozeProvider, holderKind(kind) ?? ""), within);
    return "message" in inner ? inner : { $lookup: { ...$lookup, [parent]: inner } };
  }
  if (within !== undefined) return { $lookup: { ...$lookup, [parent]: within } };
  return explain("cdktf/lookup-nowhere", { parent, kind: kind.name });
}

/** What holds a resource, as a word of a lookup, where what is looked up is held by the same kind. */
function holderOf({ kind: name, spec }: Resource, wanted: KindSchema): string | Lookup | undefined {
  const kind = findKind(cozeProvider, name);
  const [own, other] = [holderKind(kind), holderKind(wanted)];
  if (kind.parent === undefined || own === undefined || own !== other) return undefined;
  return wordOf(spec[kind.parent]);
}

function wordOf(value: Json | undefined): string | Lookup | undefined {
  if (isReference(value)) return value.$ref;
  if (isLookup(value)) return value;
  return typeof value === "string" ? value : undefined;
}

const fieldsOf = (kind: string): Fields => findKind(cozeProvider, kind).fields;
