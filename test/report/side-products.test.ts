import { expect, test } from "@jest/globals";
import type { CameAlong } from "../../src/engine/events.ts";
import { renderEvent } from "../../src/report/events.ts";
import { renderEventJson } from "../../src/report/json.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { stepOf } from "./sample.ts";

const drawing = { color: false, width: 80, createFirst: new Set<string>() };
const cameWith = (
  addresses: readonly string[],
  type: string,
  id: string,
  name = "审批子流程",
): CameAlong => ({
  addresses,
  object: { type, id, name },
});

test.each([
  [["Copy.invoice"], "Copy.invoice"],
  [["Copy.a", "Copy.b"], "Copy.a or Copy.b"],
  [["Copy.a", "Copy.b", "Copy.c"], "Copy.a, Copy.b or Copy.c"],
  [["Copy.a", "Copy.b", "Copy.c", "Copy.d"], "Copy.a, Copy.b, Copy.c or one of 1 more"],
])("what came along is a line of a log, and one of JSON", (addresses, named) => {
  const event = { type: "came-along", at: 0, ...cameWith(addresses, "workflow", "7531") } as const;
  expect(renderEvent(event, drawing)).toBe(
    `Also created with ${named}, not managed by cozeform: workflow 审批子流程 (7531)\n`,
  );
  expect(JSON.parse(renderEventJson(event))).toEqual({
    type: "came-along",
    at: "1970-01-01T00:00:00.000Z",
    addresses,
    object: { type: "workflow", id: "7531", name: "审批子流程" },
  });
});

test("a summary names it by what it came with", () => {
  const cameAlong = [
    cameWith(["Copy.invoice"], "workflow", "7531"),
    cameWith(["Copy.invoice"], "plugin", "7533", "发票\n查询"),
    cameWith(["Copy.shop"], "workflow", "7535", ""),
  ];
  const done = [stepOf("Copy.invoice", "create"), stepOf("Copy.shop", "create")];
  const result = { done, failed: [], skipped: [], pending: [], interrupted: false, calls: 9, ms: 900 };
  expect(renderSummary({ ...result, cameAlong }, drawing)).toBe(`\
Also created, not managed by cozeform (3):
    with Copy.invoice: workflow 审批子流程 (7531), plugin 发票\\n查询 (7533)
    with Copy.shop: workflow (7535)

Apply complete: 2 created in 0.9s with 9 API calls.
`);
  const many = Array.from({ length: 30 }, (_, number) => cameWith([`Copy.c${number}`], "workflow", "1"));
  const lines = renderSummary({ ...result, cameAlong: many }, drawing).split("\n");
  expect([lines[10], lines[11]]).toEqual([
    "    with Copy.c9: workflow 审批子流程 (1)",
    "    … and 20 more; see cozeform state list",
  ]);
});

test("that it couldn't be looked for is a warning with the next move", () => {
  const failure = {
    type: "forbidden",
    operation: "get_workflow_list",
    message: "no",
    hint: "grant it",
  } as const;
  const event = { type: "not-looked-for", at: 0, addresses: ["Copy.a"], failure } as const;
  expect(renderEvent(event, drawing)).toBe(
    "The objects created along with Copy.a couldn't be listed: get_workflow_list: no (hint: grant it). Everything else is complete.\n",
  );
  expect(renderEvent({ ...event, addresses: ["Copy.a", "Copy.b"] }, drawing)).toContain(
    "with Copy.a or Copy.b couldn't",
  );
  expect(JSON.parse(renderEventJson(event))).toMatchObject({
    addresses: ["Copy.a"],
    failure: { message: "no" },
  });
});
