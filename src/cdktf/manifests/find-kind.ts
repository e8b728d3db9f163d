import type { KindSchema } from "../../kind/schema.ts";
import { kinds } from "../../kinds/index.ts";

/** The kind of this name, which manifests were checked to have. */
export function findKindData(name: string): KindSchema {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  return kind;
}
