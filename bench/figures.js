// Samples to figures, and what both are called.

/** Values of keys that budgets look for. */
export const names = {
  own: "own process",
  embedded: "embedded",
  paced: "50 ms, 20/s",
  projectData: "the project's texts as terraform_data",
  bots: (characters) => `coze_bot, prompts of ${characters}`,
};

/** The middle one; of an even number of numbers, the mean of the two in the middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What tells figures apart. */
const keys = ["part", "emulator", "pace", "size", "operation"];
const keyOf = (sample) => keys.map((key) => sample[key]).join("|");

/** Makes one figure of all samples of a key: the median of each number, and in `runs` how many samples there were. */
export function summarize(samples) {
  const groups = new Map();
  for (const sample of samples) {
    const group = groups.get(keyOf(sample));
    if (group) group.push(sample);
    else groups.set(keyOf(sample), [sample]);
  }
  return [...groups.values()].map((group) => ({
    ...Object.fromEntries(keys.map((key) => [key, group[0][key]])),
    runs: group.length,
    ...medians(group),
  }));
}

function medians(group) {
  const names = new Set(group.flatMap(Object.keys).filter((name) => !keys.includes(name)));
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const numbers = group.map((sample) => sample[name]).filter((value) => value !== undefined);
      return numbers.length > 0 ? [[name, median(numbers)]] : [];
    }),
  );
}
