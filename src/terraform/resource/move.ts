import type { Values } from "../../core/value.ts";
import type { Held } from "../provider/provider-interface.ts";
import type { CozeKind } from "../schema/coze-kind.ts";
import { resourceType } from "../schema/names.ts";
import { attributesOf, resourceSchema } from "../schema/resource-schema.ts";
import { keepNotes } from "./private-state.ts";
import { blankState } from "./values.ts";

/**
 * The state of a resource that another type had so far: of the same type under another provider's address, or of a
 * kind whose objects are of this one (a bot that was made as a copy). Undefined: they have nothing in common.
 */
export function moveResource(
  kinds: readonly CozeKind[],
  target: CozeKind,
  from: { readonly type: string; readonly state: Values; readonly memory: Values },
): Held | undefined {
  const source = kinds.find((one) => resourceType(one) === from.type);
  if (!source) return undefined;
  const blank = blankState(resourceSchema(target).attributes);
  if (source === target) return { state: { ...blank, ...from.state }, memory: from.memory };
  if (source.copying?.becomes(from.state) !== target.name) return undefined;
  const shared = Object.keys(attributesOf(target.fields, "object")).filter((name) => name in source.fields);
  const values = ["id", ...shared].map((name) => [name, from.state[name] ?? null] as const);
  return { state: { ...blank, ...Object.fromEntries(values) }, memory: keepNotes({ imported: true }) };
}
