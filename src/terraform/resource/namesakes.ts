import { bearsIdentity, showsIdentity } from "../../core/listing.ts";
import type { CozeKind } from "../coze-kind.ts";
import type { Complaint, State } from "../door.ts";
import { resourceType } from "../names.ts";
import type { Remote } from "../remote.ts";
import { comparing, toValues } from "./values.ts";

/** Ids of objects at Coze that bear the identity of one that is to be made; undefined where that can't be told. */
export async function findNamesakes(
  kind: CozeKind,
  remote: Remote,
  planned: State,
): Promise<readonly string[] | undefined> {
  const spec = toValues(kind.fields, planned, comparing);
  const isKnown = kind.identity.every((name) => spec[name] !== undefined);
  const parent = kind.parent === undefined ? undefined : spec[kind.parent];
  if (!isKnown || (kind.parent !== undefined && typeof parent !== "string")) return undefined;
  try {
    const items = await remote.list(kind, typeof parent === "string" ? parent : undefined, spec);
    return items.filter((item) => bearsIdentity(kind, item, spec)).map(({ id }) => id);
  } catch {
    // The creation itself will tell what is wrong.
    return undefined;
  }
}

/** Proposes to take over what is there already; nothing for objects whose identity can't be seen. */
export function proposeImport(kind: CozeKind, ids: readonly string[], planned: State): readonly Complaint[] {
  if (ids.length === 0 || !showsIdentity(kind)) return [];
  const [id] = ids;
  const parent = kind.parent === undefined ? undefined : planned[kind.parent];
  const given = typeof parent === "string" ? `${parent}/${id}` : id;
  const names = kind.identity.filter((name) => name !== kind.parent).join(" and ");
  return [
    {
      severity: "warning",
      summary: `Coze has a ${kind.name} of this ${names} already: ${ids.join(", ")}`,
      detail: `To take it over in place of making another, import it into this ${resourceType(kind)}: import { to = …, id = "${given}" }`,
    },
  ];
}
