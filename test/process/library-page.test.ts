import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { createConsole } from "../cli/console.ts";

const root = resolve(import.meta.dirname, "../..");

test("the library page's program runs on the project that init writes", async () => {
  const page = readFileSync(join(root, "docs/library.md"), "utf8");
  const [, program = ""] = /^```js\n(.*?)^```$/msu.exec(page) ?? [];
  const { sh, directory } = createConsole();
  expect(await sh("init support-desk")).toMatchObject({ code: 0 });
  const library = pathToFileURL(join(root, "dist/index.js")).href;
  writeFileSync(join(directory, "program.mjs"), program.replace('"cozeform"', JSON.stringify(library)));
  const out = execFileSync(process.execPath, ["program.mjs"], {
    cwd: directory,
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  expect(out).toBe(`\
create Bot.assistant
create CallbackApp.releases
create Dataset.faq
create Document.faq["returns.txt"]
create Document.faq["shipping.txt"]
create Workspace.desk
create WorkspaceMember.desk["1000000000000001"]
about 15 API calls to apply
`);
});
