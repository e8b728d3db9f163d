import type { PlannedCall } from "../kind/planned-calls.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply-run.ts";
import { createObjects } from "./create-objects.ts";
import type { Doing } from "./events.ts";
import { pollTasks, waitReady } from "./pending-work.ts";
import { discardReplaced } from "./remove-unit.ts";
import type { Turn } from "./scheduler.ts";
import {
  beginStepRun,
  entryOf,
  forgetCreation,
  placeOfRun,
  remember,
  rememberedSpec,
  rememberFields,
  renewUploads,
  type StepRun,
} from "./step-run.ts";
import { retakeSuperseded } from "./superseded.ts";
import { checkTaken } from "./taken-values.ts";

/** Creates or changes the objects of a unit: in one creating call where the kind allows, otherwise one by one. */
export async function applyUnit<Api>(run: ApplyRun<Api>, nodes: readonly Node[], turn: Turn): Promise<void> {
  const stepRuns = nodes.map((node) => beginStepRun(run, node, turn));
  for (const { node } of stepRuns) run.started(node, verbOf(node));
  const creating = stepRuns.filter(({ node }) => node.calls[0]?.call === "create");
  const created = await pollTasks(creating.length > 0 ? await createObjects(creating) : []);
  const resuming = stepRuns.filter(
    (stepRun) => !creating.includes(stepRun) && entryOf(stepRun)?.task !== undefined,
  );
  for (const stepRun of await pollTasks(resuming)) finish(stepRun);
  const existing = stepRuns.filter((stepRun) => !creating.includes(stepRun) && !resuming.includes(stepRun));
  for (const stepRun of existing) {
    const status = stepRun.step.calls.length > 0 ? "incomplete" : "ready";
    const updates = callsOf(stepRun, "update").length > 0;
    remember(stepRun, "begun", {
      status,
      ...retakeSuperseded(stepRun),
      ...forgetCreation(stepRun),
      ...(updates ? { done: undefined } : {}),
    });
  }
  await run.store.kept();
  const updated = await eachOf(
    [...created, ...existing],
    (stepRun) => callsOf(stepRun, "update"),
    callUpdate,
  );
  const working = updated.filter((stepRun) => callsOf(stepRun, "settle").length > 0 && stepRun.kind.settle);
  const ready = new Set(await waitReady(working));
  await discardReplaced(working.filter((stepRun) => entryOf(stepRun)?.status === "tainted"));
  const usable = updated.filter((stepRun) => !working.includes(stepRun) || ready.has(stepRun));
  const done = await eachOf(usable, (stepRun) => callsOf(stepRun, "follow-up"), callFollowUp);
  await checkTaken(done.filter(({ step }) => step.action === "replace" && run.untold.has(step)));
  for (const stepRun of done) {
    if (stepRun.node.unfinished) run.prepared(stepRun.node);
    else complete(stepRun);
  }
}

function verbOf({ part, step }: Node): Doing {
  if (part === "switch") return "switch";
  if (step.calls[0]?.call === "create" || !step.place) return "create";
  return step.action === "adopt" ? "adopt" : "update";
}

async function callUpdate<Api>(stepRun: StepRun<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "update") return;
  const change = { spec: stepRun.toSend, live: stepRun.step.live, changed: new Set(planned.fields) };
  const update = async () =>
    stepRun.kind.update?.(stepRun.run.engine.apiOf(stepRun.kind), placeOfRun(stepRun), change);
  await update().catch((error: unknown) => {
    if (!renewUploads(stepRun, error)) throw error;
    return update();
  });
  rememberFields(stepRun, "updated", planned.fields);
}

type FollowUpStep = Extract<PlannedCall, { call: "follow-up" }>;

async function callFollowUp<Api>(stepRun: StepRun<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "follow-up") return;
  const followUp = stepRun.kind.followUps?.find(({ name }) => name === planned.name);
  intendFollowUp(stepRun, planned);
  await stepRun.run.store.kept();
  const api = stepRun.run.engine.apiOf(stepRun.kind);
  const published = await followUp?.run(api, placeOfRun(stepRun), stepRun.toSend, planned.one);
  if (!published) rememberFields(stepRun, planned.name, planned.fields);
  else rememberFields(stepRun, planned.name, planned.fields, { version: published.version }, true);
}

/** Remembers the follow-ups of an object that can't be removed, so that they can be taken back when it is abandoned. */
function intendFollowUp<Api>(stepRun: StepRun<Api>, { name, fields }: FollowUpStep): void {
  const { spec = {}, done } = entryOf(stepRun) ?? {};
  if (stepRun.kind.removal !== "abandon" || fields.some((field) => field in spec)) return;
  rememberFields(stepRun, `about-to-${name}`, fields, { done: done?.filter((one) => one !== name) });
}

const callsOf = <Api>(stepRun: StepRun<Api>, call: PlannedCall["call"]): readonly PlannedCall[] =>
  stepRun.node.calls.filter((one) => one.call === call);

/** Makes the calls of each step in turn; returns the steps whose calls all succeeded. */
async function eachOf<Api>(
  stepRuns: readonly StepRun<Api>[],
  callsFor: (stepRun: StepRun<Api>) => readonly PlannedCall[],
  call: (stepRun: StepRun<Api>, planned: PlannedCall) => Promise<void>,
): Promise<StepRun<Api>[]> {
  const crashes: unknown[] = [];
  const attempts = stepRuns.map(async (stepRun) => {
    let sent: readonly string[] = [];
    try {
      for (const planned of callsFor(stepRun)) {
        sent = "fields" in planned ? planned.fields : [];
        await call(stepRun, planned);
      }
      return [stepRun];
    } catch (error) {
      try {
        stepRun.run.failed(stepRun.node, error, sent);
      } catch (crash) {
        // The other steps' calls are still in flight.
        crashes.push(crash);
      }
      return [];
    }
  });
  const succeeded = await Promise.all(attempts);
  if (crashes.length > 0) throw crashes[0];
  return succeeded.flat();
}

function complete<Api>(stepRun: StepRun<Api>): void {
  const note = entryOf(stepRun)?.note;
  remember(stepRun, "complete", {
    status: note === undefined ? "ready" : "pending",
    spec: rememberedSpec(stepRun),
    done: stepRun.kind.followUps?.map(({ name }) => name),
  });
  finish(stepRun);
}

function finish<Api>(stepRun: StepRun<Api>): void {
  const { run, node } = stepRun;
  const { id } = placeOfRun(stepRun);
  const note = entryOf(stepRun)?.note;
  run.finished(node, verbOf(node), note === undefined ? { id } : { id, note });
}
