import pLimit from "p-limit";
import { rememberSpec } from "../core/digest.ts";
import type { PlannedCall, Step } from "../plan/plan.ts";
import type { Node } from "../plan/schedule.ts";
import type { Run } from "./apply.ts";
import { createObjects } from "./create.ts";
import { beginMaking, type Making, placeOf, remember, rememberFields } from "./making.ts";
import { settleAll } from "./settle.ts";

/** Makes or changes the objects of a unit: one call creates them all where the kind allows, the rest goes one by one. */
export async function makeUnit<Api>(run: Run<Api>, nodes: readonly Node[]): Promise<void> {
  const makings = nodes.map((node) => beginMaking(run, node));
  for (const { node, step } of makings) run.started(node, verbOf(step));
  const creating = makings.filter(({ step }) => step.calls[0]?.call === "create");
  const made = creating.length > 0 ? await createObjects(creating) : [];
  const present = makings.filter((making) => !creating.includes(making));
  for (const making of present) {
    const status = making.step.calls.length > 0 ? "incomplete" : "ready";
    const updates = callsOf(making, "update").length > 0;
    remember(making, "begun", {
      status,
      before: undefined,
      begun: undefined,
      ...(updates ? { done: undefined } : {}),
    });
  }

  let going = [...made, ...present];
  going = await eachOf(going, (making) => callsOf(making, "update"), callUpdate);
  const settling = going.filter(({ step }) => step.calls.some(({ call }) => call === "settle"));
  const settled = settling.length > 0 ? new Set(await settleAll(settling)) : new Set<Making<Api>>();
  going = going.filter((making) => !settling.includes(making) || settled.has(making));
  going = await eachOf(going, (making) => callsOf(making, "follow-up"), callFollowUp);
  for (const making of going) complete(making);
}

const verbOf = (step: Step): string =>
  step.calls[0]?.call === "create" ? "create" : step.action === "adopt" ? "adopt" : "update";

async function callUpdate<Api>(making: Making<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "update") return;
  const change = { spec: making.target, live: making.step.live, changed: new Set(planned.fields) };
  await making.kind.update?.(making.run.engine.api, placeOf(making), change);
  rememberFields(making, "updated", planned.fields);
}

async function callFollowUp<Api>(making: Making<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "follow-up") return;
  const followUp = making.kind.followUps?.find(({ name }) => name === planned.name);
  await followUp?.run(making.run.engine.api, placeOf(making), making.target, planned.one);
  rememberFields(making, planned.name, planned.fields);
}

const callsOf = <Api>(making: Making<Api>, call: PlannedCall["call"]): readonly PlannedCall[] =>
  making.step.calls.filter((one) => one.call === call);

/** Makes each one's calls in turn, of a serial kind one after the other; returns those that came through. */
async function eachOf<Api>(
  makings: readonly Making<Api>[],
  callsFor: (making: Making<Api>) => readonly PlannedCall[],
  make: (making: Making<Api>, planned: PlannedCall) => Promise<void>,
): Promise<Making<Api>[]> {
  const limit = pLimit(makings.some(({ kind }) => kind.serial) ? 1 : Math.max(1, makings.length));
  const through = await limit.map(makings, async (making) => {
    try {
      for (const planned of callsFor(making)) await make(making, planned);
      return [making];
    } catch (error) {
      making.run.failed(making.node, error);
      return [];
    }
  });
  return through.flat();
}

function complete<Api>(making: Making<Api>): void {
  const { run, kind, node, step, spec } = making;
  const { lineage } = run.store.state;
  const note = run.store.state.resources[step.address]?.note;
  remember(making, "complete", {
    status: note === undefined ? "ready" : "pending",
    spec: rememberSpec(kind.fields, spec, lineage),
    done: kind.followUps?.map(({ name }) => name),
  });
  const { id } = placeOf(making);
  run.finished(node, verbOf(step), note === undefined ? { id } : { id, note });
}
