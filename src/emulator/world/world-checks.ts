import { object, type Rule } from "../http/params.ts";
import { compareIds } from "./world.ts";
import { belongings, itemFields, laterCollections } from "./world-fields.ts";

type Name = keyof typeof itemFields;
type Items = { readonly [name in Name]?: readonly Readonly<Record<string, unknown>>[] };

const names = Object.keys(itemFields) as readonly Name[];

/**
 * The first thing in the value of a world's file that isn't as the emulator writes it, such as
 * `bots[3].draft.name is missing`. Lengths and limits aren't checked, since hands may pass them.
 */
export function findWorldFault(value: object): string | undefined {
  const { format: _, last_id: lastId, ...rest } = value as { readonly [name: string]: unknown };
  if (!isId(lastId)) return "last_id must be a text of digits";
  const isOlder = laterCollections.every((name) => !Object.hasOwn(rest, name));
  const expected = names.filter((name) => !isOlder || !laterCollections.includes(name));
  const fault = findKeyFault(rest, new Map(expected.map((name) => [name, true])), "");
  if (fault !== undefined) return fault;
  return (
    first(expected, (name) =>
      findFault(rest[name], { type: "list", of: object(itemFields[name]), min: 0, max: 0 }, name),
    ) ?? findMeaningFault(rest as Items, lastId)
  );
}

/** What is wrong between items, each of which is as it should be. */
function findMeaningFault(world: Items, lastId: string): string | undefined {
  const ids = new Map(names.map((name) => [name, new Set(world[name]?.map(({ id }) => id))]));
  return (
    first(names, (name) => findIdFault(world[name] ?? [], name, lastId)) ??
    first(belongings, ({ from, by, to, unless }) =>
      first(world[from] ?? [], (item, index) =>
        item[by] === unless || ids.get(to)?.has(item[by])
          ? undefined
          : `${from}[${index}].${by} is ${JSON.stringify(item[by])}, which none of ${to} has as its id`,
      ),
    ) ??
    (world.workspaces?.some(({ workspace_type: type }) => type === "personal")
      ? undefined
      : "workspaces lacks the personal one")
  );
}

function findIdFault(items: Items[Name] & {}, name: Name, lastId: string): string | undefined {
  const seen = new Set<unknown>();
  // Those of troubles and paces of copies are the ids of what is copied, which may be anything.
  const isMade = itemFields[name].id.type === "id";
  return first(items, ({ id }, index) => {
    const at = `${name}[${index}].id`;
    if (seen.has(id)) return `${at} is that of an item before it`;
    seen.add(id);
    if (!isMade) return undefined;
    if (!isId(id)) return `${at} must be a text of digits`;
    return compareIds(id, lastId) > 0 ? `${at} is beyond last_id, ${lastId}` : undefined;
  });
}

const isId = (value: unknown): value is string => typeof value === "string" && /^\d+$/.test(value);

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with the type of a value. */
function findFault(value: unknown, rule: Rule, at: string): string | undefined {
  switch (rule.type) {
    case "text":
    // By hand, a bot is given models by their names.
    case "id":
      return typeof value === "string" ? undefined : `${at} must be a text`;
    case "choice":
      return rule.values.some((one) => one === value)
        ? undefined
        : `${at} must be one of ${rule.values.map((one) => JSON.stringify(one)).join(", ")}`;
    case "integer":
    case "number":
      return Number.isFinite(value) ? undefined : `${at} must be a number`;
    case "flag":
      return typeof value === "boolean" ? undefined : `${at} must be true or false`;
    case "anything":
      return undefined;
    case "map":
      return isMap(value) ? undefined : `${at} must be an object`;
    case "list":
      if (!Array.isArray(value)) return `${at} must be a list`;
      return first(value, (item, index) => findFault(item, rule.of, `${at}[${index}]`));
    case "object":
      return isMap(value) ? findFieldFault(value, rule.fields, at) : `${at} must be an object`;
  }
}

function findFieldFault(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Rule>>,
  at: string,
): string | undefined {
  const known = new Map(Object.entries(fields).map(([name, rule]) => [name, rule.required === true]));
  return (
    findKeyFault(value, known, `${at}.`) ??
    first(Object.entries(fields), ([name, rule]) =>
      Object.hasOwn(value, name) ? findFault(value[name], rule, `${at}.${name}`) : undefined,
    )
  );
}

/** A key that is missing, or isn't known; `known` says of each whether it has to be there. */
function findKeyFault(
  value: object,
  known: ReadonlyMap<string, boolean>,
  before: string,
): string | undefined {
  const missing = [...known].find(([name, isRequired]) => isRequired && !Object.hasOwn(value, name));
  if (missing) return `${before}${missing[0]} is missing`;
  const unknown = Object.keys(value).find((name) => !known.has(name));
  return unknown === undefined ? undefined : `${before}${unknown} isn't a key that this cozeform knows`;
}

/** The first answer that isn't undefined. */
function first<T, R>(items: Iterable<T>, ask: (item: T, index: number) => R | undefined): R | undefined {
  let index = 0;
  for (const item of items) {
    const answer = ask(item, index);
    if (answer !== undefined) return answer;
    index += 1;
  }
  return undefined;
}
