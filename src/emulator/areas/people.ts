import { choice, flag, required } from "../http/params.ts";
import { isPersonal } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import { type Collection, type FieldsOf, stored } from "./area.ts";

/** What a person may be in an enterprise. */
export const enterpriseRoles = ["enterprise_super_admin", "enterprise_admin", "enterprise_member"] as const;

/** A person whom the enterprise knows by name: an employee, or a guest from outside. */
export interface Person {
  /** The user's id of Coze. */
  id: string;
  role: (typeof enterpriseRoles)[number];
  people_type: "employee" | "guest";
  /** False once the account of Volcano Engine was deleted. */
  is_valid: boolean;
  joined_at: number;
  /** Whether the person left the enterprise. */
  has_left?: boolean | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly people: Map<string, Person>;
    /** Lets a user join the enterprise and its default organization, as Volcano Engine and invitations do. */
    addPerson(given: Partial<Person> & Pick<Person, "id">): Person;
  }
}

const personFields = {
  id: stored.text,
  role: required(choice(...enterpriseRoles)),
  people_type: required(choice("employee", "guest")),
  is_valid: stored.flag,
  joined_at: stored.number,
  has_left: flag,
} as const satisfies FieldsOf<Person>;

/** How people are stored: those who were named, besides all whom the world's options let belong to the enterprise. */
export const peopleCollection: Collection<Person> = { fields: personFields, generation: 4 };

/** A person as one who was never named. */
export const unnamedPerson = ({ options }: World, id: string): Person => ({
  id,
  role: id === options.owner.id ? "enterprise_super_admin" : "enterprise_member",
  people_type: "employee",
  is_valid: true,
  joined_at: 1_715_000_000,
});

/** A person of the enterprise; undefined for users who don't belong to it, and on the personal plans. */
export function personOf(world: World, id: string): Person | undefined {
  if (isPersonal(world)) return undefined;
  const named = world.people.get(id);
  if (named) return named.has_left ? undefined : named;
  const belongs = userExists(world, id) && !world.options.outsiders.includes(id);
  return belongs ? unnamedPerson(world, id) : undefined;
}

/** Whether nothing but the world's options lets a user belong to the enterprise. */
export const isUnnamed = (world: World, id: string): boolean => !world.people.has(id);

/** The users who can be listed without a name in the world: the owner and, where users are listed, these. */
export function listedUsers({ options }: World): readonly string[] {
  const { owner, users, outsiders } = options;
  const listed = users === "any" ? [] : users.filter((id) => !outsiders.includes(id));
  return [...new Set([owner.id, ...listed])];
}

/** Whether a user exists on Coze at all. An id of Volcano Engine is none of Coze's. */
export function userExists(world: World, id: string): boolean {
  const { users, outsiders, me, owner } = world.options;
  if (id === me.id || id === owner.id || outsiders.includes(id) || world.people.has(id)) return true;
  const isVolcanos = [...world.users.values()].some(({ volcano_id }) => volcano_id === id);
  return !isVolcanos && (users === "any" ? /^\d+$/.test(id) : users.includes(id));
}

/** The role of the token's user in the enterprise. */
export const ownRole = (world: World): Person["role"] | undefined =>
  personOf(world, world.options.me.id)?.role;

/** Whether the token's user is an admin of the enterprise. */
export const isAdmin = (world: World): boolean =>
  ["enterprise_super_admin", "enterprise_admin"].includes(ownRole(world) ?? "");
