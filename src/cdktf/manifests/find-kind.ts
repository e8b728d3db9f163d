import type { Kind } from "../../kind/kind.ts";
import { kinds } from "../../kinds/index.ts";

/** A kind as far as it is data: nothing is asked of Coze here. */
export type KindData = Kind<never>;

/** The kind of this name, which manifests were checked to have. */
export function findKindData(name: string): KindData {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  return kind as unknown as KindData;
}
