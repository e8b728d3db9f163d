import { isObject, type Json } from "../core/value.ts";

/** What an export of another platform says of one agent, in Coze's words. */
export interface ForeignAgent {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly prompt?: string | undefined;
  /** The opening words. */
  readonly prologue?: string | undefined;
  readonly questions: readonly string[];
  /** The name of its model there, and the settings that it has. */
  readonly model?: string | undefined;
  /** The names of its knowledge bases. */
  readonly datasets: readonly string[];
  readonly left: readonly LeftPart[];
}

/** Parts that have no counterpart in a manifest, by name. */
export interface LeftPart {
  readonly what: LeftSort;
  readonly names: readonly string[];
}

export type LeftSort = "tools" | "nodes" | "knowledge" | "variables" | "references" | "settings" | "parts";

/** The parts of one sort; none where there is nothing to name. */
export const leave = (what: LeftSort, names: readonly (string | undefined)[]): readonly LeftPart[] => {
  const known = [...new Set(names.flatMap((name) => (name ? [name] : [])))];
  return known.length > 0 ? [{ what, names: known }] : [];
};

type Steps = readonly string[];

/** The value that keys lead to. */
export function valueIn(value: Json | undefined, ...steps: Steps): Json | undefined {
  let current = value;
  for (const step of steps)
    current = isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  return current;
}

/** The text that keys lead to, unless it is empty. */
export function textIn(value: Json | undefined, ...steps: Steps): string | undefined {
  const found = valueIn(value, ...steps);
  return typeof found === "string" && found.trim() !== "" ? found : undefined;
}

/** The list that keys lead to. */
export function listIn(value: Json | undefined, ...steps: Steps): readonly Json[] {
  const found = valueIn(value, ...steps);
  return Array.isArray(found) ? found : [];
}

/** The texts of the list that keys lead to, or of the values under a key of its items. */
export const textsIn = (value: Json | undefined, ...steps: Steps): readonly string[] =>
  listIn(value, ...steps).flatMap((one) => {
    const text = typeof one === "string" ? one : (textIn(one, "value") ?? textIn(one, "text"));
    return text === undefined || text.trim() === "" ? [] : [text.trim()];
  });

/** Numbers and texts among settings, as `name: value`. */
export const describeSettings = (value: Json | undefined, names: readonly string[]): readonly string[] =>
  names.flatMap((name) => {
    const setting = valueIn(value, name);
    return typeof setting === "number" || typeof setting === "string" ? [`${name}: ${setting}`] : [];
  });

/** A model's name with its settings, on one line. */
export const describeModel = (name: string | undefined, settings: readonly string[]): string | undefined =>
  name === undefined ? undefined : [name, ...settings].join(", ");

/** References to other parts of the platform within a prompt: `{{#node.text#}}`. */
export const referencesIn = (prompt: string | undefined): readonly string[] =>
  [...(prompt ?? "").matchAll(/\{\{#[^{}]{1,200}#\}\}|\{\{\$[^{}]{1,200}\$\}\}/gu)].map(([found]) => found);
