import type { World } from "../world/world.ts";
import { type Area, addItem, anyText, type FieldsOf, stored } from "./area.ts";

/** A user whose names aren't the usual ones (seed data). */
interface User {
  id: string;
  nickname: string;
  unique_name: string;
  /** The id of the user's account at Volcano Engine, which isn't one of Coze's. */
  volcano_id?: string | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly users: Map<string, User>;
    /** Gives a user names; without it a user has a nickname made of the id. */
    addUser(given: Pick<User, "id" | "nickname"> & Partial<User>): User;
  }
}

const userFields = {
  id: stored.text,
  nickname: stored.text,
  unique_name: stored.text,
  volcano_id: anyText,
} as const satisfies FieldsOf<User>;

/** Names of users, which are seeds: no operation shows users but as members. */
export const userArea: Area = {
  collections: { users: { fields: userFields, generation: 3 } },
  methods: (world) => ({ addUser: (given) => addItem(world.users, { unique_name: "", ...given }) }),
};

/** The names by which a workspace's members see a user. */
export function namesOf(world: World, id: string): Pick<User, "nickname" | "unique_name"> {
  const { me, owner } = world.options;
  const known = [me, owner].find((one) => one.id === id);
  if (known) return { nickname: known.name, unique_name: known.name };
  // Users who never chose a name have an empty one.
  return world.users.get(id) ?? { nickname: `RootUser_${id}`, unique_name: "" };
}
