import type { Labels } from "../../core/labels.ts";
import { type Mapping, mapEntries, mappingAt, validText } from "../yaml/source-tree.ts";
import { type Scope, substitute } from "./substitute.ts";

/** The labels in the `metadata` of a manifest whose interpolations are done; undefined without any. */
export function readLabels(metadata: Mapping | undefined): Labels | undefined {
  const entries = [...(mappingAt(metadata, "labels")?.entries ?? [])].flatMap(([label, { value }]) => {
    const text = validText(value);
    return text === undefined ? [] : [[label, text] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** The labels of a manifest, or of an item of its `for_each`, as far as the scope tells; problems are told elsewhere. */
export function foreseeLabels(root: Mapping, scope: Scope): Labels | undefined {
  const metadata = mappingAt(root, "metadata");
  return (
    metadata &&
    readLabels(
      mapEntries(metadata, (value, key) => (key === "labels" ? substitute(value, scope, () => {}) : value)),
    )
  );
}
