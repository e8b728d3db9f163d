import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";

const script = pathToFileURL(join(resolve(import.meta.dirname, "../.."), "scripts/chunk-links.js")).href;

/** The texts of files as they are linked, or the message of the error. */
const link = (files: Readonly<Record<string, string>>): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `const { linkChunks } = await import(${JSON.stringify(script)});
        try {
          const linked = linkChunks(new Map(Object.entries(${JSON.stringify(files)})));
          console.log(JSON.stringify(Object.fromEntries(linked)));
        } catch (error) {
          console.log(JSON.stringify(error.message));
        }`,
      ],
      { encoding: "utf8" },
    ),
  );

test("names of other files are constants, unless they change", () => {
  const linked = link({
    "a.js": 'import {\n  b as c,\n  count,\n  one\n} from "./b.js";\nconst later = () => import("./b.js");\n',
    "b.js":
      "var one = 1;\nvar count = 0;\nvar $x = () => count += 1;\nfunction f() {}\nexport {\n  f as b,\n  count,\n  one,\n  $x\n};\n",
  });
  expect(linked).toEqual({
    "a.js":
      'const { b: c, one: one } = require("./b.js");\nimport { count as count } from "./b.js";\nconst later = () => Promise.resolve().then(() => require("./b.js"));\n',
    "b.js":
      "var one = 1;\nvar count = 0;\nvar $x = () => count += 1;\nfunction f() {}\nmodule.exports = { b: f, get count() { return count; }, one: one, $x: $x };\n",
  });
});

test("files that need each other are refused", () => {
  const files = { "a.js": 'import {\n  b\n} from "./b.js";\n', "b.js": 'import {\n  a\n} from "./a.js";\n' };
  expect(link(files)).toBe("files of the bundle need each other: a.js b.js a.js");
});
