import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import stringWidth from "string-width";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Pages that `npm run generate` writes. */
const isGenerated = (file: string): boolean =>
  /^docs\/(index\.md|resources\/|data-sources\/|functions\/)/u.test(file);

/** Manifests read these texts; they are no pages. */
const isPrompt = (file: string): boolean => /\/(prompts|knowledge)\//u.test(file);

const pages = [
  ...readdirSync(root),
  ...["docs", "examples", "src", ".github"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  ),
]
  .filter((file) => file.endsWith(".md") && !isPrompt(file))
  .sort();

const withoutCode = (text: string): string =>
  text.replace(/^ *```.*?^ *```$/gmsu, "").replace(/`[^`\n]+`/gu, "");

/** The anchors of a page's headings, as GitHub makes them, and those that are written as HTML. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = read(page).replace(/^```.*?^```$/gmsu, "");
  const headings = [...text.matchAll(/^#+ (.+)$/gmu)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/gu)].map(([, id = ""]) => id)]);
}

/** What is wrong with a link of a page; undefined when it leads somewhere. */
function judgeLink(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), decodeURI(path));
  if (!existsSync(join(root, target))) return `${page}: ${link} leads to no file`;
  if (anchor === undefined || anchorsOf(target).has(anchor)) return undefined;
  return `${page}: ${link} leads to no heading`;
}

test("every relative link in the documentation leads to a file and a heading that exist", () => {
  const links = pages.flatMap((page) =>
    [...withoutCode(read(page)).matchAll(/\]\(([^()\s]+)\)/gu)].map(([, link = ""]) => ({ page, link })),
  );
  const relative = links.filter(({ link }) => !/^[a-z]+:/u.test(link));
  expect(relative.length).toBeGreaterThan(100);
  expect(relative.flatMap(({ page, link }) => judgeLink(page, link) ?? [])).toEqual([]);
});

test("every page of the documentation is linked from another one", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      [...withoutCode(read(page)).matchAll(/\]\(([^()\s#]+)(?:#[^()\s]*)?\)/gu)].map(([, link = ""]) =>
        join(dirname(page), link),
      ),
    ),
  );
  const lost = pages.filter((page) => page.startsWith("docs/") && !linked.has(page));
  expect(lost).toEqual([]);
});

test("CONTRIBUTING names files and folders that exist", () => {
  const paths = [
    ...read("CONTRIBUTING.md").matchAll(/(?:`|^)((?:src|test|examples|docs)\/[\w./-]+)(?:`|\s)/gmu),
  ];
  const names = paths.map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

test("code in the documentation fits 80 columns", () => {
  const wide = pages
    .filter((page) => !isGenerated(page))
    .flatMap((page) =>
      [...read(page).matchAll(/^ *```\w*\n(.*?)^ *```$/gmsu)].flatMap(([, block = ""]) =>
        block.split("\n").flatMap((line) => (stringWidth(line) > 80 ? [`${page}: ${line}`] : [])),
      ),
    );
  expect(wide).toEqual([]);
});

test("the README has fewer than 150 lines, and CONTRIBUTING fewer than 9,000 bytes", () => {
  expect(read("README.md").trimEnd().split("\n").length).toBeLessThan(150);
  expect(Buffer.byteLength(read("CONTRIBUTING.md"))).toBeLessThan(9000);
});
