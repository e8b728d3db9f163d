import type { PlannedCall } from "../kind/planned-calls.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply.ts";
import { createObjects } from "./create-objects.ts";
import { pollTasks } from "./poll-tasks.ts";
import type { Turn } from "./scheduler.ts";
import {
  beginStepRun,
  entryOf,
  forgetCreation,
  placeOfRun,
  remember,
  rememberedSpec,
  rememberFields,
  retakeKept,
  type StepRun,
} from "./step-run.ts";
import { waitReady } from "./wait-ready.ts";

/** Makes or changes the objects of a unit: one call creates them all where the kind allows, the rest goes one by one. */
export async function applyUnit<Api>(run: ApplyRun<Api>, nodes: readonly Node[], turn: Turn): Promise<void> {
  const makings = nodes.map((node) => beginStepRun(run, node, turn));
  for (const { node } of makings) run.started(node, verbOf(node));
  const creating = makings.filter(({ node }) => node.calls[0]?.call === "create");
  const made = await pollTasks(creating.length > 0 ? await createObjects(creating) : []);
  const resuming = makings.filter(
    (making) => !creating.includes(making) && entryOf(making)?.task !== undefined,
  );
  for (const making of await pollTasks(resuming)) finish(making);
  const present = makings.filter((making) => !creating.includes(making) && !resuming.includes(making));
  for (const making of present) {
    const status = making.step.calls.length > 0 ? "incomplete" : "ready";
    const updates = callsOf(making, "update").length > 0;
    remember(making, "begun", {
      status,
      ...retakeKept(making),
      ...forgetCreation(making),
      ...(updates ? { done: undefined } : {}),
    });
  }

  let going = [...made, ...present];
  going = await eachOf(going, (making) => callsOf(making, "update"), callUpdate);
  const settling = going.filter((making) => callsOf(making, "settle").length > 0 && making.kind.settle);
  const settled = settling.length > 0 ? new Set(await waitReady(settling)) : new Set<StepRun<Api>>();
  going = going.filter((making) => !settling.includes(making) || settled.has(making));
  going = await eachOf(going, (making) => callsOf(making, "follow-up"), callFollowUp);
  for (const making of going) {
    if (making.node.unfinished) run.prepared(making.node);
    else complete(making);
  }
}

function verbOf({ part, step }: Node): string {
  if (part === "switch") return "switch";
  if (step.calls[0]?.call === "create" || !step.place) return "create";
  return step.action === "adopt" ? "adopt" : "update";
}

async function callUpdate<Api>(making: StepRun<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "update") return;
  const change = { spec: making.target, live: making.step.live, changed: new Set(planned.fields) };
  await making.kind.update?.(making.run.engine.apiOf(making.kind), placeOfRun(making), change);
  rememberFields(making, "updated", planned.fields);
}

type FollowUpStep = Extract<PlannedCall, { call: "follow-up" }>;

async function callFollowUp<Api>(making: StepRun<Api>, planned: PlannedCall): Promise<void> {
  if (planned.call !== "follow-up") return;
  const followUp = making.kind.followUps?.find(({ name }) => name === planned.name);
  intendFollowUp(making, planned);
  const api = making.run.engine.apiOf(making.kind);
  const published = await followUp?.run(api, placeOfRun(making), making.target, planned.one);
  rememberFields(making, planned.name, planned.fields, published ? { version: published.version } : {});
}

/** For an object that can't be removed: what was done for it has to be known, to be taken back should it be let go. */
function intendFollowUp<Api>(making: StepRun<Api>, { name, fields }: FollowUpStep): void {
  const { spec = {}, done } = entryOf(making) ?? {};
  if (making.kind.removal !== "abandon" || fields.some((field) => field in spec)) return;
  remember(making, `about to ${name}`, { done: done?.filter((one) => one !== name) });
  rememberFields(making, `about to ${name}`, fields);
}

const callsOf = <Api>(making: StepRun<Api>, call: PlannedCall["call"]): readonly PlannedCall[] =>
  making.node.calls.filter((one) => one.call === call);

/** Makes each one's calls in turn; returns those that came through. */
async function eachOf<Api>(
  makings: readonly StepRun<Api>[],
  callsFor: (making: StepRun<Api>) => readonly PlannedCall[],
  make: (making: StepRun<Api>, planned: PlannedCall) => Promise<void>,
): Promise<StepRun<Api>[]> {
  const crashes: unknown[] = [];
  const attempts = makings.map(async (making) => {
    let sent: readonly string[] = [];
    try {
      for (const planned of callsFor(making)) {
        sent = "fields" in planned ? planned.fields : [];
        await make(making, planned);
      }
      return [making];
    } catch (error) {
      try {
        making.run.failed(making.node, error, sent);
      } catch (crash) {
        // The others' calls are in flight still.
        crashes.push(crash);
      }
      return [];
    }
  });
  const through = await Promise.all(attempts);
  if (crashes.length > 0) throw crashes[0];
  return through.flat();
}

function complete<Api>(making: StepRun<Api>): void {
  const note = entryOf(making)?.note;
  remember(making, "complete", {
    status: note === undefined ? "ready" : "pending",
    spec: rememberedSpec(making),
    done: making.kind.followUps?.map(({ name }) => name),
  });
  finish(making);
}

function finish<Api>(making: StepRun<Api>): void {
  const { run, node } = making;
  const { id } = placeOfRun(making);
  const note = entryOf(making)?.note;
  run.finished(node, verbOf(node), note === undefined ? { id } : { id, note });
}
