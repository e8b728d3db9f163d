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

export type LeftSort =
  | "tools"
  | "nodes"
  | "knowledge"
  | "variables"
  | "references"
  | "settings"
  | "parts"
  | "unread";

/** The parts of one sort; none where there is nothing to name. */
export const leave = (what: LeftSort, names: readonly (string | undefined)[]): readonly LeftPart[] => {
  const known = [...new Set(names.flatMap((name) => (name ? [name] : [])))];
  return known.length > 0 ? [{ what, names: known }] : [];
};

type Steps = readonly string[];

/** The keys of each object of an export whose values were of use. */
const used = new WeakMap<object, Set<string>>();

const note = (owner: { readonly [key: string]: Json }, key: string): void => {
  used.set(owner, (used.get(owner) ?? new Set()).add(key));
};

/** The value that keys lead to, noted as used if it is of a shape that can be used. */
function take<V>(
  value: Json | undefined,
  steps: Steps,
  shape: (found: Json | undefined) => V | undefined,
): V | undefined {
  let current = value;
  for (const [index, step] of steps.entries()) {
    if (!isObject(current) || !Object.hasOwn(current, step)) return undefined;
    const inner: Json | undefined = current[step];
    const isLast = index === steps.length - 1;
    if (isLast ? shape(inner) !== undefined : isObject(inner)) note(current, step);
    current = inner;
  }
  return shape(current);
}

/** The value that keys lead to. */
export const valueIn = (value: Json | undefined, ...steps: Steps): Json | undefined =>
  take(value, steps, (found) => found);

/** The text that keys lead to, unless it is empty. */
export const textIn = (value: Json | undefined, ...steps: Steps): string | undefined =>
  take(value, steps, (found) => (typeof found === "string" && found.trim() !== "" ? found : undefined));

/** The list that keys lead to. */
export const listIn = (value: Json | undefined, ...steps: Steps): readonly Json[] =>
  take(value, steps, (found) => (Array.isArray(found) ? found : undefined)) ?? [];

/** The texts of the list that keys lead to, or of the values under a key of its items. */
export function textsIn(value: Json | undefined, ...steps: Steps): readonly string[] {
  const read = (one: Json): string | undefined =>
    typeof one === "string" ? one : (textIn(one, "value") ?? textIn(one, "text"));
  // A list with an item that can't be read isn't noted, so that it is listed.
  take(value, steps, (found) =>
    Array.isArray(found) && found.every((one) => read(one) !== undefined || isEmpty(one)) ? true : undefined,
  );
  const found = take(value, steps.slice(0, -1), (one) => (isObject(one) ? one : undefined));
  const list = found?.[steps.at(-1) ?? ""];
  return (Array.isArray(list) ? list : []).flatMap((one) => {
    const text = read(one)?.trim();
    return text === undefined || text === "" ? [] : [text];
  });
}

/**
 * The keys of an export that no reader used, with dots: those that it doesn't know, and those whose values have another
 * shape than it reads. `plain` names the ones that mean nothing to an agent, with all that they hold. Call it last.
 */
export function listUnread(value: Json | undefined, plain: readonly string[], above = ""): readonly string[] {
  if (value === undefined || isEmpty(value)) return [];
  if (!isObject(value)) return above === "" ? [] : [above];
  const known = used.get(value);
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = above === "" ? key : `${above}.${key}`;
    if (plain.includes(name) || isEmpty(inner)) return [];
    if (known?.has(key) !== true) return [name];
    return isObject(inner) && used.has(inner) ? listUnread(inner, plain, name) : [];
  });
}

/** Whether nothing is lost with a value: it is empty or off. */
function isEmpty(value: Json): boolean {
  if (value === null || value === false) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

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
