import { type Address, addressMatches } from "../../core/address.ts";
import { formatLabel, hasLabels, type Labels, parseLabel } from "../../core/labels.ts";
import { suggest, suggestAddress } from "../../core/suggestions.ts";
import { explain, say } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import { addressOf, type Manifest } from "../recognize-manifests.ts";
import type { PlacedText } from "../yaml/source-tree.ts";
import { foreseeLabels } from "./labels.ts";
import type { Scope } from "./substitute.ts";

/** What an environment leaves out. */
export interface Exclusions {
  /** The pattern that leaves out a manifest, or the item of its `for_each` that the scope holds. */
  find(manifest: Manifest, scope: Scope): PlacedText | undefined;
  /** Reports patterns that have left out nothing. */
  reportIdle(report: Report): void;
}

/** Reads `exclude` of an environment: addresses, of a `for_each` also with a key, and `label=value`. */
export function openExclusions(patterns: readonly PlacedText[]): Exclusions {
  const used = new Set<PlacedText>();
  const addresses = new Set<Address>();
  const labels = new Set<string>();
  return {
    find(manifest, scope) {
      const { identity, root } = manifest;
      if (!identity || patterns.length === 0) return undefined;
      const key = scope.each?.key;
      const address = addressOf(identity, key && String(key.value));
      const own = foreseeLabels(root, scope);
      addresses.add(address);
      for (const [label, value] of Object.entries(own ?? {})) labels.add(formatLabel(label, value));
      const matching = patterns.filter(({ text }) => matches(text, address, own));
      for (const one of matching) used.add(one);
      return matching[0];
    },
    reportIdle(report) {
      for (const one of patterns) {
        if (used.has(one)) continue;
        const { text, at } = one;
        const near = parseLabel(text) ? suggest(text, labels) : suggestAddress(text, addresses);
        const problem = explain("manifest-values/exclude-idle", { pattern: text });
        const hint = near === undefined ? problem.hint : say("common/did-you-mean", { word: near });
        report(at, { code: "no-match", ...problem, hint });
      }
    },
  };
}

function matches(pattern: string, address: Address, labels: Labels | undefined): boolean {
  const label = parseLabel(pattern);
  return label ? hasLabels(labels, { [label[0]]: label[1] }) : addressMatches(pattern, address);
}
