import type { Fields, Shape } from "../core/field.ts";
import type { Report } from "./codes.ts";
import { type Mapping, type Scalar, type Written, withEntries } from "./written.ts";

/**
 * Reports texts of sensitive fields that stand in the manifest itself, and marks them so that no later
 * message shows them; `hide` is told each of them.
 */
export function rejectClearTexts(
  fields: Fields,
  node: Mapping,
  report: Report,
  hide: (clear: Scalar) => void,
): Mapping {
  const changes = new Map<string, Written>();
  for (const [name, entry] of node.entries) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) changes.set(name, visit(field, entry.value, field.sensitive === true));
  }
  return withEntries(node, changes);

  function visit(shape: Shape | undefined, part: Written, sensitive: boolean): Written {
    if (part.type === "scalar") return sensitive ? rejectClearText(part, "${env.NAME}", report, hide) : part;
    if (part.type === "list") {
      const items = shape?.type === "list" ? shape.items : undefined;
      return { ...part, items: part.items.map((item) => visit(items, item, sensitive)) };
    }
    const inner = [...part.entries].map(([key, { value }]) => {
      const field =
        shape?.type === "object" && Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
      const next = shape?.type === "map" ? shape.values : field;
      return [key, visit(next, value, sensitive || field?.sensitive === true)] as const;
    });
    return withEntries(part, new Map(inner));
  }
}

/**
 * Reports a text as a secret in clear unless it came from elsewhere, and marks it as reported; `instead` is what
 * to write in its place.
 */
export function rejectClearText(
  clear: Scalar,
  instead: string,
  report: Report,
  hide: (clear: Scalar) => void,
): Scalar {
  if (typeof clear.value !== "string" || clear.value === "" || clear.from || clear.broken) return clear;
  hide(clear);
  report(clear.at, {
    code: "secret-in-clear",
    message: "a secret stands here in clear",
    hint: `write ${instead} and set the environment variable NAME`,
  });
  return { ...clear, broken: true };
}
