import { Refused } from "../../src/commands/refusals.ts";
import type { Answers, Refusal } from "../../src/plan/guards/refusal.ts";

/** The answers that say yes to refusals, added to others. */
function sayYes(answers: Answers, refusals: readonly Refusal[]): Answers {
  const valuesOf = (flag: string) =>
    refusals.flatMap(({ options: [name, value] }) => (name === flag && value !== undefined ? [value] : []));
  const count = refusals.find(({ guard }) => guard === "removals")?.count;
  return {
    ...answers,
    notRenamed: [...(answers.notRenamed ?? []), ...valuesOf("--not-renamed")],
    duplicate: [...(answers.duplicate ?? []), ...valuesOf("--duplicate")],
    ...(count === undefined ? {} : { confirmRemovals: count }),
  };
}

/** Runs something for a test that isn't about guards: whatever they refuse is allowed, where something allows it. */
export async function answering<Result>(
  answers: Answers,
  run: (answers: Answers) => Promise<Result>,
): Promise<Result> {
  let given = answers;
  // Some refusals are seen only when others are answered.
  for (let left = 4; ; left -= 1) {
    try {
      return await run(given);
    } catch (error) {
      const refusals = error instanceof Refused ? error.refusals : [];
      if (left === 0 || refusals.length === 0 || refusals.some(({ options }) => options.length === 0))
        throw error;
      given = sayYes(given, refusals);
    }
  }
}
