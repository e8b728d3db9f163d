import { findKind } from "../kind/find-kind.ts";
import type { Kind, Place } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import { removeBatch } from "../lifecycle/batching.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply-run.ts";
import { describeMissing } from "./failures.ts";
import type { StepRun } from "./step-run.ts";
import { deposedAddress } from "./superseded.ts";

/** Removes or forgets the objects that the steps of a unit give up. */
export async function removeUnit<Api>(run: ApplyRun<Api>, nodes: readonly Node[]): Promise<void> {
  const [first] = nodes;
  if (!first) return;
  const kind = findKind(run.engine.provider, first.step.kind);
  const doing = first.step.action === "abandon" || first.step.action === "forget" ? "forget" : "remove";
  for (const node of nodes) run.started(node, doing);
  if (kind.removeMany && nodes.every(({ step }) => step.removes.length === 1)) {
    await removeTogether(run, kind, nodes);
    return;
  }
  for (const node of nodes) {
    if (await undoFollowUps(run, kind, node)) await removeAlone(run, kind, node);
  }
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

async function removeTogether<Api>(
  run: ApplyRun<Api>,
  kind: Kind<Api>,
  nodes: readonly Node[],
): Promise<void> {
  const places = nodes.flatMap(({ step }) => step.removes);
  const outcomes = await removeBatch(run.engine.apiOf(kind), kind, places, (index) =>
    describeMissing(nodes[index]?.step),
  );
  nodes.forEach((node, index) => {
    const outcome = outcomes[index];
    if (outcome && "error" in outcome) run.failed(node, outcome.error);
    else forgetPlaces(run, node, node.step.removes);
  });
}

async function removeAlone<Api>(run: ApplyRun<Api>, kind: Kind<Api>, node: Node): Promise<void> {
  for (const place of node.step.removes) {
    const [outcome] = await removeBatch(run.engine.apiOf(kind), kind, [place], () =>
      describeMissing(node.step),
    );
    if (outcome && "error" in outcome) {
      run.failed(node, outcome.error);
      return;
    }
    if (node.step.removes.length > 1) dropPrevious(run, node, [place]);
  }
  forgetPlaces(run, node, node.step.removes);
}

/** Drops removed objects from the state: the whole entry when it stood for nothing else. */
function forgetPlaces<Api>(run: ApplyRun<Api>, node: Node, places: readonly Place[]): void {
  const { step } = node;
  const entry = run.store.state.resources[step.address];
  const ends = step.spec === undefined;
  const own = entry?.id !== undefined && places.some(({ id }) => id === entry.id);
  if (entry && (ends || own)) run.store.put(`${step.action}-done`, { [step.address]: null });
  else dropPrevious(run, node, places);
  const id = places[0]?.id ?? step.place?.id;
  run.finished(node, ends && places.length === 0 ? "forget" : "remove", id === undefined ? {} : { id });
}

function dropPrevious<Api>(run: ApplyRun<Api>, node: Node, places: readonly Place[]): void {
  const entry = run.store.state.resources[node.step.address];
  if (!entry?.previous) return;
  const { previous, ...rest } = entry;
  const left = previous.filter((one) => !places.some(({ id }) => id === one.id));
  const next: Entry = left.length > 0 ? { ...rest, previous: left } : rest;
  run.store.put("previous-removed", { [node.step.address]: next });
}
