import type { Field, Fields } from "../../src/core/field.ts";
import type { FieldChange } from "../../src/plan/diff.ts";
import type { Action, Plan, Step } from "../../src/plan/plan.ts";
import type { KindFacts } from "../../src/report/step-view.ts";

const about = { description: "", presence: "optional" } as const;
const string: Field = { type: "string", ...about };
const refTo = (kind: string): Field => ({ type: "ref", kind, ...about });
const listOf = (items: Field): Field => ({ type: "list", items, ...about });

const pluginFields: Fields = { plugin: string, tool: string, token: { ...string, sensitive: true } };
const botFields: Fields = {
  workspace: refTo("Workspace"),
  name: string,
  description: string,
  icon: { type: "file", extensions: ["png"], ...about },
  prompt: { ...string, text: true },
  model: {
    type: "object",
    ...about,
    fields: { id: string, temperature: { type: "number", ...about }, parameters: { type: "map", ...about } },
  },
  events: listOf(string),
  datasets: listOf(refTo("Dataset")),
  plugins: {
    type: "list",
    key: "tool",
    ...about,
    items: { type: "object", fields: pluginFields },
  },
  secret: { ...string, sensitive: true },
  channels: {
    type: "list",
    key: "id",
    ...about,
    items: {
      type: "object",
      fields: { id: string, config: { type: "map", ...about } },
      shorthand: { api: { id: "1024" }, chat_sdk: { id: "999" } },
    },
  },
};

/** Toy kinds: enough fields for every way in which a change is shown. */
export const kinds: readonly KindFacts[] = [
  { name: "Workspace", fields: { name: string, description: string } },
  { name: "Dataset", fields: { workspace: refTo("Workspace"), name: string, format: string } },
  { name: "Bot", fields: botFields, replacement: "create-first" },
  {
    name: "Document",
    fields: { dataset: refTo("Dataset"), name: string, source: string },
    identity: ["dataset", "name"],
  },
  { name: "WorkspaceMember", fields: { workspace: refTo("Workspace"), user_id: string, role: string } },
];

/** A step with nothing in it but what a test says. */
export function stepOf(address: string, action: Action, more: Partial<Step> = {}): Step {
  return {
    address,
    kind: address.slice(0, address.indexOf(".")),
    action,
    because: [],
    changes: [],
    notes: [],
    effects: [],
    calls: action === "create" ? [{ call: "create" }] : [],
    removes: [],
    dependencies: [],
    ...more,
  };
}

export const planOf = (...steps: readonly Step[]): Plan => ({
  steps,
  diagnostics: [],
  refusals: [],
  answered: [],
  together: [],
});

/** A plan with one update of these fields. */
export const updateOf = (...changes: readonly FieldChange[]): Plan =>
  planOf(stepOf("Bot.support", "update", { because: ["manifest and Coze differ"], changes }));
