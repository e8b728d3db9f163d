import { isJsonEqual, type World } from "../world/world.ts";
import type { EditOf } from "./edit-rules.ts";
import {
  type EditDone,
  findWorkspace,
  inWorkspace,
  requireObject,
  withoutUndefined,
  workspaceOf,
} from "./find-object.ts";

/** Buys a plan. */
export function playAccount(world: World, { account: level, extra_qps }: EditOf<"account">): EditDone {
  const [known] = world.accounts.values();
  const isNew = isChange(known, withoutUndefined({ level, extra_qps }));
  if (isNew) world.buyPlan(level, extra_qps ?? known?.extra_qps);
  return { what: `account ${level}`, did: isNew ? ["edited"] : [] };
}

/** Gives a user names, and a place in the enterprise. */
export function playUser(world: World, edit: EditOf<"user">): EditDone {
  const { user: id, nickname, username: unique_name, volcano_id, role, type, valid } = edit;
  const names = withoutUndefined({ nickname, unique_name, volcano_id });
  const place = withoutUndefined({ role, people_type: type, is_valid: valid });
  const [user, person] = [world.users.get(id), world.people.get(id)];
  const [isRenamed, isMoved] = [isChange(user, names), isChange(person, place)];
  if (isRenamed) world.addUser({ nickname: `RootUser_${id}`, ...user, ...names, id });
  if (isMoved && person) world.people.set(id, { ...person, ...place });
  if (isMoved && !person) world.addPerson({ id, ...place });
  const did = (isRenamed && !user) || (isMoved && !person) ? "made" : "edited";
  return { what: `user ${id}`, id, did: isRenamed || isMoved ? [did] : [] };
}

/** Names a custom channel, and what it is for. */
export function playConnector(world: World, edit: EditOf<"connector">): EditDone {
  const { connector: id, device_keys, reviews } = edit;
  const workspaces = edit.workspaces?.map(
    (word, index) => findWorkspace(world, { at: ["workspaces", index], word }).id,
  );
  const change = withoutUndefined({ workspaces, device_keys, reviews });
  const known = world.connectors.get(id);
  if (!known) {
    world.addConnector({ id, ...change });
    return { what: `connector ${id}`, id, did: ["made"] };
  }
  if (!isChange(known, change)) return { what: `connector ${id}`, id, did: [] };
  world.connectors.set(id, { ...known, ...change });
  return { what: `connector ${id}`, id, did: ["edited"] };
}

/** Declares the variables of a bot's or app's users. */
export function playVariables(world: World, edit: EditOf<"variables_of">): EditDone {
  const space = workspaceOf(world, edit);
  const among = [...inWorkspace(world.bots.values(), space), ...inWorkspace(world.apps.values(), space)];
  const { id } = requireObject(among, { at: ["variables_of"], word: edit.variables_of }, "thing");
  const defaults = Object.fromEntries(
    Object.entries(edit.defaults ?? {}).map(([keyword, value]) => [keyword, String(value)]),
  );
  const known = world.variableLists.get(id)?.variables.map((one) => [one.keyword, one.default_value]);
  const isSame = known !== undefined && isJsonEqual(known, Object.entries(defaults));
  if (!isSame) world.declareVariables(id, defaults);
  return { what: `variables of ${edit.variables_of}`, id, did: isSame ? [] : ["told"] };
}

const isChange = (known: object | undefined, change: object): boolean =>
  Object.keys(change).length > 0 && !isJsonEqual({ ...known, ...change }, known);
