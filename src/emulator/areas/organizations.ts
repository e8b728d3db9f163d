import { codes, Refusal, refuseForbidden, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { required, text } from "../http/params.ts";
import { levelOf, requireLevel } from "../world/plans.ts";
import { isVariant } from "../world/variants.ts";
import { sortById, type World } from "../world/world.ts";
import { type Area, addItem } from "./area.ts";
import {
  allOrganizations,
  defaultOrganization,
  namePerson,
  type Organization,
  organizationById,
  organizationCollection,
  organizationMethods,
} from "./organization-collection.ts";
import { organizationMemberOperations } from "./organization-members.ts";
import { peopleCollection, personOf } from "./people.ts";

/** create_organization, list_organization, update_organization_info. */
const organizationOperations = [
  operation({
    name: "list_organization",
    method: "GET",
    path: "/v1/enterprises/:enterprise_id/organizations",
    lists: { of: "organizations" },
    permissions: ["Enterprise.listOrganization"],
    privileged: true,
    query: pageRules(20),
    answer: ({ world, path, query }) => {
      requireEnterprise(world, path.enterprise_id);
      const { items, total } = slicePage(sortById(allOrganizations(world)), query, 20);
      const shown = items.map((organization) => ({
        organization_id: organization.id,
        organization_name: organization.name,
        organization_icon_url: world.signUrl(`organization_icons/${organization.id}.png`),
        is_default_organization: organization.is_default,
      }));
      return { data: { items: shown, total_count: total } };
    },
  }),
  operation({
    name: "create_organization",
    method: "POST",
    path: "/v1/enterprises/:enterprise_id/organizations",
    permissions: ["Enterprise.createOrganization"],
    privileged: true,
    body: {
      name: required(text(1, 30)),
      super_admin_user_id: required(text(1)),
      description: text(0, 100),
    },
    answer: ({ world, path, body }) => {
      requireEnterprise(world, path.enterprise_id);
      requireLevel(world, "enterprise");
      refuseUnsafe(body.name, body.description);
      refuseTaken(world, body.name);
      const { super_admin_user_id: adminId, name, description } = body;
      if (personOf(world, adminId)?.people_type !== "employee") {
        refuseParameter("super_admin_user_id", `${adminId} is no employee of the enterprise`);
      }
      const most = world.options.organizationLimit;
      if (allOrganizations(world).length >= most) {
        refuseParameter("enterprise_id", `has ${most} organizations, the most that there can be`);
      }
      namePerson(world, adminId);
      const members = [
        { user_id: adminId, role: "organization_super_admin" as const, created_at: world.seconds() },
      ];
      const { id } = world.addOrganization({ name, description: description ?? "", members });
      return { data: { organization_id: id } };
    },
  }),
  operation({
    name: "update_organization_info",
    method: "PUT",
    path: "/v1/organizations/:organization_id",
    permissions: ["Account.updateOrganization"],
    body: { name: text(0, 30), description: text(0, 100) },
    answer: ({ world, path, body }) => {
      requireLevel(world, "enterprise");
      const organization = findOrganization(world, path.organization_id);
      refuseUnsafe(body.name, body.description);
      if (body.name && body.name !== organization.name) refuseTaken(world, body.name);
      // An empty value means "unchanged": neither can be cleared.
      organization.name = body.name || organization.name;
      organization.description = body.description || organization.description;
      return {};
    },
  }),
];

/** Organizations of an enterprise, and their members. */
export const organizationArea: Area = {
  operations: [...organizationOperations, ...organizationMemberOperations],
  collections: { organizations: organizationCollection, people: peopleCollection },
  methods: organizationMethods,
};

/** Refuses enterprises but the account's own, and personal plans, which have none. */
export function requireEnterprise(world: World, id: string): void {
  if (id !== world.options.enterpriseId || ["free", "pro_personal"].includes(levelOf(world))) {
    refuseForbidden(`enterprise ${id}`);
  }
}

/** An organization that a request may change; the default one is stored by that. */
function findOrganization(world: World, id: string): Organization {
  const found = organizationById(world, id) ?? refuseMissing("organization", id);
  if (id === defaultOrganization(world).id && !world.organizations.has(id))
    addItem(world.organizations, found);
  return world.organizations.get(id) ?? found;
}

function refuseUnsafe(...texts: readonly (string | undefined)[]): void {
  if (texts.some((one) => one?.includes("违禁"))) {
    throw new Refusal(codes.unsafeOrganization, "The content does not meet the content safety rules");
  }
}

function refuseTaken(world: World, name: string): void {
  if (isVariant(world, "unique-organizations") && allOrganizations(world).some((one) => one.name === name)) {
    refuseParameter("name", `${name} is the name of another organization`);
  }
}
