import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";

const load = (name: string) => import(pathToFileURL(resolve(import.meta.dirname, "../../bench", name)).href);
const { median, summarize } = await load("figures.js");
const { checkBudgets } = await load("budgets.js");
const { makeTables, renderMarkdown, renderText } = await load("table.js");

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 10, 1, 2], 3],
])("the median of %j is %d", (numbers, middle) => {
  expect(median(numbers)).toBe(middle);
});

const plan = { part: "world", emulator: "own process", pace: "none", operation: "no-op plan" };

test("samples of one key become one figure, of each number that they have", () => {
  const samples = [
    { ...plan, size: 100, cpuMs: 30, calls: 17 },
    { ...plan, size: 1000, cpuMs: 500, calls: 135 },
    { ...plan, size: 100, cpuMs: 10, calls: 17 },
    { ...plan, size: 100, cpuMs: 20 },
  ];
  expect(summarize(samples)).toEqual([
    { ...plan, size: 100, runs: 3, cpuMs: 20, calls: 17 },
    { ...plan, size: 1000, runs: 1, cpuMs: 500, calls: 135 },
  ]);
});

const figures = [
  { ...plan, size: 1000, runs: 1, calls: 135, least: 135, cpuMs: 1000 },
  { ...plan, size: 10_000, runs: 1, calls: 1300, least: 1269, cpuMs: 11_000, memoryMb: 401 },
  {
    part: "terraform",
    size: 10_000,
    operation: "the project's texts as terraform_data",
    runs: 1,
    cpuMs: 48_400,
  },
  { part: "interruption", operation: "apply after 30 calls", runs: 1, afterAnswerMs: 500 },
  { part: "interruption", operation: "apply after 100 calls", runs: 1, afterAnswerMs: 2001 },
];

test("a budget is kept, missed, or can't be checked", () => {
  const budgets = checkBudgets(figures);
  const measured = budgets.filter(({ state }: { state: string }) => state !== "not measured");
  expect(
    measured.map(({ name, value, state }: { name: string; value: number; state: string }) => [
      name,
      Number(value.toFixed(3)),
      state,
    ]),
  ).toEqual([
    ["no-op plan of 1,000, calls to the least", 1, "kept"],
    ["no-op plan of 10,000, calls to the least", 1.024, "missed"],
    ["no-op plan of 10,000, CPU", 11_000, "missed"],
    ["no-op plan of 10,000, memory", 401, "missed"],
    ["terraform plan of 10,000 terraform_data to no-op plan, CPU", 4.4, "kept"],
    ["no-op plan 10,000 to 1,000, CPU", 11, "kept"],
    ["Ctrl-C in an apply: from its last answer to its end", 2001, "missed"],
  ]);
  expect(budgets.length).toBeGreaterThan(measured.length);
});

test("tables leave out what wasn't measured", () => {
  const some = [figures[0], figures[4]];
  const budgets = checkBudgets(some);
  expect(renderText(makeTables(some, budgets))).toBe(
    `
size   emulator     operation   calls  least  CPU    runs
1,000  own process  no-op plan  135    135    1.0 s  1

interrupted            from the last answer to the end  runs
apply after 100 calls  2001 ms                          1

budget                                               limit            measured
no-op plan of 1,000, calls to the least              at most 1.02 ×   1.00 ×    kept
Ctrl-C in an apply: from its last answer to its end  at most 2000 ms  2001 ms   MISSED
`.trim(),
  );
  expect(renderMarkdown(makeTables([figures[0]]))).toBe(
    `
| size  | emulator    | operation  | calls | least | CPU   | runs |
| ----- | ----------- | ---------- | ----- | ----- | ----- | ---- |
| 1,000 | own process | no-op plan | 135   | 135   | 1.0 s | 1    |
`.trim(),
  );
});
