import type { FailurePart, Whereabouts } from "../core/failure.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import type { TaskState } from "../kind/kind.ts";
import { entryOf, type StepRun } from "./step-run.ts";

/** The resource of the project that stands for an object at Coze, in whichever environment; undefined when none does. */
export type LocateId = (id: string) => Promise<Whereabouts | undefined>;

type Parts = NonNullable<Extract<TaskState, { readonly state: "failed" }>["parts"]>;

/**
 * What stood in the way of a task, each with the place in the manifests that is concerned: the field that names the
 * object, else the resource that stands for it, else the resource that the task was for.
 */
export function locateParts<Api>(making: StepRun<Api>, parts: Parts): Promise<readonly FailurePart[]> {
  return Promise.all(parts.map(async ({ id, text }) => ({ text, ...(await locatePart(making, id)) })));
}

async function locatePart<Api>(making: StepRun<Api>, id: string | undefined): Promise<Partial<Whereabouts>> {
  const { run, step } = making;
  const { address } = step;
  const field = id === undefined ? undefined : findField(making, id);
  const at = field === undefined ? undefined : run.options.locate?.(address, [field]);
  if (at) return { address, at };
  const elsewhere = id === undefined || field !== undefined ? undefined : await run.options.locateId?.(id);
  return elsewhere ?? (step.at ? { address, at: step.at } : {});
}

/** The field that holds an id, as the task was begun with it. */
function findField<Api>(making: StepRun<Api>, id: string): string | undefined {
  let found: string | undefined;
  mapLeaves(making.kind.fields, entryOf(making)?.spec ?? making.spec, ({ value, path }) => {
    if (value === id) found ??= String(path[0]);
    return value;
  });
  return found;
}
