import type { Fields, Shape } from "../../core/field.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";
import { notYetKnown } from "../values/substitute.ts";
import {
  type Mapping,
  mapEntries,
  mapItems,
  ownValue,
  type Scalar,
  type SourceNode,
} from "../yaml/source-tree.ts";

/** The problem of a value from an environment variable in a field that is shown. */
export const exposedSecret = (variable: string): Problem => ({
  code: "secret-in-open",
  ...explain("manifest/exposed-secret", { variable }),
});

/**
 * Reports secrets in the wrong place: values from environment variables in fields that aren't sensitive, and texts of
 * sensitive fields in the manifest itself. Such values are marked, so that no later message shows them.
 */
export const rejectMisplacedSecrets = (
  fields: Fields,
  node: Mapping,
  report: Report,
  mask: (secret: Scalar) => void,
): Mapping =>
  mapScalars({ type: "object", fields }, node, (scalar, sensitive) =>
    sensitive
      ? rejectPlaintext(scalar, say("manifest/secret-by-interpolation"), report, mask)
      : rejectExposedScalar(scalar, report),
  );

/** Reports values from environment variables where no part is sensitive. */
export const rejectExposedValue = (node: SourceNode, report: Report): SourceNode =>
  mapScalars(undefined, node, (scalar) => rejectExposedScalar(scalar, report));

/** The same for settings, which have to be known when they are read as well. */
export const rejectExposedOrDeferred = (node: SourceNode, report: Report): SourceNode =>
  mapScalars(undefined, node, (scalar) => {
    if (!scalar.later || scalar.broken || scalar.secretOf !== undefined)
      return rejectExposedScalar(scalar, report);
    report(scalar.at, notYetKnown());
    return { ...scalar, broken: true };
  });

function rejectExposedScalar(scalar: Scalar, report: Report): Scalar {
  if (scalar.secretOf === undefined || scalar.broken) return scalar;
  report(scalar.secretAt ?? scalar.at, exposedSecret(scalar.secretOf));
  return { ...scalar, broken: true };
}

/** A value with every scalar replaced; `change` learns whether a field around it is sensitive. */
function mapScalars<Node extends SourceNode>(
  whole: Shape | undefined,
  node: Node,
  change: (scalar: Scalar, sensitive: boolean) => Scalar,
): Node {
  const visit = (shape: Shape | undefined, part: SourceNode, sensitive: boolean): SourceNode => {
    if (part.type === "scalar") return change(part, sensitive);
    if (part.type === "list") {
      const items = shape?.type === "list" ? shape.items : undefined;
      return mapItems(part, (item) => visit(items, item, sensitive));
    }
    return mapEntries(part, (value, key) => {
      const field = shape?.type === "object" ? ownValue(shape.fields, key) : undefined;
      const inner = shape?.type === "map" ? shape.values : field;
      return visit(inner, value, sensitive || field?.sensitive === true);
    });
  };
  return visit(whole, node, false) as Node;
}

/**
 * Reports a text as a secret in clear unless it came from elsewhere, and marks it as reported; `hint` says what
 * to write in its place.
 */
export function rejectPlaintext(
  secret: Scalar,
  hint: string,
  report: Report,
  mask: (secret: Scalar) => void,
): Scalar {
  const { value, from, broken } = secret;
  const isSecret = typeof value === "number" || (typeof value === "string" && value !== "");
  if (!isSecret || from || broken) return secret;
  mask(secret);
  report(secret.at, { code: "secret-in-clear", message: say("manifest/plain-secret"), hint });
  return { ...secret, broken: true };
}

/**
 * Reports an address that holds more than an address, unless a `query` may be a part of it: messages show it, and the
 * state remembers that of the API.
 */
export function rejectAddressExtras(
  address: SourceNode,
  report: Report,
  mask: (secret: Scalar) => void,
  may: { readonly query?: boolean } = {},
): SourceNode {
  if (address.type !== "scalar" || typeof address.value !== "string") return address;
  // What looks like a secret in an address isn't reported with its file.
  if (address.broken && !address.secret) return address;
  const extras = addressExtras(address.value, may.query === true);
  if (extras.length === 0) return address;
  mask(address);
  const problem = explain("manifest/endpoint", { parts: extras.join(", ") });
  report(address.at, { code: "secret-in-clear", ...problem });
  return { ...address, broken: true };
}

function addressExtras(url: string, mayQuery: boolean): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, search, hash } = new URL(url);
  return [
    ...(username || password ? [say("manifest/endpoint-user")] : []),
    ...(search && !mayQuery ? [say("manifest/endpoint-query")] : []),
    ...(hash ? [say("manifest/endpoint-fragment")] : []),
  ];
}
