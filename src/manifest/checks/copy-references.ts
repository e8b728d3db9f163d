import { formatPath, mapLeaves } from "../../core/spec-walk.ts";
import { isReference } from "../../core/value.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Report } from "../diagnostic-codes.ts";

/** Reports references to resources that don't make what the field wants: a bot's copy among workflows. */
export function reportCopyReferences(
  resources: readonly Resource[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
): void {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  for (const resource of resources) {
    mapLeaves(kinds.get(resource.kind)?.fields ?? {}, resource.spec, ({ shape, value, path }) => {
      const named = isReference(value) ? byAddress.get(value.$ref) : undefined;
      const others = shape.type === "ref" ? Object.values(shape.others ?? {}) : [];
      const other = others.find(({ kind }) => kind === named?.kind);
      if (shape.type !== "ref" || !named || !other) return value;
      const wrong = Object.entries(other.where).find(([name, want]) => named.spec[name] !== want);
      if (wrong) {
        const [name, want] = wrong;
        const message = `${formatPath(path)} takes a ${shape.kind}, and the ${name} of ${named.address} isn't ${want}`;
        report(resource.locate(path), {
          code: "wrong-stand-in",
          message,
          hint: `name one with ${name}: ${want}`,
        });
      }
      return value;
    });
  }
}
