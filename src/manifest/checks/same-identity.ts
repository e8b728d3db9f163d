import type { Location } from "../../core/diagnostic.ts";
import { groupBy } from "../../core/group.ts";
import { identityOf } from "../../kind/identity-match.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { say } from "../../messages/text.ts";
import { type ProblemItem, type Report, showPlace } from "../problems.ts";

/** A resource, as far as it must differ from others. */
export interface Identified {
  readonly resource: Pick<Resource, "address" | "kind" | "spec" | "locate" | "imports">;
  /** The item of a `for_each` that it is. */
  readonly item?: ProblemItem | undefined;
}

interface ClashContext {
  readonly kinds: ReadonlyMap<string, KindSchema>;
  readonly report: Report;
  readonly show: typeof showPlace;
}

type Clashing = readonly [Identified, ...Identified[]];

/** The most resources that a message names, and the most clashes that one place reports besides its first. */
const mostNamed = 3;

/**
 * Reports resources that couldn't be told apart at Coze: of one kind, in one place, of one name. Identities that Coze
 * has to be asked for differ as long as they are written differently.
 */
export function reportSameIdentity(
  identified: readonly Identified[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
  show = showPlace,
): void {
  const context = { kinds, report, show };
  // Existing objects of one name are told apart by their ids.
  const unnamed = identified.filter(({ resource }) => resource.imports === undefined);
  const byIdentity = groupBy(unnamed, ({ resource }) => {
    const kind = kinds.get(resource.kind);
    return kind && identityOf(kind, resource.spec);
  });
  const clashes = [...byIdentity.values()].filter(({ length }) => length > 1).map(sortClash);
  const byPlace = groupBy(clashes, (clash) => JSON.stringify(placeOf(clash[0], kinds)));
  for (const [first, ...others] of byPlace.values()) {
    // One line of a template can make clashes by the hundred.
    if (others.length > mostNamed) reportClash(first, others.length, context);
    else for (const clash of [first, ...others]) reportClash(clash, 0, context);
  }
}

const sortClash = (clash: Clashing): Clashing => {
  const sorted = clash.toSorted((a, b) => (a.resource.address < b.resource.address ? -1 : 1));
  return sorted as unknown as Clashing;
};

function reportClash(clash: Clashing, more: number, context: ClashContext): void {
  const { kinds, report } = context;
  const [first, second = first] = clash;
  const { resource } = first;
  const fields = (kinds.get(resource.kind)?.identity ?? []).join(", ");
  const problem =
    clash.length === 2
      ? say("plan/same-identity", { address: resource.address, other: second.resource.address, fields })
      : say("manifest/same-identities", { addresses: nameSome(clash), count: clash.length, fields });
  const message = more > 0 ? say("manifest/more-same-identities", { problem, count: more }) : problem;
  report(placeOf(first, kinds), { code: "same-identity", message, hint: hintAtClash(clash, context) });
}

function nameSome(clash: Clashing): string {
  const named = clash.slice(0, mostNamed).map((one) => one.resource.address);
  const more = clash.length - named.length;
  return [named.join(", "), ...(more > 0 ? [say("core/and-more", { count: more })] : [])].join(" ");
}

function hintAtClash(clash: Clashing, { kinds, show }: ClashContext): string {
  const [first, second = first] = clash;
  const field = lastField(first, kinds);
  if (first.item && second.item) {
    const files = [first.item.file, second.item.file];
    return files[0] === undefined || files[1] === undefined
      ? say("manifest/same-identity-of-items", { field })
      : say("manifest/same-identity-of-files", { field, file: files[0], other: files[1] });
  }
  const places = clash.slice(1, mostNamed).map((one) => show(placeOf(one, kinds)));
  const key = clash.length === 2 ? "manifest/same-identity-elsewhere" : "manifest/same-identity-at-places";
  return say(key, { field, place: places.join(", ") });
}

const lastField = ({ resource }: Identified, kinds: ReadonlyMap<string, KindSchema>): string =>
  kinds.get(resource.kind)?.identity.at(-1) ?? "";

const placeOf = (one: Identified, kinds: ReadonlyMap<string, KindSchema>): Location =>
  one.resource.locate([lastField(one, kinds)]);
