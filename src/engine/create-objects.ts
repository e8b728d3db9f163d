import type { Address } from "../core/address.ts";
import { ExplainedError } from "../core/explained-error.ts";
import { holderId } from "../kind/holder.ts";
import { keyOfPlace, listAll, placesOf } from "../kind/identity-match.ts";
import type { BatchOutcome, Created, Item } from "../kind/kind.ts";
import { createdFields } from "../kind/planned-calls.ts";
import type { Entry } from "../kind/state-entry.ts";
import { createBatch } from "../lifecycle/batching.ts";
import {
  type CreateFailure,
  type CreateHost,
  createWithRecovery,
  searchFor,
} from "../lifecycle/create-with-recovery.ts";
import { longestSearch } from "../lifecycle/poll-intervals.ts";
import { explain, say } from "../messages/text.ts";
import { ambiguityHint } from "../plan/steps/removal.ts";
import { describeMissing } from "./failures.ts";
import { entryBefore, intend } from "./intents.ts";
import { entryOf, forgetCreation, rememberCreated, renewUploads, type StepRun } from "./step-run.ts";
import { deposedAddress } from "./superseded.ts";
import { complainIfWanted } from "./taken-values.ts";
import { lostCallOf, waitForLost } from "./wait-for-lost.ts";

/**
 * Creates the objects of steps of one kind, together where a call takes several. Searches first for those whose creation
 * an earlier run began. Returns the steps that have an object or a task.
 */
export async function createObjects<Api>(
  stepRuns: readonly StepRun<Api>[],
): Promise<readonly StepRun<Api>[]> {
  const [first] = stepRuns;
  if (!first) return [];
  const made: StepRun<Api>[] = [];
  const host = openCreateHost(first, stepRuns, made);
  const doubtful = stepRuns.filter(isInDoubt);
  const lost = doubtful.map((creation) => ({ creation, error: new Error(say("engine/no-answer")) }));
  const missing = (await waitForLost(host, lost)).map(({ creation }) => creation);
  const left = stepRuns.filter((stepRun) => missing.includes(stepRun) || !doubtful.includes(stepRun));
  await createWithRecovery(first.run.port, host, left);
  return made;
}

/** Searches for the object of a task that Coze has forgotten; whether it was found. If not, the step fails. */
export async function findForgotten<Api>(stepRun: StepRun<Api>, task: string): Promise<boolean> {
  const { run, node } = stepRun;
  const made: StepRun<Api>[] = [];
  const host = openCreateHost(stepRun, [stepRun], made);
  const lost = [
    { creation: stepRun, error: new ExplainedError(explain("engine/nothing-appeared", { task })) },
  ];
  const missing =
    lostCallOf(stepRun)?.isOver === false
      ? await waitForLost(host, lost)
      : await searchFor(run.port, host, lost, Math.min(longestSearch, run.options.timeout));
  for (const { error } of missing) run.failed(node, error);
  return made.length > 0;
}

/** Whether an earlier run began its creation, and its object may have appeared since the plan was made. */
const isInDoubt = <Api>(stepRun: StepRun<Api>): boolean =>
  stepRun.kind.listing?.appearsWithin !== undefined && entryOf(stepRun)?.status === "unknown";

/** `made`: where the steps go that have an object or a task. */
function openCreateHost<Api>(
  { run, kind }: StepRun<Api>,
  stepRuns: readonly StepRun<Api>[],
  made: StepRun<Api>[],
): CreateHost<Api, StepRun<Api>> {
  const earlier = new Map(stepRuns.map((stepRun) => [stepRun, entryBefore(stepRun)]));
  const host: CreateHost<Api, StepRun<Api>> = {
    api: run.engine.apiOf(kind),
    kind,
    async create(creations) {
      await intend(creations);
      const outcomes = await callCreate(host.api, creations);
      const errors = outcomes.map((outcome) => ("error" in outcome ? outcome.error : undefined));
      // A call for several objects fails with one error for all of them.
      const renewed = new Set(creations.flatMap((one, index) => renewedBy(one, errors[index])));
      const again = creations.filter((_, index) => renewed.has(errors[index]));
      if (again.length === 0) return outcomes;
      const later = await callCreate(host.api, again);
      return outcomes.map(
        (outcome, index) => later[again.indexOf(creations[index] as StepRun<Api>)] ?? outcome,
      );
    },
    async list(creations) {
      const [first] = creations;
      const specs = creations.map(({ wanted }) => wanted);
      return first ? await listAll(host.api, kind, holderId(kind, first.wanted), { specs }) : [];
    },
    trace(stepRun) {
      const entry = entryOf(stepRun);
      return {
        // The manifest may have changed since the creation was begun.
        spec: entry?.status === "unknown" ? entry.spec : stepRun.wanted,
        before: entry?.before ?? stepRun.step.before ?? [],
        begun: entry?.begun ?? 0,
      };
    },
    findFree(_stepRun, items) {
      const owned = new Set(Object.values(run.store.state.resources).flatMap(placesOf).map(keyOfPlace));
      return items.filter((item) => !owned.has(keyOfPlace(item)));
    },
    searchSlow: (lost) => waitForLost(host, lost),
    created(stepRun, created) {
      rememberCreated(stepRun, created);
      const notTaken = "task" in created ? undefined : created.notTaken;
      if (notTaken) complainIfWanted(stepRun, notTaken);
      if ("untold" in created && created.untold) run.untold.add(stepRun.step);
      made.push(stepRun);
    },
    found(stepRun, { id }) {
      rememberCreated(stepRun, { id }, forgetCreation(stepRun));
      made.push(stepRun);
    },
    failed: (stepRun, failure) => failCreation(stepRun, failure, earlier.get(stepRun)),
  };
  return host;
}

const renewedBy = <Api>(stepRun: StepRun<Api>, error: Error | undefined): readonly (Error | undefined)[] =>
  error && renewUploads(stepRun, error) ? [error] : [];

function callCreate<Api>(
  api: Api,
  stepRuns: readonly StepRun<Api>[],
): Promise<readonly BatchOutcome<Created>[]> {
  const [first] = stepRuns;
  if (!first) throw new Error("nothing is to be created");
  const specs = stepRuns.map(({ toSend }) => toSend);
  return createBatch(api, first.kind, specs, (index) => describeMissing(stepRuns[index]?.step));
}

/** `earlier`: the state entry before the creation. */
function failCreation<Api>(
  { run, node, kind, step }: StepRun<Api>,
  failure: CreateFailure,
  earlier: Entry | undefined,
): void {
  switch (failure.why) {
    case "refused": {
      run.failed(node, failure.error, createdFields(kind));
      const deposed = deposedAddress(step);
      run.store.put("not-created", {
        [step.address]: earlier ?? null,
        ...(deposed === undefined ? {} : { [deposed]: null }),
      });
      return;
    }
    case "lost":
      run.failed(node, failure.error, createdFields(kind));
      return;
    case "ambiguous":
      run.failed(node, describeAmbiguity(step.address, failure.items));
      return;
    case "unsearched":
      // It stays as unknown as it is.
      run.failed(node, failure.cause);
  }
}

/** Several objects could be the result of a creation. */
function describeAmbiguity(address: Address, items: readonly Item[]): ExplainedError {
  const message = say("engine/ambiguous", { ids: items.map(({ id }) => id).join(", ") });
  return new ExplainedError({ message, hint: ambiguityHint(address) });
}
