import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Fields } from "../../core/field.ts";
import { mapLeaves, type Path } from "../../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Lookup } from "../../core/value.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { kinds } from "../../kinds/index.ts";

/** The kind of this name; manifests with other kinds were refused before. */
export function findKindData(name: string): KindSchema {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  return kind;
}

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
      if (shape.type !== "ref" || !isLookup(value)) return value;
      const found = completeLookup(resource, findKindData(shape.kind), value);
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
  if (!showsIdentity(kind))
    return { message: `Terraform can't look up a ${kind.name}`, hint: 'give its id: {id: "…"}' };
  const strange = Object.keys($lookup).find((name) => !kind.identity.includes(name));
  if (strange !== undefined) {
    const words = kind.identity.join(" and ");
    return {
      message: `Terraform looks a ${kind.name} up by ${words}, not by ${strange}`,
      hint: `give ${words}`,
    };
  }
  const { parent } = kind;
  if (parent === undefined) return { $lookup };
  const within = $lookup[parent] ?? holderOf(resource, kind);
  if (isLookup(within)) {
    const inner = completeLookup(resource, findKindData(holderKind(kind) ?? ""), within);
    return "message" in inner ? inner : { $lookup: { ...$lookup, [parent]: inner } };
  }
  if (within !== undefined) return { $lookup: { ...$lookup, [parent]: within } };
  return {
    message: `nothing here says which ${parent} holds the ${kind.name}`,
    hint: `add ${parent}: {id: "…"} to the lookup`,
  };
}

/** What holds a resource, as a word of a lookup, where what is looked up is held by the same kind. */
function holderOf({ kind: name, spec }: Resource, wanted: KindSchema): string | Lookup | undefined {
  const kind = findKindData(name);
  const [own, other] = [holderKind(kind), holderKind(wanted)];
  if (kind.parent === undefined || own === undefined || own !== other) return undefined;
  return wordOf(spec[kind.parent]);
}

function holderKind({ parent, fields }: KindSchema): string | undefined {
  const field = parent === undefined ? undefined : fields[parent];
  return field?.type === "ref" ? field.kind : undefined;
}

function wordOf(value: Json | undefined): string | Lookup | undefined {
  if (isReference(value)) return value.$ref;
  if (isLookup(value)) return value;
  return typeof value === "string" ? value : undefined;
}

const fieldsOf = (kind: string): Fields => findKindData(kind).fields;
