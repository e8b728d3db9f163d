import type { Address } from "../core/address.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind, Place } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import { removeBatch } from "../lifecycle/batching.ts";
import type { Step } from "../plan/plan.ts";
import { goesWith } from "../plan/removals-along.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply-run.ts";
import { describeMissing } from "./failures.ts";
import type { StepRun } from "./step-run.ts";
import { deposedAddress } from "./superseded.ts";

/** The removals of a unit. */
interface Removals<Api> {
  readonly run: ApplyRun<Api>;
  readonly kind: Kind<Api>;
  /** Those that take a call. */
  readonly nodes: readonly Node[];
  /** Those whose objects go with those of `nodes`. */
  readonly along: readonly Node[];
}

/**
 * Removes or forgets the objects that the steps of a unit give up. What goes `along` leaves the state together with what
 * it went with; {@link finishAlong} tells it.
 */
export async function removeUnit<Api>(
  run: ApplyRun<Api>,
  nodes: readonly Node[],
  along: readonly Node[],
): Promise<void> {
  const [first] = nodes;
  if (!first) return;
  const kind = findKind(run.engine.provider, first.step.kind);
  const removals = { run, kind, nodes, along };
  const doing = first.step.action === "abandon" || first.step.action === "forget" ? "forget" : "remove";
  for (const node of nodes) run.started(node, doing);
  if (kind.removeMany && nodes.every(({ step }) => step.removes.length === 1)) {
    await removeTogether(removals);
    return;
  }
  for (const node of nodes) {
    if (await undoFollowUps(run, kind, node)) await removeAlone(removals, node);
  }
}

/** Tells of a step whose objects went with those of another. */
export function finishAlong<Api>(run: ApplyRun<Api>, node: Node): void {
  run.started(node, "remove");
  finishRemoval(run, node, node.step.removes);
}

/** Takes back the follow-ups of an object that stays at Coze; false when that failed. */
async function undoFollowUps<Api>(run: ApplyRun<Api>, kind: Kind<Api>, node: Node): Promise<boolean> {
  const { undo } = node.step;
  try {
    for (const { name, one } of undo?.calls ?? []) {
      const followUp = kind.followUps?.find((candidate) => candidate.name === name);
      if (undo) await followUp?.run(run.engine.apiOf(kind), undo.place, {}, one);
    }
    const deposed = deposedAddress(node.step);
    if (deposed !== undefined) run.store.put("deposed-removed", { [deposed]: null });
    return true;
  } catch (error) {
    run.failed(node, error);
    return false;
  }
}

/**
 * Removes what steps replaced by objects that can't be used either, so that what failed doesn't pile up with every apply.
 * What can't be removed now goes with a later apply.
 */
export async function discardReplaced<Api>(stepRuns: readonly StepRun<Api>[]): Promise<void> {
  const gone = stepRuns.flatMap(({ node }) => (node.step.discards ?? []).map((place) => ({ node, place })));
  const [first] = stepRuns;
  if (!first || gone.length === 0) return;
  const { run, kind } = first;
  const places = gone.map(({ place }) => place);
  const outcomes = await removeBatch(run.engine.apiOf(kind), kind, places, (index) =>
    describeMissing(gone[index]?.node.step),
  );
  gone.forEach(({ node, place }, index) => {
    const outcome = outcomes[index];
    if (outcome && !("error" in outcome)) dropPrevious(run, node, [place]);
  });
}

async function removeTogether<Api>(removals: Removals<Api>): Promise<void> {
  const { run, kind, nodes } = removals;
  const places = nodes.flatMap(({ step }) => step.removes);
  const outcomes = await removeBatch(run.engine.apiOf(kind), kind, places, (index) =>
    describeMissing(nodes[index]?.step),
  );
  nodes.forEach((node, index) => {
    const outcome = outcomes[index];
    if (outcome && "error" in outcome) run.failed(node, outcome.error);
    else forgetPlaces(removals, node, node.step.removes);
  });
}

async function removeAlone<Api>(removals: Removals<Api>, node: Node): Promise<void> {
  const { run, kind, along } = removals;
  for (const place of node.step.removes) {
    const [outcome] = await removeBatch(run.engine.apiOf(kind), kind, [place], () =>
      describeMissing(node.step),
    );
    if (outcome && "error" in outcome) {
      run.failed(node, outcome.error);
      return;
    }
    if (node.step.removes.length > 1) dropPrevious(run, node, [place], along);
  }
  forgetPlaces(removals, node, node.step.removes);
}

/** Drops removed objects from the state, with those that went along: the whole entry when it stood for nothing else. */
function forgetPlaces<Api>({ run, along }: Removals<Api>, node: Node, places: readonly Place[]): void {
  const { step } = node;
  const entry = run.store.state.resources[step.address];
  const ends = step.spec === undefined;
  const own = entry?.id !== undefined && places.some(({ id }) => id === entry.id);
  if (entry && (ends || own)) {
    run.store.put(`${step.action}-done`, { [step.address]: null, ...withoutAlong(run, along, places) });
  } else dropPrevious(run, node, places, along);
  finishRemoval(run, node, places);
}

function finishRemoval<Api>(run: ApplyRun<Api>, node: Node, places: readonly Place[]): void {
  const { step } = node;
  const id = places[0]?.id ?? step.place?.id;
  const doing = step.spec === undefined && places.length === 0 ? "forget" : "remove";
  run.finished(node, doing, id === undefined ? {} : { id });
}

function dropPrevious<Api>(
  run: ApplyRun<Api>,
  { step }: Node,
  places: readonly Place[],
  along: readonly Node[] = [],
): void {
  const changes = { ...withoutPrevious(run, step, places), ...withoutAlong(run, along, places) };
  if (Object.keys(changes).length > 0) run.store.put("previous-removed", changes);
}

type EntryChanges = { readonly [address: Address]: Entry | null };

/** The entries of what went along with some places. A step that wants nothing more stood for nothing else. */
function withoutAlong<Api>(
  run: ApplyRun<Api>,
  along: readonly Node[],
  places: readonly Place[],
): EntryChanges {
  const gone = along.filter(({ step }) => goesWith(step, places));
  const changes = gone.map(({ step }): EntryChanges => {
    if (step.spec !== undefined) return withoutPrevious(run, step, step.removes);
    return run.store.state.resources[step.address] ? { [step.address]: null } : {};
  });
  return Object.assign({}, ...changes);
}

function withoutPrevious<Api>(
  { store }: ApplyRun<Api>,
  { address }: Step,
  places: readonly Place[],
): EntryChanges {
  const entry = store.state.resources[address];
  if (!entry?.previous) return {};
  const { previous, ...rest } = entry;
  const left = previous.filter((one) => !places.some(({ id }) => id === one.id));
  return { [address]: left.length > 0 ? { ...rest, previous: left } : rest };
}
