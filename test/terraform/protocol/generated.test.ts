import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { makeScratch } from "../../support/scratch.ts";

const root = resolve(import.meta.dirname, "../../..");

test("the generated code is that of the protocol's files", () => {
  const folder = makeScratch();
  const tools = join(root, "node_modules/.bin");
  const source = "src/terraform/protocol/rpc";
  execFileSync(
    join(tools, "buf"),
    ["generate", source, "--template", `${source}/buf.gen.yaml`, "-o", folder],
    {
      cwd: root,
      env: { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH}` },
    },
  );
  expect(contents(join(folder, source, "gen"))).toEqual(contents(join(root, source, "gen")));
});

const contents = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
