import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

const root = resolve(import.meta.dirname, "..");
const readJson = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));

interface Locked {
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest = readJson("package.json");
const locked: Readonly<Record<string, Locked>> = readJson("package-lock.json").packages;

/** The rows of the table below a heading of the page, each as its cells. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const page = readFileSync(join(root, "docs/dependencies.md"), "utf8");
  const [, section = ""] = page.split(`## ${heading}\n`);
  const lines = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`|`$/gu, "")),
  );
}

const namesOf = (heading: string): readonly string[] => rowsOf(heading).map(([name = ""]) => name);

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf("node_modules/") + 13);

/** Where a package finds another one: in its own folder, or in one around it. */
function find(from: string, name: string): string {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const folder = at ? `${at}/node_modules/${name}` : `node_modules/${name}`;
    if (locked[folder]) return folder;
    if (!at) throw new Error(`${from} lacks ${name}`);
  }
}

/** All that comes with a package. */
function broughtBy(folder: string, seen = new Set<string>()): ReadonlySet<string> {
  const { dependencies, optionalDependencies } = locked[folder] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const next = find(folder, name);
    if (seen.has(next)) continue;
    seen.add(next);
    broughtBy(next, seen);
  }
  return seen;
}

test("the page lists the dependencies and the optional peers, each once, and no other", () => {
  expect(namesOf("Installed with cozeform")).toEqual(Object.keys(manifest.dependencies).sort());
  expect(namesOf("Only for constructs")).toEqual(Object.keys(manifest.peerDependencies).sort());
});

test("the page lists each further package that is installed with cozeform, and with what it comes", () => {
  const installed = Object.entries(locked).filter(([folder, { dev }]) => folder !== "" && !dev);
  const names = new Set(installed.map(([folder]) => nameOf(folder)));
  const listed = [...namesOf("Installed with cozeform"), ...namesOf("What they bring")];
  expect([...names].sort()).toEqual([...listed].sort());
  for (const [name = "", , with_ = ""] of rowsOf("What they bring")) {
    const bringers = Object.keys(manifest.dependencies).filter((one) =>
      [...broughtBy(`node_modules/${one}`)].some((folder) => nameOf(folder) === name),
    );
    expect([name, with_.replaceAll("`", "")]).toEqual([name, bringers.sort().join(", ")]);
  }
});

test("the page counts truly what comes with each dependency", () => {
  for (const [name = "", , count = ""] of rowsOf("Installed with cozeform")) {
    expect([name, Number(count)]).toEqual([name, broughtBy(`node_modules/${name}`).size]);
  }
});

test("the page lists what is in the provider's script", () => {
  const licences = readFileSync(join(root, "dist/terraform/LICENSES.txt"), "utf8");
  const bundled = [...licences.matchAll(/(?:^|-{80}\n\n)(\S+) [\d.]+ \(/gu)].map(([, name]) => name);
  expect(namesOf("In the Terraform provider")).toEqual(bundled);
});

const sections = [
  "Installed with cozeform",
  "What they bring",
  "Only for constructs",
  "In the Terraform provider",
];

test.each(sections)("the licences on the page are those that the packages bear: %s", (heading) => {
  const rows = rowsOf(heading);
  expect(rows.length).toBeGreaterThan(2);
  for (const [name = "", licence] of rows) {
    const folders = Object.keys(locked).filter(
      (folder) => nameOf(folder) === name && (!locked[folder]?.dev || folder === `node_modules/${name}`),
    );
    const own = folders.filter((folder) => !locked[folder]?.dev);
    for (const folder of own.length > 0 ? own : folders) {
      expect([folder, readJson(`${folder}/package.json`).license]).toEqual([folder, licence]);
    }
  }
});
