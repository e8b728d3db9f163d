import { listAll, listLag } from "../kind/identity-match.ts";
import type { Item } from "../kind/kind.ts";
import type { NotTaken } from "../kind/processing-errors.ts";
import { StateUnwritable } from "../state/model.ts";
import { entryOf, placeOfRun, remember, type StepRun, storedForms } from "./step-run.ts";

/** Lets a step fail in the end if Coze took another value of a field that its manifest gives, or doesn't give any more. */
export function complainIfWanted<Api>({ run, node, wanted, step }: StepRun<Api>, notTaken: NotTaken): void {
  const { field } = notTaken;
  const isWanted = wanted[field] !== undefined || step.changes.some(({ path }) => path[0] === field);
  if (isWanted) run.complain(node, notTaken);
}

/**
 * Looks in a list at objects that replaced others and whose creation's answer didn't show what Coze took of the values:
 * what isn't taken is told and remembered, since a further replacement would end the same way. A list that fails is
 * reported and changes nothing about the steps.
 */
export async function checkTaken<Api>(stepRuns: readonly StepRun<Api>[]): Promise<void> {
  const parents = new Set(stepRuns.map((stepRun) => placeOfRun(stepRun).parent));
  for (const parent of parents) {
    await checkBelow(
      parent,
      stepRuns.filter((stepRun) => placeOfRun(stepRun).parent === parent),
    );
  }
}

async function checkBelow<Api>(parent: string | undefined, stepRuns: readonly StepRun<Api>[]): Promise<void> {
  const [first] = stepRuns;
  if (!first) return;
  const { engine, port } = first.run;
  try {
    const items = await findAll(parent, stepRuns);
    for (const stepRun of stepRuns) {
      const item = items.find(({ id }) => id === placeOfRun(stepRun).id);
      const notTaken = item && stepRun.kind.findNotTaken?.(stepRun.toSend, item.live);
      if (!notTaken) continue;
      remember(stepRun, "not-taken", {
        read: { ...entryOf(stepRun)?.read, ...storedForms(stepRun, notTaken) },
      });
      complainIfWanted(stepRun, notTaken);
    }
  } catch (error) {
    if (error instanceof StateUnwritable) throw error;
    engine.onEvent({ type: "not-read-back", at: port.now(), failure: engine.provider.explain(error) });
  }
}

/** The objects below a parent; once more when lists have caught up, if one of the steps' own is missing. */
async function findAll<Api>(
  parent: string | undefined,
  stepRuns: readonly StepRun<Api>[],
): Promise<readonly Item[]> {
  const [first] = stepRuns;
  if (!first) return [];
  const { kind, run } = first;
  const specs = stepRuns.map(({ wanted }) => wanted);
  const list = () => listAll(run.engine.apiOf(kind), kind, parent, { specs });
  const items = await list();
  const shown = new Set(items.map(({ id }) => id));
  if (stepRuns.every((stepRun) => shown.has(placeOfRun(stepRun).id))) return items;
  await run.port.sleep(listLag);
  return list();
}
