// The limits that the figures have to keep: ratios within one run, and a few amounts.

import { names } from "./figures.js";

const find = (figures, wanted) =>
  figures.find((figure) => Object.entries(wanted).every(([key, value]) => figure[key] === value));

const own = { part: "world", emulator: names.own, pace: "none" };
const embedded = { part: "world", emulator: names.embedded, pace: "none" };
const paced = { part: "world", emulator: names.own, pace: names.paced };

/** The number `name` of the figure that has what is `wanted`. */
const number = (wanted, name) => (figures) => find(figures, wanted)?.[name];

/** The ratio of two numbers; undefined unless both were measured. */
const ratio = (one, other) => (figures) => {
  const [above, below] = [one(figures), other(figures)];
  return above === undefined || below === undefined ? undefined : above / below;
};

/** How a number grows from 1,000 to 10,000. */
const growth = (wanted, name) =>
  ratio(number({ ...wanted, size: 10_000 }, name), number({ ...wanted, size: 1000 }, name));

const callsOverLeast = (wanted) => ratio(number(wanted, "calls"), number(wanted, "least"));

/** The largest number `name` of the figures that `isMeant`. */
const largest = (isMeant, name) => (figures) => {
  const meant = figures.filter(isMeant);
  return meant.length > 0 ? Math.max(...meant.map((figure) => figure[name])) : undefined;
};

const startUp = [
  {
    name: "start of --version over an empty script, CPU",
    limit: 60,
    unit: "ms",
    measure: number({ part: "startup", operation: "--version" }, "overMs"),
  },
  {
    name: "start of the slowest --help over an empty script, CPU",
    limit: 60,
    unit: "ms",
    measure: largest(({ part, operation }) => part === "startup" && operation.endsWith("--help"), "overMs"),
  },
  {
    name: "validate of the quickstart over an empty script, CPU",
    limit: 200,
    unit: "ms",
    measure: number({ part: "startup", operation: "validate quickstart" }, "overMs"),
  },
];

const validate = { ...own, operation: "validate" };
const validation = [
  {
    name: "validate 10,000, CPU",
    limit: 5000,
    unit: "s",
    measure: number({ ...validate, size: 10_000 }, "cpuMs"),
  },
  {
    name: "validate 10,000, memory",
    limit: 300,
    unit: "MB",
    measure: number({ ...validate, size: 10_000 }, "memoryMb"),
  },
  { name: "validate 10,000 to 1,000, CPU", limit: 11, unit: "times", measure: growth(validate, "cpuMs") },
  { name: "validate 10,000 to 1,000, time", limit: 11, unit: "times", measure: growth(validate, "wallMs") },
];

const noop = { ...own, operation: "no-op plan" };
const plans = [
  ...[100, 1000, 10_000].map((size) => ({
    name: `no-op plan of ${size.toLocaleString("en-US")}, calls to the least`,
    limit: 1.02,
    unit: "times",
    measure: callsOverLeast({ ...noop, size }),
  })),
  {
    name: "no-op plan of 10,000, CPU",
    limit: 8000,
    unit: "s",
    measure: number({ ...noop, size: 10_000 }, "cpuMs"),
  },
  {
    name: "no-op plan of 10,000, memory",
    limit: 400,
    unit: "MB",
    measure: number({ ...noop, size: 10_000 }, "memoryMb"),
  },
  {
    name: "terraform plan of 10,000 terraform_data to no-op plan, CPU",
    limit: 4,
    isLeast: true,
    unit: "times",
    measure: ratio(
      number({ part: "terraform", operation: names.projectData, size: 10_000 }, "cpuMs"),
      number({ ...noop, size: 10_000 }, "cpuMs"),
    ),
  },
  { name: "no-op plan 10,000 to 1,000, CPU", limit: 11, unit: "times", measure: growth(noop, "cpuMs") },
];

const apply = { ...embedded, operation: "apply" };
const applies = [
  {
    name: "apply of 10,000 embedded",
    limit: 60_000,
    unit: "s",
    measure: number({ ...apply, size: 10_000 }, "wallMs"),
  },
  {
    name: "apply 10,000 to 1,000 embedded, time",
    limit: 11,
    unit: "times",
    measure: growth(apply, "wallMs"),
  },
  {
    name: "apply 10,000 to 1,000, time",
    limit: 11,
    unit: "times",
    measure: growth({ ...own, operation: "apply" }, "wallMs"),
  },
];

const pacedApplies = [1000, 10_000].flatMap((size) => {
  const wanted = { ...paced, operation: "apply", size };
  const what = `apply of ${size.toLocaleString("en-US")} at 50 ms and 20 calls/s`;
  return [
    { name: `${what}: limit used`, limit: 0.95, isLeast: true, unit: "%", measure: number(wanted, "used") },
    { name: `${what}: refused`, limit: 0, unit: "calls", measure: number(wanted, "refused") },
    { name: `${what}: calls to the least`, limit: 1.05, unit: "times", measure: callsOverLeast(wanted) },
  ];
});

const interruptions = [
  {
    name: "Ctrl-C in an apply: from its last answer to its end",
    limit: 2000,
    unit: "ms",
    measure: largest(({ part }) => part === "interruption", "afterAnswerMs"),
  },
];

const terraform = [
  [500, 2],
  [2000, 1.5],
].flatMap(([characters, limit]) => {
  const wanted = { part: "terraform", operation: names.bots(characters), size: 1000 };
  return [
    {
      name: `terraform plan of 1,000 bots, prompts of ${characters}, to terraform_data, CPU`,
      limit,
      unit: "times",
      measure: number(wanted, "ratio"),
    },
    {
      name: `provider, 1,000 bots, prompts of ${characters}, memory`,
      limit: 200,
      unit: "MB",
      measure: number(wanted, "memoryMb"),
    },
  ];
});

const budgets = [
  ...startUp,
  ...validation,
  ...plans,
  ...applies,
  ...pacedApplies,
  ...interruptions,
  ...terraform,
];

/** Every budget with its measured `value` and its `state`: "kept", "missed" or "not measured". */
export function checkBudgets(figures) {
  return budgets.map(({ measure, ...budget }) => {
    const value = measure(figures);
    return { ...budget, value, state: judge(budget, value) };
  });
}

function judge({ limit, isLeast }, value) {
  if (value === undefined) return "not measured";
  return (isLeast ? value >= limit : value <= limit) ? "kept" : "missed";
}
