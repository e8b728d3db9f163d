import type { Address } from "../core/address.ts";
import { rememberSpec } from "../core/digest.ts";
import { attemptAll } from "../kind/batch-outcome.ts";
import type { BatchOutcome, Created } from "../kind/kind.ts";
import { createdFields } from "../kind/planned-calls.ts";
import type { Entry } from "../kind/state-entry.ts";
import { deposedAddress } from "./deposed-address.ts";
import type { LostCreate } from "./lost-create-recovery.ts";
import { searchLost, settleDoubt } from "./lost-creations.ts";
import { entryOf, rememberAll, rememberCreated, type StepRun } from "./step-run.ts";

/** A creation whose answer was lost is repeated at the most this often, and only when nothing came of it. */
const mostAttempts = 2;

/** Creates objects of one kind, together where a call takes several; returns those that have an id or a task. */
export async function createObjects<Api>(makings: readonly StepRun<Api>[]): Promise<readonly StepRun<Api>[]> {
  const earlier = new Map(makings.map((making) => [making, entryOf(making)]));
  const doubtful = makings.filter(isOpen);
  const settled = await settleDoubt(doubtful);
  const made: StepRun<Api>[] = [...settled.found];
  const unmade = settled.missing.map(({ making }) => making);
  let left = makings.filter((making) => unmade.includes(making) || !doubtful.includes(making));
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const lost: LostCreate<Api>[] = [];
    intend(left);
    const outcomes = await callCreate(left);
    left.forEach((making, index) => {
      const outcome = outcomes[index] ?? { error: new Error(`no answer for ${making.step.address}`) };
      if ("value" in outcome) made.push(rememberCreated(making, outcome.value));
      else if (isUnknown(making, outcome.error)) lost.push({ making, error: outcome.error });
      else {
        making.run.failed(making.node, outcome.error, createdFields(making.kind));
        const former = deposedAddress(making.step);
        making.run.store.put("not created", {
          [making.step.address]: earlier.get(making) ?? null,
          ...(former === undefined ? {} : { [former]: null }),
        });
      }
    });
    if (lost.length === 0) break;
    const { found, missing } = await searchLost(lost);
    made.push(...found);
    const again = attempt < mostAttempts && !makings[0]?.run.engine.signal?.aborted;
    if (!again) {
      for (const { making, error } of missing)
        making.run.failed(making.node, error, createdFields(making.kind));
    }
    left = again ? missing.map(({ making }) => making) : [];
  }
  return made;
}

/** Whether an earlier run began its creation, and what came of that may have appeared since the plan was made. */
const isOpen = <Api>(making: StepRun<Api>): boolean =>
  making.kind.listing?.appearsWithin !== undefined && entryOf(making)?.status === "unknown";

const isUnknown = <Api>({ run }: StepRun<Api>, error: unknown): boolean =>
  run.engine.provider.explain(error).type === "unknown-outcome";

/** Remembers what is about to be tried: by its identity it can be found, and the rest tells whether it is still wanted. */
function intend<Api>(makings: readonly StepRun<Api>[]): void {
  const now = makings[0]?.run.engine.clock.now() ?? 0;
  rememberAll(
    makings,
    "about to create",
    (making) => {
      const { kind, step, spec, run } = making;
      const fields = createdFields(kind);
      const tried = Object.entries(spec).filter(([name]) => fields.includes(name));
      return {
        id: undefined,
        status: "unknown",
        spec: rememberSpec(kind.fields, Object.fromEntries(tried), run.store.state.lineage),
        done: undefined,
        note: undefined,
        brought: undefined,
        before: step.before ?? [],
        begun: Math.floor(now / 1000),
        ...(kind.replacement === "create-first" ? { previous: step.removes } : {}),
        ...(kind.replacement === "keep-old" ? { kept: keptBy(making) } : {}),
      };
    },
    leavingEntries(makings),
  );
}

/** What stays at Coze and has to be let go of once there is something in its place. */
function leavingEntries<Api>(makings: readonly StepRun<Api>[]): { readonly [address: Address]: Entry } {
  const leaving = makings.flatMap((making) => {
    const [address, entry] = [deposedAddress(making.step), entryOf(making)];
    if (address === undefined || entry?.id === undefined) return [];
    // What protected it was asked when its replacement was planned.
    const { preventDestroy: _asked, ...former } = entry;
    return [[address, former] as const];
  });
  return Object.fromEntries(leaving);
}

/** What stays at Coze besides the object to be made. */
function keptBy<Api>(making: StepRun<Api>): Entry["kept"] {
  const { step } = making;
  const entry = entryOf(making);
  if (step.action !== "replace" || entry?.id === undefined) return entry?.kept;
  const { id, parent, spec, brought } = entry;
  const kept = { id, ...(parent === undefined ? {} : { parent }), spec, ...(brought ? { brought } : {}) };
  return [...(entry.kept ?? []), kept];
}

function callCreate<Api>(makings: readonly StepRun<Api>[]): Promise<readonly BatchOutcome<Created>[]> {
  const specs = makings.map(({ target }) => target);
  return attemptAll(specs, async () => {
    const [first] = makings;
    const [spec] = specs;
    if (!first || !spec) return [];
    const { kind, run } = first;
    if (kind.createMany) return kind.createMany.run(run.engine.apiOf(kind), specs);
    if (!kind.create) throw new Error(`${kind.name} can't be created`);
    return [{ value: await kind.create(run.engine.apiOf(kind), spec) }];
  });
}
