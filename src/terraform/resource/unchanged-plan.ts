import { isDeepStrictEqual } from "node:util";
import type { Fields } from "../../core/field.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { isObject, type Values } from "../../core/value.ts";
import type { PrivateState } from "../provider/provider-interface.ts";
import {
  type CozeKind,
  hashName,
  taskName,
  timeoutsName,
  unfinishedName,
  writeOnlyVersionName,
} from "../schema/names.ts";
import { hasWriteOnly, keepsUnset, ownFields } from "../schema/resource-schema.ts";
import { unknown } from "../values/unknown.ts";
import { readNotes } from "./private-state.ts";

/**
 * Whether a plan comes to the prior state, told by its parts alone: the configuration gives what it gave before, with the
 * values that the state has, and nothing else can ask for a change, such as a file, whose content may be another.
 */
export function isPlannedAsItIs(
  kind: CozeKind,
  {
    prior,
    config,
    privateState,
  }: { readonly prior: Values; readonly config: Values; readonly privateState: PrivateState },
): boolean {
  if (typeof prior.id !== "string") return false;
  const { set = [], failed, imported } = readNotes(privateState);
  const isOpen = [unfinishedName, taskName].some((name) => (prior[name] ?? null) !== null);
  if (failed || imported || isOpen || !isDeepStrictEqual(config[timeoutsName], prior[timeoutsName]))
    return false;
  const given = pathsGiven(kind.fields, config);
  const isAsBefore = given.length === set.length && given.every((path, index) => path === set[index]);
  return isAsBefore && keeps(kind.fields, config, prior);
}

/** Whether a configuration leaves an object's attributes as they are; `false` where that takes more to tell. */
const keeps = (fields: Fields, config: Values, prior: Values): boolean =>
  Object.entries(ownFields(fields)).every(([name, field]) => {
    const [wanted, held] = [config[name] ?? null, prior[name] ?? null];
    if (field.presence === "computed") return true;
    if (field.type === "file")
      return wanted === null && held === null && (prior[hashName(name)] ?? null) === null;
    const version = writeOnlyVersionName(name);
    if (hasWriteOnly(field) && (config[version] ?? null) !== (prior[version] ?? null)) return false;
    if (wanted === null) return held === null || keepsUnset(field, "object");
    if (field.type === "object" && isObject(wanted) && isObject(held))
      return keeps(field.fields, wanted, held);
    return wanted === held || isDeepStrictEqual(wanted, held);
  });

/** Dotted paths of what a configuration gives, objects before their parts. */
export const pathsGiven = (fields: Fields, config: Values, around: Path = []): readonly string[] =>
  Object.entries(ownFields(fields)).flatMap(([name, field]) => {
    const value = config[name] ?? null;
    if (value === null) return [];
    const path = [...around, name];
    const isNested = field.type === "object" && isObject(value) && value !== unknown;
    return [formatPath(path), ...(isNested ? pathsGiven(field.fields, value, path) : [])];
  });
