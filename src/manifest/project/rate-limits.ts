import { proposeWord } from "../../core/suggestions.ts";
import { say } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import { type Mapping, mappingAt } from "../yaml/source-tree.ts";

/** How fast an environment wants the API to be called, under the names of `cozeform.yaml`. */
export interface RateLimitSettings {
  readonly requests_per_second?: number | undefined;
  /** By the names of operations. */
  readonly operations_per_second?: { readonly [operation: string]: number } | undefined;
}

/** Reports unknown operations: their limits would have no effect. */
export function checkRateLimits(
  environment: Mapping,
  operations: readonly string[] | undefined,
  report: Report,
): void {
  for (const [name, { key }] of mappingAt(environment, "operations_per_second")?.entries ?? []) {
    if (!operations || operations.includes(name)) continue;
    const message = say("manifest-project/unknown-operation", { name: JSON.stringify(name) });
    report(key, { code: "unknown-word", message, hint: proposeWord(name, operations, "operations") });
  }
}

/** The rate limits of an environment. */
export function readRateLimits(environment: Mapping | undefined): RateLimitSettings {
  const numbers = (map: Mapping | undefined) =>
    [...(map?.entries ?? [])].flatMap(([name, { value }]) =>
      value.type === "scalar" && typeof value.value === "number" ? [[name, value.value] as const] : [],
    );
  const whole = numbers(environment).find(([name]) => name === "requests_per_second");
  const operations = mappingAt(environment, "operations_per_second");
  return {
    requests_per_second: whole?.[1],
    operations_per_second: operations && Object.fromEntries(numbers(operations)),
  };
}
