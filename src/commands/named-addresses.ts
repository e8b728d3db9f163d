import { type Address, addressMatches } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { findLabelled, formatLabel, parseLabel } from "../core/labels.ts";
import { suggest, suggestAddress } from "../core/suggestions.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import type { Guard } from "../plan/guards/refusal.ts";
import type { Plan, PlanOptions } from "../plan/plan.ts";
import type { State } from "../state/model.ts";

/** Targets with every `label=value` as the addresses that have it; one that no resource has stays as it is. */
export const expandLabels = <T extends readonly string[] | undefined>(
  resources: readonly Resource[],
  targets: T,
): T | readonly Address[] =>
  targets?.some((one) => parseLabel(one))
    ? [...new Set(targets.flatMap((one) => addressesOf(resources, one)))]
    : targets;

function addressesOf(resources: readonly Resource[], target: string): readonly string[] {
  const label = parseLabel(target);
  const found = label ? findLabelled(resources, label) : [];
  return found.length > 0 ? found : [target];
}

/** Reports targets that match no resource. They are typing mistakes, and an empty plan would hide them. */
export function checkTargets(
  resources: readonly Resource[],
  state: State,
  targets: readonly Address[],
): readonly Diagnostic[] {
  const addresses = [...resources.map(({ address }) => address), ...Object.keys(state.resources)];
  const unknown = targets.filter((target) => !addresses.some((address) => addressMatches(target, address)));
  const labels = resources.flatMap((one) =>
    Object.entries(one.labels ?? {}).map(([label, value]) => formatLabel(label, value)),
  );
  const families = addresses.map((address) => address.replace(/\[.*$/su, ""));
  return unknown.map((target) => {
    const problem = explain("commands/target-unknown", {
      target,
      commandLine: commandLine(["state", "list"]),
    });
    const word = parseLabel(target)
      ? suggest(target, new Set(labels))
      : suggestAddress(target, [...addresses, ...families]);
    const hint = word === undefined ? problem.hint : say("common/did-you-mean", { word });
    return { code: "unknown-target", severity: "error", ...problem, hint };
  });
}

/** Warns of addresses in answers and of replacements that the plan has no use for: what they were meant for isn't there. */
export function warnOfIdleAnswers(
  { steps, answered, refusals }: Plan,
  { replace = [], notRenamed = [], duplicate = [], releaseHold = [], alone }: PlanOptions,
  entries: ReadonlyMap<Address, Entry>,
): readonly Diagnostic[] {
  const warn = (address: Address, texts: Pick<Diagnostic, "message" | "hint">): Diagnostic => ({
    code: "idle-option",
    severity: "warning",
    address,
    ...texts,
  });
  // What is refused all the same has no answer there.
  const isAbout = (guard: Guard, named: Address): boolean =>
    [...answered, ...refusals].some(
      (one) => one.guard === guard && one.addresses.some((address) => addressMatches(named, address)),
    );
  const unmet = replace.flatMap((named): readonly Diagnostic[] => {
    const about = steps.filter(({ address }) => addressMatches(named, address));
    if (about.some(({ action }) => action === "replace")) return [];
    const isMade = [...entries.keys()].some((address) => addressMatches(named, address));
    if (about.length === 0) return [warn(named, explain("commands/replace-untargeted", { address: named }))];
    if (!isMade) return [warn(named, explain("commands/replace-unmade", { address: named }))];
    return [warn(named, explain("commands/replace-idle", { address: named }))];
  });
  const isHeld = (named: Address): boolean =>
    [...entries].some(([address, { hold }]) => hold !== undefined && addressMatches(named, address));
  const idle = (flag: string, some: readonly Address[], isUsed: (named: Address) => boolean) =>
    some
      .filter((named) => !isUsed(named))
      .map((named) => warn(named, explain("commands/answer-idle", { option: `${flag} ${named}` })));
  return [
    ...unmet,
    ...idle("--not-renamed", notRenamed, (named) => isAbout("renamed", named)),
    ...idle("--duplicate", duplicate, (named) => isAbout("exists", named)),
    // A rollback releases what it is about, held or not.
    ...(alone ? [] : idle("--release-hold", releaseHold, isHeld)),
  ];
}
