import { formatPath, type Path } from "../../core/spec-walk.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { explain, say } from "../../messages/text.ts";
import type { ProviderDiagnostic, ResourceState } from "../provider/provider-interface.ts";
import { errorAt, sentence, warningAt } from "../provider/text.ts";
import { allOf, type CozeKind, importId, resourceType } from "../schema/names.ts";

/** Proposes to import what is there already. */
export const announceExisting = (
  kind: CozeKind,
  items: readonly Item[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] => describeExisting("warning", kind, items, planned);

/** Says what is there already, so that nothing is created. */
export const refuseExisting = (
  kind: CozeKind,
  items: readonly Item[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] => describeExisting("error", kind, items, planned);

const existsHints = {
  warning: ["terraform-resource/exists-hint", "terraform-resource/several-exist-hint"],
  error: ["terraform-resource/exists-refused-hint", "terraform-resource/several-exist-refused-hint"],
} as const;

function describeExisting(
  severity: keyof typeof existsHints,
  kind: CozeKind,
  [first, ...others]: readonly Item[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] {
  if (!first) return [];
  const fields = identityOf(kind);
  const [one, several] = existsHints[severity];
  const proposal =
    others.length === 0 ? say(one, { fields }) : say(several, { fields, others: idsOf(others) });
  const summary = say("terraform-resource/exists", naming(kind, first));
  return [proposing(severity, summary, proposal, [kind, first, planned])];
}

/** Says that more than one object could be adopted, so that none is. */
export function refuseSeveral(
  kind: CozeKind,
  items: readonly Item[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] {
  const [first] = items;
  if (!first) return [];
  const values = { type: resourceType(kind), count: items.length, ids: idsOf(items) };
  const { message, hint } = explain("terraform-resource/adoption-ambiguous", {
    ...values,
    fields: identityOf(kind),
  });
  return [proposing("error", message, hint, [kind, first, planned])];
}

/** Says in what an object differs that Coze can't change, so that it isn't adopted. */
export function refuseUnlike(
  kind: CozeKind,
  item: Item,
  fixed: readonly Path[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] {
  const values = { ...naming(kind, item), fields: identityOf(kind), fixed: allOf(fixed.map(formatPath)) };
  const { message, hint } = explain("terraform-resource/adoption-unlike", values);
  return [{ ...proposing("error", message, hint, [kind, item, planned]), path: fixed[0] }];
}

/** Says that two resources would adopt one object. */
export const refuseSecond = (kind: CozeKind, item: Item): readonly ProviderDiagnostic[] => [
  errorAt(explain("terraform-resource/adopted-twice", { ...naming(kind, item), fields: identityOf(kind) })),
];

/** Says that an object is in the state that a creation was to adopt. */
export const refuseHeld = (kind: CozeKind, at: Place): ProviderDiagnostic =>
  errorAt(explain("terraform-resource/adopted-held", { ...naming(kind, at), fields: identityOf(kind) }));

/** Says that a removal would take an object away that the state has under another address as well. */
export const refuseDoubleRemoval = (kind: CozeKind, at: Place): ProviderDiagnostic =>
  errorAt(explain("terraform-resource/double-removal", naming(kind, at)));

/** Says which objects may be what is to be created, where Coze doesn't show what would tell. */
export function refuseLookalikes(
  kind: CozeKind,
  items: readonly Item[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] {
  const [first] = items;
  if (!first) return [];
  const values = { type: resourceType(kind), ids: idsOf(items) };
  const { message, hint } = explain("terraform-resource/may-exist", values);
  return [proposing("error", message, hint, [kind, first, planned])];
}

/** Says that a creation adopts an object, and what of it is taken on trust. */
export function announceAdoption(
  kind: CozeKind,
  item: Item,
  trusted: readonly Path[],
): readonly ProviderDiagnostic[] {
  const { message, hint } = explain("terraform-resource/adopted", {
    ...naming(kind, item),
    fields: identityOf(kind),
  });
  const trust =
    trusted.length === 0
      ? []
      : [sentence(say("terraform-resource/adopted-on-trust", { fields: allOf(trusted.map(formatPath)) }))];
  return [warningAt({ message, hint: [sentence(hint), ...trust].join(" ") })];
}

const naming = (kind: CozeKind, { id }: Place) => ({ type: resourceType(kind), id });

const idsOf = (items: readonly Item[]): string => items.map(({ id }) => id).join(", ");

/** What two objects of the same identity have in common, beside what holds them. */
const identityOf = (kind: CozeKind): string => allOf(kind.identity.filter((name) => name !== kind.parent));

/** A diagnostic that ends with the block that imports an object. */
function proposing(
  severity: ProviderDiagnostic["severity"],
  summary: string,
  proposal: string,
  [kind, { id }, planned]: readonly [CozeKind, Item, ResourceState],
): ProviderDiagnostic {
  return {
    severity,
    // Terraform shows one of several warnings that have a summary in common.
    summary,
    // Terraform breaks lines at a width of its own, but not those that begin with a space.
    detail: [
      proposal,
      "",
      "  import {",
      `    to = ${resourceType(kind)}.NAME`,
      `    id = ${JSON.stringify(importId(kind, planned, id))}`,
      "  }",
    ].join("\n"),
  };
}
