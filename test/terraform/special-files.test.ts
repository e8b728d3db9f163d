import { expect, test } from "@jest/globals";
import { callFunction } from "../../src/terraform/functions/functions.ts";
import { createFiles } from "../../src/terraform/provider/file-content.ts";
import { makeScratch } from "../support/scratch.ts";

// A pipe or /dev/zero would do as well, but reading them wouldn't end.
test.each([
  ["a device", () => "/dev/null"],
  ["a folder", makeScratch],
])("%s is no file to plan with", async (_what, place) => {
  const path = place();
  expect((await createFiles().open([path])).look(path)).toBeUndefined();
});

test("a manifest's text can't be in a device", async () => {
  const manifest =
    "apiVersion: cozeform/v1\nkind: Bot\nmetadata: { name: a }\nspec: { name: a, prompt: { file: 'null' } }\n";
  expect(await callFunction("manifest", [manifest, "/dev"])).toEqual({
    error: "line 4, column 34: /dev/null is a device. Name a file",
    argument: 0,
  });
});
