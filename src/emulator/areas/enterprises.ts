import { codes, Refusal, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, list, object, required, text } from "../http/params.ts";
import { levelOf } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import type { Area } from "./area.ts";
import { defaultOrganization, memberOf, membersOf, namePerson } from "./organization-collection.ts";
import { requireEnterprise } from "./organizations.ts";
import { leaveWorkspace } from "./ownership.ts";
import { isUnnamed, listedUsers, type Person, personOf, userExists } from "./people.ts";
import { roleOf } from "./workspaces.ts";

const roleRule = required(choice("enterprise_admin", "enterprise_member"));

/** add_enterprise_member, update_enterprise_people, remove_enterprise_member. No operation lists the members. */
const enterpriseOperations = [
  operation({
    name: "add_enterprise_member",
    method: "POST",
    path: "/v1/enterprises/:enterprise_id/members",
    permissions: ["Enterprise.batchAddPeople"],
    // Optional in the table, which is what nothing else about the call is.
    body: { users: required(list(object({ user_id: required(text(1)), role: roleRule }), 1, 1)) },
    answer: ({ world, path, body }) => {
      requireEnterprise(world, path.enterprise_id);
      for (const { user_id, role } of body.users) join(world, user_id, role);
      return {};
    },
  }),
  operation({
    name: "update_enterprise_people",
    method: "PUT",
    path: "/v1/enterprises/:enterprise_id/members/:user_id",
    permissions: ["Enterprise.updatePeople"],
    privileged: true,
    body: { role: roleRule },
    answer: ({ world, path, body }) => {
      requireEnterprise(world, path.enterprise_id);
      const person = findPerson(world, path.user_id);
      if (person.people_type === "guest") refuseParameter("user_id", `${person.id} is a guest`);
      person.role = body.role;
      return {};
    },
  }),
  operation({
    name: "remove_enterprise_member",
    method: "DELETE",
    path: "/v1/enterprises/:enterprise_id/members/:user_id",
    permissions: ["Enterprise.removePeople"],
    privileged: true,
    body: { receiver_user_id: required(text(1)) },
    answer: ({ world, path, body }) => {
      requireEnterprise(world, path.enterprise_id);
      const { user_id: userId } = path;
      if (!personOf(world, userId)) refuseMissing("member of the enterprise", userId);
      const organizations = [defaultOrganization(world), ...world.organizations.values()];
      const organization = organizations.find((one) => memberOf(world, one, userId));
      if (organization) refuseParameter("user_id", `${userId} is still in organization ${organization.id}`);
      const receiver = personOf(world, body.receiver_user_id);
      if (!receiver || receiver.role === "enterprise_member" || receiver.id === userId) {
        refuseParameter("receiver_user_id", "must be a super admin or an admin of the enterprise");
      }
      for (const { id, workspace_type } of world.workspaces.values()) {
        const workspace = workspace_type === "team" ? world.workspaces.get(id) : undefined;
        if (workspace && roleOf(workspace, userId)) leaveWorkspace(world, workspace, userId, receiver.id);
      }
      findPerson(world, userId).has_left = true;
      return {};
    },
  }),
];

/** The members of the account's enterprise. */
export const enterpriseArea: Area = { operations: enterpriseOperations };

/** Lets an employee join the enterprise, and with it the default organization. */
function join(world: World, id: string, role: Person["role"]): void {
  if (!userExists(world, id)) refuseParameter("users[0].user_id", `${id} is no user of Coze`);
  const known = world.people.get(id);
  if (known?.people_type === "guest") refuseParameter("users[0].user_id", `${id} is a guest`);
  const isListed = isUnnamed(world, id) && personOf(world, id) && listedUsers(world).includes(id);
  if ((known && !known.has_left) || isListed) {
    throw new Refusal(codes.alreadyThere, `The user ${id} is in the enterprise already`);
  }
  const most = world.options.enterpriseLimit;
  if (levelOf(world) === "team" && countPeople(world) >= most) {
    throw new Refusal(codes.enterpriseLimit, `The enterprise has reached its limit of ${most} members`);
  }
  world.addPerson({ id, role });
}

const countPeople = (world: World): number =>
  membersOf(world, { id: "", name: "", is_default: true }).length +
  [...world.people.values()].filter(({ has_left }) => !has_left).length;

/** A person of the enterprise, to be changed. */
function findPerson(world: World, id: string): Person {
  if (!personOf(world, id)) refuseMissing("member of the enterprise", id);
  namePerson(world, id);
  return world.people.get(id) ?? refuseMissing("member of the enterprise", id);
}
