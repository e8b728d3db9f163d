// Figures as tables, for terminals and for Markdown.

const seconds = (ms) => (ms === undefined ? "" : `${(ms / 1000).toFixed(ms < 995 ? 2 : 1)} s`);
const milliseconds = (ms) => (ms === undefined ? "" : `${ms.toFixed(0)} ms`);
const count = (number) => (number === undefined ? "" : Math.round(number).toLocaleString("en-US"));
const megabytes = (number) => (number === undefined ? "" : `${number.toFixed(0)} MB`);
const percent = (share) => (share === undefined ? "" : `${(share * 100).toFixed(1)} %`);

const worldColumns = [
  ["size", ({ size }) => count(size)],
  ["emulator", ({ emulator }) => emulator],
  ["calls wait", ({ pace }) => (pace === "none" ? "" : pace)],
  ["operation", ({ operation }) => operation],
  ["calls", ({ calls }) => count(calls)],
  ["least", ({ least }) => count(least)],
  ["refused", ({ refused }) => count(refused)],
  ["time", ({ wallMs }) => seconds(wallMs)],
  ["least", ({ leastMs }) => seconds(leastMs)],
  ["limit used", ({ used }) => percent(used)],
  ["CPU", ({ cpuMs }) => seconds(cpuMs)],
  ["memory", ({ memoryMb }) => megabytes(memoryMb)],
  ["runs", ({ runs }) => count(runs)],
];

const startColumns = [
  ["start of", ({ operation }) => operation],
  ["CPU", ({ cpuMs }) => milliseconds(cpuMs)],
  ["empty script", ({ emptyMs }) => milliseconds(emptyMs)],
  ["over it", ({ overMs }) => milliseconds(overMs)],
  ["time", ({ wallMs }) => milliseconds(wallMs)],
  ["pairs", ({ runs }) => count(runs)],
];

const terraformColumns = [
  ["terraform plan of", ({ operation }) => operation],
  ["count", ({ size }) => count(size)],
  ["calls", ({ calls }) => count(calls)],
  ["time", ({ wallMs }) => seconds(wallMs)],
  ["CPU of all processes", ({ cpuMs }) => seconds(cpuMs)],
  ["of terraform_data", ({ otherCpuMs }) => seconds(otherCpuMs)],
  ["ratio", ({ ratio }) => ratio?.toFixed(2) ?? ""],
  ["provider's memory", ({ memoryMb }) => megabytes(memoryMb)],
  ["runs", ({ runs }) => count(runs)],
];

const interruptionColumns = [
  ["interrupted", ({ operation }) => operation],
  ["size", ({ size }) => count(size)],
  ["from the last answer to the end", ({ afterAnswerMs }) => milliseconds(afterAnswerMs)],
  ["from Ctrl-C to the end", ({ afterSignalMs }) => milliseconds(afterSignalMs)],
  ["runs", ({ runs }) => count(runs)],
];

const budgetColumns = [
  ["budget", ({ name }) => name],
  ["limit", ({ limit, unit, isLeast }) => `${isLeast ? "at least" : "at most"} ${amount(limit, unit)}`],
  ["measured", ({ value, unit }) => amount(value, unit)],
  ["", ({ state }) => (state === "missed" ? "MISSED" : "kept")],
];

const units = {
  ms: milliseconds,
  s: seconds,
  MB: megabytes,
  "%": percent,
  times: (value) => `${value.toFixed(2)} ×`,
};
const amount = (value, unit) => (units[unit] ?? count)(value);

const partsOfTables = [
  ["startup", startColumns],
  ["world", worldColumns],
  ["interruption", interruptionColumns],
  ["terraform", terraformColumns],
];

/** The tables of all parts that were measured, and of the budgets that could be checked: each a head and rows of text. */
export function makeTables(figures, budgets = []) {
  const tables = partsOfTables.map(([part, columns]) =>
    tabulate(
      columns,
      figures.filter((figure) => figure.part === part),
    ),
  );
  const measured = budgets.filter(({ state }) => state !== "not measured");
  return [...tables, tabulate(budgetColumns, measured)].filter(({ rows }) => rows.length > 0);
}

/** Leaves out columns in which nothing stands. */
function tabulate(columns, items) {
  const all = columns.map(([head, cell]) => ({ head, cells: items.map(cell) }));
  const shown = all.filter(({ cells }) => cells.some((cell) => cell !== ""));
  return {
    head: shown.map(({ head }) => head),
    rows: items.map((_, row) => shown.map(({ cells }) => cells[row])),
  };
}

/** Tables as text in columns. */
export function renderText(tables) {
  return tables.map(({ head, rows }) => layOut([head, ...rows], "  ").join("\n")).join("\n\n");
}

/** Tables as Markdown, laid out as Biome's formatter has them. */
export function renderMarkdown(tables) {
  return tables
    .map(({ head, rows }) => {
      const widths = widthsOf([head, ...rows]);
      const line = widths.map((width) => "-".repeat(Math.max(3, width)));
      const lines = [head, line, ...rows].map(
        (cells) => `| ${cells.map((cell, column) => cell.padEnd(Math.max(3, widths[column]))).join(" | ")} |`,
      );
      return lines.join("\n");
    })
    .join("\n\n");
}

function layOut(rows, gap) {
  const widths = widthsOf(rows);
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(gap)
      .trimEnd(),
  );
}

const widthsOf = ([first, ...rows]) =>
  first.map((cell, column) => Math.max(cell.length, ...rows.map((cells) => cells[column].length)));
