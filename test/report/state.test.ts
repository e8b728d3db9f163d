import { expect, test } from "@jest/globals";
import type { Entry } from "../../src/kind/state-entry.ts";
import { renderEntries, renderEntry } from "../../src/report/state.ts";

const entry: Entry = {
  kind: "Bot",
  id: "7512",
  status: "incomplete",
  spec: { name: "客服" },
  dependencies: [],
  version: "1767600003256",
  restoring: 1_795_341_600,
  history: [
    { at: 1_795_341_600, id: "7512", version: "1767600001000" },
    { at: 1_795_341_660, id: "7512", promotion: 1, from: "dev", version: "1767600002000" },
    { at: 1_795_345_200, id: "7512", promotion: 2, from: "staging", revision: "二", undone: true },
  ],
};
const drawing = { color: false, width: 80 };

test("an entry's releases are shown with the standing one", () => {
  expect(renderEntry("Bot.support", entry, drawing)).toBe(`\
Bot.support
  id:            "7512"
  status:        "incomplete"
  version:       "1767600003256"
  going_back_to: "2026-11-22 10:00:00 UTC"
As last applied:
  name: "客服"
Releases:
  2026-11-22 10:00:00 UTC  before the first promotion, 7512, version 1767600001000
  2026-11-22 10:01:00 UTC  promotion 1 from dev, 7512, version 1767600002000  (current)
  2026-11-22 11:00:00 UTC  promotion 2 from staging, 7512, revision 二  (rolled back)
`);
});

test("a list shows versions", () => {
  expect(renderEntries([{ address: "Bot.support", entry }], drawing)).toBe(
    "Bot.support  7512  version 1767600003256  incomplete\n",
  );
});
