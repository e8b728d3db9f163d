import { expect, test } from "@jest/globals";
import { recallCopySource } from "../../src/copies/copy-sources.ts";
import type { Values } from "../../src/core/value.ts";
import type { Entry } from "../../src/kind/state-entry.ts";
import { copy } from "../../src/kinds/copy.ts";

const source = { environment: "dev", workflow: "invoice" };
const found = { ...source, id: "42", called: "开票" };
const spec = (more: Values = {}): Values => ({ type: "workflow", workspace: "1", source, ...more });
const applied = (more: Values = {}): Values => spec({ source: found, revision: "r1", ...more });

const entry = (more: Partial<Entry> = {}): Entry => ({
  kind: "Copy",
  id: "99",
  status: "ready",
  spec: applied(),
  dependencies: [],
  ...more,
});
const { id: _, ...begun } = entry();

test.each<[string, Values, Entry | undefined, boolean, Values | undefined]>([
  ["is looked for when nothing was made", spec(), undefined, false, undefined],
  ["stays, in its revision", spec(), entry(), false, applied()],
  [
    "stays with the revision that is written and was applied",
    spec({ revision: "r1" }),
    entry(),
    false,
    applied(),
  ],
  ["is looked for when another revision is written", spec({ revision: "r2" }), entry(), false, undefined],
  ["is looked for when a promotion asks", spec(), entry(), true, undefined],
  [
    "is looked for under another name",
    spec({ source: { ...source, workflow: "refund" } }),
    entry(),
    false,
    undefined,
  ],
  [
    "is looked for in another environment",
    spec({ source: { ...source, environment: "staging" } }),
    entry(),
    false,
    undefined,
  ],
  [
    "is looked for where it went by its id",
    spec(),
    entry({ spec: applied({ source: { id: "42" } }) }),
    false,
    undefined,
  ],
  [
    "stays while its task runs, whoever asks",
    spec(),
    { ...begun, status: "pending", task: "7" },
    true,
    applied(),
  ],
  ["stays while nobody knows what was made of it", spec(), { ...begun, status: "unknown" }, true, applied()],
  [
    "stays with what was begun when its revision is changed meanwhile",
    spec({ revision: "r2" }),
    { ...begun, status: "unknown" },
    false,
    applied({ revision: "r2" }),
  ],
  [
    "is looked for when another one than was begun is wanted",
    spec({ source: { ...source, workflow: "refund" } }),
    { ...begun, status: "unknown" },
    false,
    undefined,
  ],
  ["of a source by id is nothing to look for", spec({ source: { id: "42" } }), undefined, false, undefined],
])("an original %s", (_title, wanted, remembered, anew, expected) => {
  const resource = {
    address: "Copy.invoice",
    kind: "Copy",
    spec: wanted,
    dependencies: [],
    lifecycle: { preventDestroy: false, ignoreChanges: [] },
    at: { file: "a.yaml", line: 1, column: 1 },
    locate: () => ({ file: "a.yaml", line: 1, column: 1 }),
  };
  expect(recallCopySource(() => copy, resource, remembered, anew)).toEqual(expected);
});
