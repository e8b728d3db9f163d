// docs/coverage.md, and the table of operations in docs/emulator.md: part of npm run generate.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coverageTable } from "./coverage-table.js";
import { loadSource } from "./load-source.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const docs = join(root, "docs");

const { operations, operationNames } = await loadSource(
  root,
  'export { operations } from "./src/emulator/http/routes.ts"; export { operationNames } from "./src/coze/http/operation.ts";',
);

const meanings = {
  managed: "a manifest declares the object, and an apply makes, changes or removes it",
  lookup: "finds objects by their names",
  check: "tests the account or the result",
  action: "a step of a command",
  planned: "of use, but not called yet",
  "out of scope": "not for a tool that configures",
};

const called = new Set(operationNames);
const answered = new Set(operations.map(({ name }) => name));
const rows = Object.entries(coverageTable).map(([group, entries]) => ({
  group,
  entries: entries.map(([name, address, use, note]) => ({
    name,
    address,
    use: called.has(name) || use === "out of scope" ? use : "planned",
    note,
  })),
}));

writeFileSync(join(docs, "coverage.md"), coveragePage());

const emulatorPage = join(docs, "emulator.md");
const text = readFileSync(emulatorPage, "utf8");
const [head, tail] = [text.indexOf("| operation "), text.indexOf("<!-- end of the operations -->")];
if (head === -1 || tail === -1) throw new Error(`${emulatorPage} has no table of operations`);
writeFileSync(emulatorPage, `${text.slice(0, head)}${operationTable()}\n\n${text.slice(tail)}`);

function coveragePage() {
  const all = rows.flatMap(({ entries }) => entries);
  const count = (use) => all.filter((one) => one.use === use).length;
  const words = ["managed", "lookup", "check", "action", "planned", "out of scope"];
  const counts = words.map((use) => [use, String(count(use)), meanings[use]]);
  const answers = all.filter(({ name }) => answered.has(name)).length;
  const sections = rows.map(({ group, entries }) => {
    const lines = entries.map(({ name, address, use, note }) => [
      `[\`${name}\`](https://docs.coze.cn/developer_guides/${name})`,
      `\`${address}\``,
      use,
      note,
      answered.has(name) ? "yes" : "no",
    ]);
    return `## ${group}\n\n${formatTable(["operation", "address", "use", "for, or why not", "emulator"], lines)}`;
  });
  return `# Coverage of Coze's API

<!-- Written by scripts/coverage.js: change scripts/coverage-table.js and run npm run generate. -->

Coze's reference has ${all.length} operations in ${rows.length} groups. The [emulator](emulator.md) answers ${answers} of them.

${formatTable(["use", "operations", "meaning"], counts)}

${sections.join("\n\n")}
`;
}

function operationTable() {
  const lines = operations.map(({ name, method, path }) => [`\`${name}\``, `\`${method} ${path}\``]);
  return formatTable(["operation", "address"], lines);
}

function formatTable(titles, lines) {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column].length)),
  );
  const write = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [write(titles), write(widths.map((width) => "-".repeat(width))), ...lines.map(write)].join("\n");
}
