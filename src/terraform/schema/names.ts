import type { Fields, RefShape, Shape } from "../../core/field.ts";
import type { Path } from "../../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import type { CozeClient } from "../../coze/client.ts";
import { holderId } from "../../kind/holder.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { Kind } from "../../kind/kind.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { kinds } from "../../kinds/index.ts";
import { say } from "../../messages/text.ts";

/** What Terraform calls resources of a kind: `coze_workspace_member`. */
export const resourceType = ({ name }: Pick<KindSchema, "name">): string =>
  `coze_${name.replace(/(?<=[a-z0-9])[A-Z]/gu, "_$&").toLowerCase()}`;

/** The id to import an object of a kind by, which has these values and this id. */
export const importId = (kind: Pick<KindSchema, "parent">, values: Values, id: string): string =>
  [holderId(kind, values) ?? [], id].flat().join("/");

/** The attribute beside a file's path that holds the content's SHA-256, so that other content is a difference. */
export const hashName = (name: string): string => `${name}_sha256`;

/** Where a secret is given that no state shall hold. */
export const writeOnlyName = (name: string): string => `${name}_wo`;

/** The number that is raised to have another secret sent. */
export const writeOnlyVersionName = (name: string): string => `${name}_wo_version`;

/** The calls that an apply didn't reach. They show as a difference, so that the next apply makes them. */
export const unfinishedName = "unfinished";

/** Terraform's conventional block for how long operations may take. */
export const timeoutsName = "timeouts";

/** Coze's task that is to make an object: all there is of it until it has an id. */
export const taskName = "task";

/** How a configuration refers to what a field takes: `coze_bot.NAME.id, or data.coze_bot.NAME.id for one that…`. */
export function describeReference({ kind: name, others = {} }: Pick<RefShape, "kind" | "others">): string {
  const named = [name, ...Object.values(others).map(({ kind }) => kind)];
  const all = kinds.filter((kind) => named.includes(kind.name));
  const made = all
    .filter(({ removal }) => removal !== undefined)
    .map((kind) => `${resourceType(kind)}.NAME.id`);
  const found = all.filter(showsIdentity).map((kind) => `data.${resourceType(kind)}.NAME.id`);
  if (made.length === 0 || found.length === 0) return anyOf([...made, ...found]);
  return say("terraform-functions/reference", { resource: anyOf(made), dataSource: anyOf(found) });
}

/** Words as a list in a sentence: `name and workspace`. */
export const allOf = (words: readonly string[]): string => joinWords("terraform-functions/and", words);

/** Words to choose among: `ID or NAME`. */
export const anyOf = (words: readonly string[]): string => joinWords("terraform-functions/or", words);

const joinWords = (
  key: "terraform-functions/and" | "terraform-functions/or",
  [first = "", ...others]: readonly string[],
): string => others.reduce((one, other) => say(key, { one, other }), first);

/** An id in a spec, and of what. */
export interface Reference {
  readonly path: Path;
  readonly shape: RefShape;
  readonly id: string;
}

/** Every id that a spec refers to something by, in the order of its fields. */
export function referencesIn(fields: Fields, values: Values, around: Path = []): readonly Reference[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    referencesAt(field, values[name] ?? null, [...around, name]),
  );
}

function referencesAt(shape: Shape, value: Json, path: Path): readonly Reference[] {
  if (shape.type === "ref") return typeof value === "string" ? [{ path, shape, id: value }] : [];
  if (shape.type === "object") return isObject(value) ? referencesIn(shape.fields, value, path) : [];
  if (shape.type !== "list" || !Array.isArray(value)) return [];
  return value.flatMap((item: Json, index) => referencesAt(shape.items, item, [...path, index]));
}

/** A kind as the provider runs it. */
export type CozeKind = Kind<CozeClient>;
