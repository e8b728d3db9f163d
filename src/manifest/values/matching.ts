import { formatLabel, hasLabels, type Labels, labelName } from "../../core/labels.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { explain, say } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import type { Kinds, Manifest } from "../recognize-manifests.ts";
import { type Mapping, type SourceNode, textOf, valueAt } from "../yaml/source-tree.ts";
import { foreseeLabels } from "./labels.ts";
import type { Scope } from "./substitute.ts";

/** What `match` of a patch asks of manifests; of a kind or labels that aren't given, anything goes. */
export interface Match {
  readonly kind?: string | undefined;
  readonly labels: Labels;
}

/** Reads `match` of a patch; undefined when it is faulty, which is reported. */
export function readMatch(root: Mapping, kinds: Kinds, report: Report): Match | undefined {
  const match = valueAt(root, "match");
  const refuse = (node: SourceNode | undefined, hint?: string): undefined => {
    const problem = explain("manifest-values/match-form");
    report(node?.at ?? root.at, { code: "wrong-type", ...problem, hint: hint ?? problem.hint });
  };
  if (match?.type !== "map") return refuse(match);
  for (const [key, entry] of match.entries) {
    if (key === "kind" || key === "labels") continue;
    const message = say("manifest-values/match-unknown-key", { key: JSON.stringify(key) });
    report(entry.key, { code: "unknown-key", message, hint: proposeWord(key, ["kind", "labels"], "keys") });
    return undefined;
  }
  const name = root.entries.get("metadata") && valueAt(valueAt(root, "metadata"), "name");
  if (name) {
    report(name.at, { code: "conflict", ...explain("manifest-values/match-and-name") });
    return undefined;
  }
  const kind = valueAt(match, "kind") ?? valueAt(root, "kind");
  const word = textOf(kind);
  if (kind && (word === undefined || !kinds.has(word))) {
    const message = say("manifest-schema/kind-unknown", { kind: JSON.stringify(word ?? null) });
    report(kind.at, { code: "unknown-kind", message, hint: proposeWord(word ?? "", kinds.keys(), "kinds") });
    return undefined;
  }
  const labels = valueAt(match, "labels");
  if (!labels) return word === undefined ? refuse(match) : { kind: word, labels: {} };
  if (labels.type !== "map" || labels.entries.size === 0) return refuse(labels);
  const pairs: [string, string][] = [];
  for (const [label, { value }] of labels.entries) {
    const text = textOf(value);
    if (text === undefined || !new RegExp(labelName, "u").test(label)) return refuse(value);
    pairs.push([label, text]);
  }
  return { kind: word, labels: Object.fromEntries(pairs) };
}

/** Whether a manifest is one that a patch's `match` finds. Labels that depend on an item of `for_each` don't count. */
export const isMatch = ({ identity, root }: Manifest, { kind, labels }: Match, scope: Scope): boolean =>
  identity !== undefined &&
  (kind === undefined || identity.kind.name === kind) &&
  hasLabels(foreseeLabels(root, scope), labels);

/** Reports a `match` that finds no manifest, with the nearest label that one has. */
export function reportNoMatch(
  root: Mapping,
  { kind, labels }: Match,
  manifests: readonly Manifest[],
  scope: Scope,
  report: Report,
): void {
  const wanted = Object.entries(labels).map(([label, value]) => formatLabel(label, value));
  const ofKind = manifests.filter(({ identity }) => kind === undefined || identity?.kind.name === kind);
  const known = new Set(
    ofKind.flatMap((one) =>
      Object.entries(foreseeLabels(one.root, scope) ?? {}).map(([label, value]) => formatLabel(label, value)),
    ),
  );
  const strange = wanted.find((one) => !known.has(one));
  const words = [...(kind === undefined ? [] : [kind]), ...wanted].join(", ");
  report(valueAt(root, "match")?.at, {
    code: "unknown-patch-target",
    message: say("manifest-values/match-nothing", { words }),
    hint:
      ofKind.length === 0 && kind !== undefined
        ? say("manifest-values/match-no-kind", { kind })
        : strange === undefined
          ? undefined
          : proposeWord(strange, known, "labels"),
  });
}

/** A patch without what finds its manifests: the part that is merged. */
export function dropMatch(root: Mapping): Mapping {
  const dropped = new Set(["match", "kind"]);
  return { ...root, entries: new Map([...root.entries].filter(([key]) => !dropped.has(key))) };
}
