import type { Fields, Shape } from "../core/field.ts";
import type { Report } from "./codes.ts";
import { type Mapping, mapEntries, own, type Scalar, type Written } from "./written.ts";

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
  const visitMap = (shape: Shape | undefined, map: Mapping, sensitive: boolean): Mapping =>
    mapEntries(map, (value, key) => {
      const field = shape?.type === "object" ? own(shape.fields, key) : undefined;
      const inner = shape?.type === "map" ? shape.values : field;
      return visit(inner, value, sensitive || field?.sensitive === true);
    });
  const visit = (shape: Shape | undefined, part: Written, sensitive: boolean): Written => {
    if (part.type === "map") return visitMap(shape, part, sensitive);
    if (part.type === "scalar") return sensitive ? rejectClearText(part, insteadOfClear, report, hide) : part;
    const items = shape?.type === "list" ? shape.items : undefined;
    return { ...part, items: part.items.map((item) => visit(items, item, sensitive)) };
  };
  return visitMap({ type: "object", fields }, node, false);
}

const insteadOfClear =
  "write ${env.NAME} and set the environment variable NAME; what is no secret may be a variable: ${var.NAME}";

/**
 * Reports a text as a secret in clear unless it came from elsewhere, and marks it as reported; `hint` says what
 * to write in its place.
 */
export function rejectClearText(
  clear: Scalar,
  hint: string,
  report: Report,
  hide: (clear: Scalar) => void,
): Scalar {
  const { value, from, broken } = clear;
  const isSecret = typeof value === "number" || (typeof value === "string" && value !== "");
  if (!isSecret || from || broken) return clear;
  hide(clear);
  report(clear.at, {
    code: "secret-in-clear",
    message: "a secret stands here in clear",
    hint,
  });
  return { ...clear, broken: true };
}

/** Reports an address of the API that holds more than an address: the state remembers it, and messages show it. */
export function rejectLadenAddress(address: Written, report: Report, hide: (clear: Scalar) => void): Written {
  if (address.type !== "scalar" || typeof address.value !== "string" || address.broken) return address;
  const loads = loadsOf(address.value);
  if (loads.length === 0) return address;
  hide(address);
  report(address.at, {
    code: "secret-in-clear",
    message: `the endpoint holds ${loads.join(" and ")}`,
    hint: "give the address alone, such as https://api.coze.cn; how to sign in stands under auth",
  });
  return { ...address, broken: true };
}

function loadsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, search, hash } = new URL(url);
  return [
    ...(username || password ? ["a user name or password"] : []),
    ...(search ? ["a query"] : []),
    ...(hash ? ["a fragment"] : []),
  ];
}
