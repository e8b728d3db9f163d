import type { Fields, Shape } from "../../core/field.ts";
import type { Problem, Report } from "../problems.ts";
import { notYetKnown } from "../values/substitute.ts";
import { type Mapping, mapEntries, ownValue, type Scalar, type SourceNode } from "../yaml/source-tree.ts";

/** What to say where what an environment variable holds would be shown. */
export const exposedSecret = (variable: string): Problem => ({
  code: "secret-in-open",
  message: `\${env.${variable}} is a secret, and what stands here is shown in plans and remembered`,
  hint: `write \${var.NAME}, and give what is no secret as a variable: --var NAME=…, COZEFORM_VAR_NAME, or variables: in cozeform.yaml`,
});

/**
 * Reports what comes from environment variables, on whatever way, and would stand in a field that isn't sensitive; such
 * values are marked, so that no later message shows them.
 */
export function rejectExposedSecrets(fields: Fields, node: Mapping, report: Report): Mapping {
  return mapScalars({ type: "object", fields }, node, (scalar, sensitive) =>
    sensitive ? scalar : rejectExposedScalar(scalar, report),
  ) as Mapping;
}

/** The same for a value of which no part is sensitive. */
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
  report(scalar.at, exposedSecret(scalar.secretOf));
  return { ...scalar, broken: true };
}

/**
 * Reports texts of sensitive fields that stand in the manifest itself, and marks them so that no later
 * message shows them; `hide` is told each of them.
 */
export function rejectPlaintextSecrets(
  fields: Fields,
  node: Mapping,
  report: Report,
  mask: (secret: Scalar) => void,
): Mapping {
  return mapScalars({ type: "object", fields }, node, (scalar, sensitive) =>
    sensitive ? rejectPlaintext(scalar, plaintextHint, report, mask) : scalar,
  ) as Mapping;
}

/** A copy with every scalar replaced; `change` learns whether a field around it is sensitive. */
function mapScalars(
  whole: Shape | undefined,
  node: SourceNode,
  change: (scalar: Scalar, sensitive: boolean) => Scalar,
): SourceNode {
  const visit = (shape: Shape | undefined, part: SourceNode, sensitive: boolean): SourceNode => {
    if (part.type === "scalar") return change(part, sensitive);
    if (part.type === "list") {
      const items = shape?.type === "list" ? shape.items : undefined;
      return { ...part, items: part.items.map((item) => visit(items, item, sensitive)) };
    }
    return mapEntries(part, (value, key) => {
      const field = shape?.type === "object" ? ownValue(shape.fields, key) : undefined;
      const inner = shape?.type === "map" ? shape.values : field;
      return visit(inner, value, sensitive || field?.sensitive === true);
    });
  };
  return visit(whole, node, false);
}

const plaintextHint =
  "write ${env.COZE_NAME} and set the environment variable COZE_NAME; what is no secret may be a variable: ${var.NAME}";

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
  report(secret.at, {
    code: "secret-in-clear",
    message: "a secret stands here in clear",
    hint,
  });
  return { ...secret, broken: true };
}

/** Reports an address of the API that holds more than an address: the state remembers it, and messages show it. */
export function rejectEndpointExtras(
  address: SourceNode,
  report: Report,
  mask: (secret: Scalar) => void,
): SourceNode {
  if (address.type !== "scalar" || typeof address.value !== "string" || address.broken) return address;
  const extras = endpointExtras(address.value);
  if (extras.length === 0) return address;
  mask(address);
  report(address.at, {
    code: "secret-in-clear",
    message: `the endpoint holds ${extras.join(" and ")}`,
    hint: "give the address alone, such as https://api.coze.cn; how to sign in stands under auth",
  });
  return { ...address, broken: true };
}

function endpointExtras(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, search, hash } = new URL(url);
  return [
    ...(username || password ? ["a user name or password"] : []),
    ...(search ? ["a query"] : []),
    ...(hash ? ["a fragment"] : []),
  ];
}
