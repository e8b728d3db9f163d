import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Entry } from "../../src/kind/state-entry.ts";
import { kinds } from "../../src/kinds/index.ts";
import { listOutputs, type Output } from "../../src/promote/outputs.ts";
import { renderOutputs } from "../../src/report/outputs.ts";

const entry = (kind: string, id: string | undefined, more: Partial<Entry> = {}): Entry => ({
  kind,
  status: "ready",
  spec: {},
  dependencies: [],
  ...(id === undefined ? {} : { id }),
  ...more,
});

const resources = {
  "Bot.support": entry("Bot", "7512", { version: "1767600003256", spec: { prompt: "Hush." } }),
  'Bot.support["was 7400"]': entry("Bot", "7400"),
  "CallbackApp.events": entry("CallbackApp", "9", {
    spec: { verify_token: { $digest: "0f", sensitive: true }, callback_url: "https://example.com/a" },
  }),
  "Copy.invoice": entry("Copy", "7600", { spec: { revision: "2026-11-22T10:00:00Z" } }),
  "Copy.it-is": entry("Copy", "7601", { spec: { revision: "it's 2" } }),
  "Copy.refund": entry("Copy", undefined, { status: "pending", task: "1" }),
  'Document.faq["returns.md"]': entry("Document", "1", { spec: {} }),
  'Document.faq["退货"]': entry("Document", "2"),
  'WorkspaceMember.desk["42"]': entry("WorkspaceMember", "42"),
};

const { outputs, missing } = listOutputs({ resources }, kinds);
const render = (format: "env" | "json" | "ts") => renderOutputs(outputs, format, "prod");

describe("outputs", () => {
  test("leave out what has no id", () => expect(missing).toEqual(["Copy.refund"]));

  test("as variables", () => {
    expect(render("env")).toBe(`COZE_BOT_SUPPORT_ID=7512
COZE_BOT_SUPPORT_VERSION=1767600003256
COZE_CALLBACK_APP_EVENTS_ID=9
COZE_COPY_INVOICE_ID=7600
COZE_COPY_INVOICE_REVISION=2026-11-22T10:00:00Z
COZE_COPY_IT_IS_ID=7601
COZE_COPY_IT_IS_REVISION='it'\\''s 2'
COZE_DOCUMENT_FAQ_RETURNS_MD_70BDE067_ID=1
COZE_DOCUMENT_FAQ____28EA9851_ID=2
COZE_WORKSPACE_MEMBER_DESK_42_ID=42
`);
  });

  test("as JSON", () => {
    expect(JSON.parse(render("json"))).toEqual({
      bots: { support: { id: "7512", version: "1767600003256" } },
      callbackApps: { events: { id: "9" } },
      copies: {
        invoice: { id: "7600", revision: "2026-11-22T10:00:00Z" },
        "it-is": { id: "7601", revision: "it's 2" },
      },
      documents: { faq: { "returns.md": { id: "1" }, 退货: { id: "2" } } },
      workspaceMembers: { desk: { "42": { id: "42" } } },
    });
  });

  test("as a module", () => {
    expect(render("ts")).toBe(`// Made by cozeform outputs -e prod --format ts; changes here get lost.
export const coze = {
  bots: {
    support: {
      id: "7512",
      version: "1767600003256",
    },
  },
  callbackApps: {
    events: {
      id: "9",
    },
  },
  copies: {
    invoice: {
      id: "7600",
      revision: "2026-11-22T10:00:00Z",
    },
    "it-is": {
      id: "7601",
      revision: "it's 2",
    },
  },
  documents: {
    faq: {
      "returns.md": {
        id: "1",
      },
      "退货": {
        id: "2",
      },
    },
  },
  workspaceMembers: {
    desk: {
      "42": {
        id: "42",
      },
    },
  },
} as const;
`);
  });

  test("of nothing are nothing that breaks a reader", () => {
    expect((["env", "json", "ts"] as const).map((format) => renderOutputs([], format, "prod"))).toEqual([
      "",
      "{}\n",
      expect.stringContaining("export const coze = {} as const;"),
    ]);
  });
});

const word = fc.stringMatching(/^[a-z0-9-]{1,6}$/);
const output: fc.Arbitrary<Output> = fc
  .record({
    kind: fc.constantFrom("Workspace", "WorkspaceMember", "Bot"),
    name: word,
    key: fc.option(fc.oneof(word, fc.string({ unit: "grapheme", maxLength: 4 }), fc.constant("__proto__")), {
      nil: undefined,
    }),
    id: fc.stringMatching(/^[1-9]\d{0,18}$/),
  })
  .map(({ key, ...rest }) => ({
    ...rest,
    ...(key === undefined ? {} : { key }),
    address: `${rest.kind}.${rest.name}${key === undefined ? "" : `[${JSON.stringify(key)}]`}`,
  }));
const several = fc.uniqueArray(output, { selector: ({ address }) => address, maxLength: 12 });

test("every resource has a variable of its own, and a module reads as the JSON does", () => {
  fc.assert(
    fc.property(several, (all) => {
      const lines = renderOutputs(all, "env", "prod").split("\n").slice(0, -1);
      const names = lines.map((line) => line.slice(0, line.indexOf("=")));
      expect(new Set(names).size).toBe(all.length);
      for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9_]*_ID$/);
      const module = renderOutputs(all, "ts", "prod").replace("export const coze = ", "return ");
      const read: unknown = new Function(module.replace(" as const;", ";"))();
      expect(JSON.stringify(read)).toBe(JSON.stringify(JSON.parse(renderOutputs(all, "json", "prod"))));
    }),
  );
});
