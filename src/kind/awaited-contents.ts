import type { Shape } from "../core/field.ts";
import { leavesOf } from "../core/spec-walk.ts";
import { canonicalJson, type Json, type Values } from "../core/value.ts";
import { holderKind } from "./holder.ts";
import type { KindSchema } from "./schema.ts";

type Referring = Pick<KindSchema, "fields">;

/** Top-level fields whose references await what Coze processes below the objects that they name. */
export const awaitingFields = ({ fields }: Referring): readonly string[] =>
  Object.entries(fields).flatMap(([name, field]) => (kindsIn(field).length > 0 ? [name] : []));

/** What tells the object that holds a processed one apart; undefined for kinds that Coze doesn't process. */
export function holderKey(
  kind: Pick<KindSchema, "fields" | "parent" | "processed">,
  spec: Values,
): string | undefined {
  const holder = kind.parent === undefined ? undefined : spec[kind.parent];
  return kind.processed && holder !== undefined ? keyOf(holderKind(kind) ?? "", holder) : undefined;
}

/** The objects whose contents a spec awaits, as {@link holderKey} tells them apart. */
export const awaitedKeys = ({ fields }: Referring, spec: Values): readonly string[] =>
  leavesOf(fields, spec).flatMap(({ shape, value }) =>
    shape.type === "ref" && shape.contents === "awaited" ? [keyOf(shape.kind, value)] : [],
  );

const keyOf = (kind: string, reference: Json): string => canonicalJson([kind, reference]);

/** The kinds of the objects whose contents are awaited. */
export const awaitedKinds = ({ fields }: Referring): readonly string[] => [
  ...new Set(Object.values(fields).flatMap(kindsIn)),
];

function kindsIn(shape: Shape): readonly string[] {
  if (shape.type === "list") return kindsIn(shape.items);
  if (shape.type === "object") return Object.values(shape.fields).flatMap(kindsIn);
  return shape.type === "ref" && shape.contents === "awaited" ? [shape.kind] : [];
}
