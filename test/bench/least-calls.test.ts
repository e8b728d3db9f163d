import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { createConsole } from "../cli/console.ts";

const load = (name: string) => import(pathToFileURL(resolve(import.meta.dirname, "../../bench", name)).href);
const { countLeastCalls, operationNames } = await load("least-calls.js");
const { countKinds, writeProject } = await load("project.js");

// 400 bots, 300 documents, 200 members and 80 datasets in 2 workspaces.
test.each([
  // By hand: workspaces 1; members 2 × ⌈101 / 50⌉; datasets 2 × 1; bots 2 × (200 / 20 + 1); documents 80 × 1
  ["no-op plan", {}, 1 + 6 + 2 + 22 + 80],
  ["changed plan", {}, 111],
  ["drifted plan", { drifted: 4 }, 115],
  ["validate", {}, 0],
  ["first plan", {}, 1],
  // a look; workspaces 2; datasets 80; members 2 × 5; documents 80 × (1 to make, 1 to ask); bots 400 × 3; their lists 22
  ["apply", {}, 1 + 2 + 80 + 10 + 160 + 1200 + 22],
  // the look; datasets 80; members 2 × 100 / 5
  ["destroy", {}, 111 + 80 + 40],
  // and the list of the channel's bots 22; unpublishing 400
  ["destroy", { published: true }, 111 + 22 + 80 + 40 + 400],
  // an apply without members; of each bot the published configuration, and its publication
  ["promote", { published: true }, 1 + 2 + 80 + 160 + 1200 + 22 + 800],
])("the least calls of %s with %j", (operation, about, calls) => {
  expect(operationNames).toContain(operation);
  expect(countLeastCalls(operation, countKinds(982), about)).toBe(calls);
});

test("an apply and the plan after it make the least calls", async () => {
  const { directory, emulator, sh } = createConsole({}, { world: { processingMs: 0 } });
  writeProject(100, { directory });
  const count = async (line: string) => {
    const before = emulator.requests.length;
    expect(await sh(line)).toMatchObject({ code: 0 });
    return emulator.requests.length - before;
  };
  const counts = countKinds(100);
  expect(await count("apply --auto-approve")).toBe(countLeastCalls("apply", counts));
  expect(await count("plan --detailed-exitcode")).toBe(countLeastCalls("no-op plan", counts));
});
