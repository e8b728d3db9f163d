import { choice, list, object, required } from "../http/params.ts";
import type { World } from "../world/world.ts";
import { addItem, anyText, type Collection, type FieldsOf, named, stored } from "./area.ts";
import { isUnnamed, listedUsers, personOf, unnamedPerson } from "./people.ts";

/** What a person may be in an organization. */
export const organizationRoles = [
  "organization_super_admin",
  "organization_admin",
  "organization_member",
  "organization_guest",
] as const;

type OrganizationRole = (typeof organizationRoles)[number];

/** A person in an organization. */
export interface OrganizationMember {
  user_id: string;
  role: OrganizationRole;
  created_at: number;
}

/** An organization of the account's enterprise. */
export interface Organization {
  id: string;
  name: string;
  is_default: boolean;
  /** No operation shows it. */
  description?: string | undefined;
  /** Without it the emulator doesn't check who belongs to the organization. */
  members?: OrganizationMember[] | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly organizations: Map<string, Organization>;
    addOrganization(given: Partial<Organization>): Organization;
  }
}

const organizationFields = {
  ...named,
  is_default: stored.flag,
  description: anyText,
  members: list(
    object({
      user_id: stored.text,
      role: required(choice(...organizationRoles)),
      created_at: stored.number,
    } satisfies FieldsOf<OrganizationMember>),
  ),
} as const satisfies FieldsOf<Organization>;

/** How organizations are stored. */
export const organizationCollection: Collection<Organization> = { fields: organizationFields, generation: 3 };

/** Methods of the world for organizations. */
export const organizationMethods = (world: World): Partial<World> => ({
  addOrganization: (given) =>
    addItem(world.organizations, { id: world.newId(), name: "organization", is_default: false, ...given }),
  addPerson: (given) => {
    const standard = memberList(world, defaultOrganization(world).id);
    const joined_at = world.seconds();
    const person = addItem(world.people, { ...unnamedPerson(world, given.id), joined_at, ...given });
    standard.push(firstMembership(world, person.id));
    return person;
  },
});

/** Lower than any id that the emulator makes: worlds of earlier versions have no default organization. */
const defaultId = "7490888144456000001";

/** The organization that every enterprise has; it is stored with the first change to it. */
export function defaultOrganization(world: World): Organization {
  const stored = [...world.organizations.values()].find(({ is_default }) => is_default);
  return stored ?? { id: defaultId, name: "默认组织", is_default: true };
}

/** An organization by its id. */
export function organizationById(world: World, id: string): Organization | undefined {
  const standard = defaultOrganization(world);
  return id === standard.id ? standard : world.organizations.get(id);
}

/** All organizations of the enterprise. Those of worlds of earlier versions are shown alone until a person is named. */
export function allOrganizations(world: World): readonly Organization[] {
  const stored = [...world.organizations.values()];
  return stored.length === 0 ? [defaultOrganization(world)] : stored;
}

/** The members of an organization that can be listed, in the order in which they joined. */
export function membersOf(
  world: World,
  { is_default, members = [] }: Organization,
): readonly OrganizationMember[] {
  const unnamed = is_default
    ? listedUsers(world).filter((id) => isUnnamed(world, id) && personOf(world, id))
    : [];
  return [...unnamed.map((id) => firstMembership(world, id)), ...members];
}

/** A member of an organization, listed or not. */
export function memberOf(
  world: World,
  organization: Organization,
  id: string,
): OrganizationMember | undefined {
  const member = organization.members?.find(({ user_id }) => user_id === id);
  if (member || !organization.is_default || !isUnnamed(world, id)) return member;
  return personOf(world, id) && firstMembership(world, id);
}

/** Whether a user may join the workspaces of an account; true unless it is an organization whose members are known. */
export function isInOrganization(world: World, accountId: string, id: string): boolean {
  const organization = organizationById(world, accountId);
  return !organization?.members || memberOf(world, organization, id) !== undefined;
}

/** What those who join an enterprise become in its default organization. */
function firstMembership(world: World, user_id: string): OrganizationMember {
  const { people_type, joined_at = 0 } = personOf(world, user_id) ?? {};
  const first = user_id === world.options.owner.id ? "organization_super_admin" : "organization_member";
  return { user_id, role: people_type === "guest" ? "organization_guest" : first, created_at: joined_at };
}

/** Stores a person of the enterprise who was never named. */
export function namePerson(world: World, id: string): void {
  if (!isUnnamed(world, id)) return;
  world.addPerson({ ...unnamedPerson(world, id) });
}

/** The members of an organization, to be changed. */
export function memberList(world: World, id: string): OrganizationMember[] {
  const standard = defaultOrganization(world);
  if (id === standard.id && !world.organizations.has(id)) addItem(world.organizations, standard);
  const organization = world.organizations.get(id) ?? standard;
  organization.members ??= [];
  return organization.members;
}
