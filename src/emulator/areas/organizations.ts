import { refuseForbidden } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { sortById } from "../world/world.ts";
import { type Area, addItem, type FieldsOf, named, stored } from "./area.ts";

/** An organization of the account's enterprise (seed data). */
interface Organization {
  id: string;
  name: string;
  is_default: boolean;
}

declare module "../world/world.ts" {
  interface World {
    readonly organizations: Map<string, Organization>;
    addOrganization(given: Partial<Organization>): Organization;
  }
}

const organizationFields = { ...named, is_default: stored.flag } as const satisfies FieldsOf<Organization>;

/** list_organization. */
const organizationOperations = [
  operation({
    name: "list_organization",
    method: "GET",
    path: "/v1/enterprises/:enterprise_id/organizations",
    lists: { of: "organizations" },
    permissions: ["Enterprise.listOrganization"],
    query: pageRules(20),
    answer: ({ world, path, query }) => {
      const { plan, enterpriseId } = world.options;
      if (plan === "personal" || path.enterprise_id !== enterpriseId) {
        refuseForbidden(`enterprise ${path.enterprise_id}`);
      }
      const { items, total } = slicePage(sortById(world.organizations.values()), query, 20);
      const shown = items.map((organization) => ({
        organization_id: organization.id,
        organization_name: organization.name,
        organization_icon_url: world.signUrl(`organization_icons/${organization.id}.png`),
        is_default_organization: organization.is_default,
      }));
      return { data: { items: shown, total_count: total } };
    },
  }),
];

/** Organizations, which are seeds. */
export const organizationArea: Area = {
  operations: organizationOperations,
  collections: { organizations: { fields: organizationFields, generation: 3 } },
  methods: (world) => ({
    addOrganization: (given) =>
      addItem(world.organizations, {
        id: world.newId(),
        name: "organization",
        is_default: false,
        ...given,
      }),
  }),
};
