import { groupBy } from "../../core/group.ts";
import { canonicalJson } from "../../core/value.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { type Report, reportOfItem, showPlace } from "../problems.ts";
import type { Identified } from "./same-identity.ts";

/** Reports resources below one parent that differ in what they must agree in: each way but the first, once. */
export function reportDisagreement(
  identified: readonly Identified[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
  show = showPlace,
): void {
  for (const { name, agreement, parent } of kinds.values()) {
    if (!agreement || parent === undefined) continue;
    const own = identified.flatMap((one) => {
      const way = one.resource.kind === name ? agreement.of(one.resource.spec) : undefined;
      return way === undefined ? [] : [{ ...one, way, holder: canonicalJson(one.resource.spec[parent]) }];
    });
    for (const [first, ...others] of groupBy(own, ({ holder }) => holder).values()) {
      const told = new Set([first.way]);
      for (const { way, resource, item } of others) {
        if (told.has(way) || !agreement.clashes(first.way, way)) continue;
        told.add(way);
        const place = show(first.resource.locate(agreement.path));
        const problem = agreement.explain({ other: first.resource.address, place });
        reportOfItem(report, item)(resource.locate(agreement.path), { code: "rule", ...problem });
      }
    }
  }
}
