import { attemptAll } from "../kind/batch-outcome.ts";
import { findKind } from "../kind/find-kind.ts";
import type { BatchOutcome, Kind, Place } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply.ts";
import { deposedAddress } from "./deposed-address.ts";

/** Removes, or forgets, what the steps of a unit lose. */
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
    if (await undo(run, kind, node)) await removeAlone(run, kind, node);
  }
}

/** Takes back what follow-ups did for an object that stays at Coze; false when that failed. */
async function undo<Api>(run: ApplyRun<Api>, kind: Kind<Api>, node: Node): Promise<boolean> {
  const { undo: undoing } = node.step;
  try {
    for (const { name, one } of undoing?.calls ?? []) {
      const followUp = kind.followUps?.find((candidate) => candidate.name === name);
      if (undoing) await followUp?.run(run.engine.apiOf(kind), undoing.place, {}, one);
    }
    const former = deposedAddress(node.step);
    if (former !== undefined) run.store.put("let go of what was replaced", { [former]: null });
    return true;
  } catch (error) {
    run.failed(node, error);
    return false;
  }
}

async function removeTogether<Api>(
  run: ApplyRun<Api>,
  kind: Kind<Api>,
  nodes: readonly Node[],
): Promise<void> {
  const places = nodes.flatMap(({ step }) => step.removes);
  const outcomes = await attemptAll(
    places,
    async () => kind.removeMany?.run(run.engine.apiOf(kind), places) ?? [],
  );
  nodes.forEach((node, index) => {
    const outcome = outcomes[index] ?? {
      error: new Error(`${kind.name}: no answer for ${node.step.address}`),
    };
    if ("error" in outcome) run.failed(node, outcome.error);
    else forgetPlaces(run, node, node.step.removes);
  });
}

async function removeAlone<Api>(run: ApplyRun<Api>, kind: Kind<Api>, node: Node): Promise<void> {
  for (const place of node.step.removes) {
    try {
      if (kind.removeMany) await onlyOne(kind.removeMany.run(run.engine.apiOf(kind), [place]));
      else await kind.remove?.(run.engine.apiOf(kind), place);
    } catch (error) {
      run.failed(node, error);
      return;
    }
    if (node.step.removes.length > 1) dropPrevious(run, node, [place]);
  }
  forgetPlaces(run, node, node.step.removes);
}

async function onlyOne(outcomes: Promise<readonly BatchOutcome<void>[]>): Promise<void> {
  const [outcome] = await outcomes;
  if (outcome && "error" in outcome) throw outcome.error;
}

/** Takes removed objects out of the state: the whole entry when it stood for nothing else. */
function forgetPlaces<Api>(run: ApplyRun<Api>, node: Node, places: readonly Place[]): void {
  const { step } = node;
  const entry = run.store.state.resources[step.address];
  const ends = step.spec === undefined;
  const own = entry?.id !== undefined && places.some(({ id }) => id === entry.id);
  if (entry && (ends || own)) run.store.put(`${step.action}: gone`, { [step.address]: null });
  else dropPrevious(run, node, places);
  run.finished(node, ends && places.length === 0 ? "forget" : "remove");
}

function dropPrevious<Api>(run: ApplyRun<Api>, node: Node, places: readonly Place[]): void {
  const entry = run.store.state.resources[node.step.address];
  if (!entry?.previous) return;
  const { previous, ...rest } = entry;
  const left = previous.filter((one) => !places.some(({ id }) => id === one.id));
  const next: Entry = left.length > 0 ? { ...rest, previous: left } : rest;
  run.store.put("removed what was replaced", { [node.step.address]: next });
}
