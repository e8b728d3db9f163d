import type { Values } from "../core/value.ts";
import type { KindSchema } from "./schema.ts";

/** The part of a kind that says what holds its objects. */
type Held = Pick<KindSchema, "fields" | "parent">;

/** The name of the kind whose objects hold a kind's objects; undefined where nothing does. */
export function holderKind({ fields, parent }: Held): string | undefined {
  const field = parent === undefined ? undefined : fields[parent];
  return field?.type === "ref" ? field.kind : undefined;
}

/** The id of the object that holds one with these values; undefined where nothing does, or where it has no id yet. */
export function holderId({ parent }: Pick<Held, "parent">, values: Values): string | undefined {
  const id = parent === undefined ? undefined : values[parent];
  return typeof id === "string" ? id : undefined;
}

/** The kinds with each one after the kind that holds its objects, otherwise in their order. */
export function sortByHolder<K extends Held & { readonly name: string }>(kinds: readonly K[]): readonly K[] {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const sorted = new Set<K>();
  const visit = (kind: K): void => {
    if (sorted.has(kind)) return;
    const holder = byName.get(holderKind(kind) ?? "");
    if (holder) visit(holder);
    sorted.add(kind);
  };
  for (const kind of kinds) visit(kind);
  return [...sorted];
}
