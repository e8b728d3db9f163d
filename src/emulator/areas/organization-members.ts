import { codes, Refusal, refuseForbidden, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, list, object, required, text } from "../http/params.ts";
import { requireLevel } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import {
  defaultOrganization,
  memberList,
  memberOf,
  membersOf,
  namePerson,
  type Organization,
  type OrganizationMember,
  organizationById,
  organizationRoles,
} from "./organization-collection.ts";
import { leaveWorkspace } from "./ownership.ts";
import { ownRole, type Person, personOf } from "./people.ts";
import { namesOf } from "./users.ts";
import { roleOf, type Workspace } from "./workspaces.ts";

const [superAdmin, admin, member, guest] = organizationRoles;

/** add_organization_people, list_organization_people, update_organization_people, remove_organization_member. */
export const organizationMemberOperations = [
  operation({
    name: "list_organization_people",
    method: "GET",
    path: "/v1/organizations/:organization_id/members",
    lists: { of: "organizations", within: true },
    permissions: ["Account.listOrganizationPeople"],
    privileged: true,
    query: pageRules(50),
    answer: ({ world, path, query }) => {
      const organization = findOrganization(world, path.organization_id);
      const { items, total } = slicePage(membersOf(world, organization), query, 20);
      return { data: { items: items.map((one) => showMember(world, one)), total_count: total } };
    },
  }),
  operation({
    name: "add_organization_people",
    method: "POST",
    path: "/v1/organizations/:organization_id/members",
    permissions: ["batchAddOrganizationPeople"],
    privileged: true,
    body: {
      organization_people: required(
        list(
          object({
            user_id: required(text(1)),
            organization_role_type: required(choice(...organizationRoles)),
          }),
          1,
          1,
        ),
      ),
    },
    answer: ({ world, path, body }) => {
      const organization = findOrganization(world, path.organization_id);
      for (const { user_id, organization_role_type: role } of body.organization_people) {
        const person = personOf(world, user_id);
        if (!person) {
          throw new Refusal(codes.notInEnterprise, `The user ${user_id} has not joined the enterprise`);
        }
        checkRole(world, organization, person, role);
        if (memberOf(world, organization, user_id)) {
          throw new Refusal(codes.alreadyThere, `The user ${user_id} is in the organization already`);
        }
        namePerson(world, user_id);
        memberList(world, organization.id).push({ user_id, role, created_at: world.seconds() });
      }
      return {};
    },
  }),
  operation({
    name: "update_organization_people",
    method: "PUT",
    path: "/v1/organizations/:organization_id/members/:user_id",
    permissions: ["updateOrganizationPeople"],
    privileged: true,
    body: { organization_role_type: required(choice(superAdmin, admin, member)) },
    answer: ({ world, path, body }) => {
      const organization = findOrganization(world, path.organization_id);
      const found = findMember(world, organization, path.user_id);
      const role = body.organization_role_type;
      checkRole(world, organization, personOf(world, path.user_id), role);
      if (role !== superAdmin) keepSuperAdmin(world, organization, found);
      namePerson(world, path.user_id);
      const stored = memberList(world, organization.id).find(({ user_id }) => user_id === path.user_id);
      if (stored) stored.role = role;
      return {};
    },
  }),
  operation({
    name: "remove_organization_member",
    method: "DELETE",
    path: "/v1/organizations/:organization_id/members/:user_id",
    permissions: ["Account.removeOrganizationPeople"],
    privileged: true,
    body: { receiver_user_id: required(text(1)) },
    answer: ({ world, path, body }) => {
      const organization = findOrganization(world, path.organization_id);
      const found = findMember(world, organization, path.user_id);
      keepSuperAdmin(world, organization, found);
      const receiver = memberOf(world, organization, body.receiver_user_id);
      if (receiver?.role !== superAdmin || receiver.user_id === path.user_id) {
        refuseParameter("receiver_user_id", "must be another super admin of the organization");
      }
      namePerson(world, path.user_id);
      const members = memberList(world, organization.id);
      members.splice(
        members.findIndex(({ user_id }) => user_id === path.user_id),
        1,
      );
      for (const workspace of workspacesOf(world, organization)) {
        if (roleOf(workspace, path.user_id)) {
          leaveWorkspace(world, workspace, path.user_id, body.receiver_user_id);
        }
      }
      return {};
    },
  }),
];

/** An organization of an enterprise. */
function findOrganization(world: World, id: string): Organization {
  requireLevel(world, "team");
  return organizationById(world, id) ?? refuseMissing("organization", id);
}

const findMember = (world: World, organization: Organization, id: string): OrganizationMember =>
  memberOf(world, organization, id) ?? refuseMissing(`member of organization ${organization.id}`, id);

function checkRole(
  world: World,
  organization: Organization,
  person: Person | undefined,
  role: OrganizationMember["role"],
): void {
  const field = "organization_role_type";
  if (person?.people_type === "guest" && role !== guest)
    refuseParameter(field, `must be ${guest} for guests`);
  if (person?.people_type === "employee" && role === guest) {
    refuseParameter(field, `must not be ${guest} for employees`);
  }
  if (role === superAdmin && !mayAppoint(world, organization)) {
    refuseForbidden("only the token of a super admin makes others super admins");
  }
}

/** Whether the token's user is a super admin of the organization, of the default one, or of the enterprise. */
const mayAppoint = (world: World, organization: Organization): boolean =>
  ownRole(world) === "enterprise_super_admin" ||
  [organization, defaultOrganization(world)].some(
    (one) => memberOf(world, one, world.options.me.id)?.role === superAdmin,
  );

function keepSuperAdmin(
  world: World,
  organization: Organization,
  { user_id, role }: OrganizationMember,
): void {
  const isOther = (one: OrganizationMember) => one.role === superAdmin && one.user_id !== user_id;
  if (role === superAdmin && !membersOf(world, organization).some(isOther)) {
    throw new Refusal(codes.lastSuperAdmin, "The organization must keep a super admin");
  }
}

/** The team workspaces of an organization, to be changed; those of none count for the default one. */
function workspacesOf(world: World, { id, is_default }: Organization): readonly Workspace[] {
  return [...world.workspaces.values()].flatMap(({ id: spaceId, workspace_type, coze_account_id }) => {
    const isIts = coze_account_id === id || (is_default && coze_account_id === "");
    return isIts && workspace_type === "team" ? (world.workspaces.get(spaceId) ?? []) : [];
  });
}

function showMember(world: World, { user_id, role, created_at }: OrganizationMember): object {
  const { nickname, unique_name } = namesOf(world, user_id);
  const person = personOf(world, user_id);
  return {
    user_id,
    is_valid: person?.is_valid ?? true,
    avatar_url: world.signUrl(`user-avatar/${user_id}.jpg`),
    created_at,
    people_type: person?.people_type ?? "employee",
    user_nickname: nickname,
    user_unique_name: unique_name,
    organization_role_type: role,
  };
}
