import type { Address } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { groupBy } from "../core/group.ts";
import { canonicalJson } from "../core/value.ts";
import { identityOf } from "../kind/identity-match.ts";
import type { Kind } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type CommandLine, explain } from "../messages/text.ts";
import type { PlanContext, Step } from "./plan.ts";

/** Reports resources that couldn't be told apart later: two of one identity, and two that adopt one object. */
export function reportConflicts(context: PlanContext, steps: readonly Step[]): void {
  const wanted = steps.filter((step) => step.spec !== undefined);
  const byIdentity = groupBy(wanted, (step) => identityOf(context.kind(step.kind), step.spec ?? {}));
  // Existing objects of one name are told apart by their ids.
  const imported = new Set(
    context.input.desired.flatMap(({ address, imports }) => (imports === undefined ? [] : [address])),
  );
  for (const clashing of byIdentity.values()) {
    const [first, ...others] = clashing.filter(({ address }) => !imported.has(address));
    if (first) reportSameIdentity(context, [first, ...others]);
  }
  const byPlace = groupBy(
    wanted,
    ({ kind, place }) => place && canonicalJson([kind, place.parent ?? null, place.id]),
  );
  for (const clashing of byPlace.values()) reportSameObject(context, clashing);
}

type Clashing = readonly [Step, ...Step[]];

function reportSameIdentity(context: PlanContext, [first, ...others]: Clashing): void {
  for (const step of others) {
    const { identity } = context.kind(step.kind);
    context.report(step.address, {
      code: "same-identity",
      ...explain("plan/same-identity", {
        address: step.address,
        other: first.address,
        fields: identity.join(", "),
        field: identity.at(-1) ?? "",
      }),
      at: step.at,
    });
  }
}

function reportSameObject(context: PlanContext, [first, ...others]: Clashing): void {
  for (const { address, place, at } of others) {
    const values = { address, other: first.address, id: place?.id ?? "" };
    context.report(address, { code: "ambiguous", ...explain("plan/same-object", values), at });
  }
}

/** What of a state nothing can be planned with: kinds that this version doesn't know, one object under two addresses. */
export function findUnfitEntries<Api>(
  entries: ReadonlyMap<Address, Entry>,
  kinds: readonly Kind<Api>[],
): readonly Diagnostic[] {
  const known = new Map(kinds.map((kind) => [kind.name, kind]));
  const owners = new Map<string, Address>();
  return [...entries].flatMap(([address, { kind: name, parent, id }]): readonly Diagnostic[] => {
    const kind = known.get(name);
    if (!kind)
      return [
        stateProblem(address, explain("plan/unknown-kind", { address, commandLine: removal(address) })),
      ];
    // A member bears the user's id, so one that is on its way to another address stands under both.
    if (id === undefined || kind.unique) return [];
    const object = JSON.stringify([name, parent, id]);
    const other = owners.get(object);
    if (other === undefined) {
      owners.set(object, address);
      return [];
    }
    return [
      stateProblem(
        address,
        explain("plan/two-addresses", { id, other, address, commandLine: removal(address) }),
      ),
    ];
  });
}

const removal = (address: Address): CommandLine => commandLine(["state", "rm", address]);

const stateProblem = (address: Address, texts: Pick<Diagnostic, "message" | "hint">): Diagnostic => ({
  code: "unfit-state",
  severity: "error",
  ...texts,
  address,
});
