/** A command of a README, and lines that it says are written. */
interface Step {
  readonly line: string;
  readonly told: readonly string[];
}

/** The commands of a README in their order; what stands in the block of text behind one is told by it. */
export function readSteps(text: string): readonly Step[] {
  const steps: Step[] = [];
  for (const [, kind, block = ""] of text.matchAll(/^```(sh|text)\n(.*?)^```$/gmsu)) {
    const lines = block.split("\n").filter((line) => line !== "");
    const last = steps.pop();
    if (last && kind === "text") steps.push({ ...last, told: lines });
    else steps.push(...(last ? [last] : []), ...lines.map((line) => ({ line, told: [] })));
  }
  return steps;
}
