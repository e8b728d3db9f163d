import { formatPath } from "../core/spec-walk.ts";
import type { Json } from "../core/value.ts";
import type { ComparedResource, EnvironmentComparison, Presence } from "./compare.ts";
import type { FieldDifference, Pair } from "./compare-fields.ts";

/** The version of the shape of the document. */
const comparisonFormat = 1;

/**
 * A comparison as JSON: `format`, `environment` and `against` by name, `differs` (something differs that isn't the
 * manifests' wish), `counts` by verdict, `calls`, and `resources`: each with `address`, `kind`, `verdict`, by
 * environment its `status` and `ids`, and its `differences`: each with `path`, `values` and `standings` by
 * environment, and `expected`, `manifests_differ`, `sensitive` (then without values) and `as_last_applied`.
 * Resources that are alike are only counted.
 */
export function writeComparison(
  { environments, resources, counts }: EnvironmentComparison,
  calls: number,
): { readonly [key: string]: Json } {
  return {
    format: comparisonFormat,
    environment: environments.after,
    against: environments.before,
    differs: counts.different + counts.lacking > 0,
    counts,
    calls,
    resources: resources
      .filter(({ verdict }) => verdict !== "alike")
      .map((resource) => describeResource(resource, environments)),
  };
}

const byEnvironment = <T>(
  { before, after }: Pair<string>,
  pair: Pair<T>,
  show: (value: T) => Json | undefined,
): Json => {
  const shown = [[before, show(pair.before)] as const, [after, show(pair.after)] as const];
  return Object.fromEntries(shown.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
};

const describeResource = (
  { address, kind, verdict, presence, differences }: ComparedResource,
  environments: Pair<string>,
): Json => ({
  address,
  kind,
  verdict,
  status: byEnvironment(environments, presence, statusOf),
  ids: byEnvironment(environments, presence, (one) => ("id" in one ? one.id : undefined)),
  differences: differences.map((one) => describeDifference(one, environments)),
});

const statusOf = (one: Presence): string => (one.status === "made" && one.leftover ? "leftover" : one.status);

function describeDifference(
  { path, before, after, sensitive, unreadable, standings, expected, manifests }: FieldDifference,
  environments: Pair<string>,
): Json {
  const values = byEnvironment(environments, { before, after }, (value) => value);
  return {
    path: formatPath(path),
    ...(sensitive ? { sensitive } : { values }),
    standings: byEnvironment(environments, standings, (standing) => standing),
    expected,
    manifests_differ: manifests,
    ...(unreadable ? { as_last_applied: true } : {}),
  };
}
