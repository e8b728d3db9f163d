import { reading, type Send, type Shown, type Wire } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { asText, dataOf, isWire } from "../http/response.ts";

/** An organization in the list (https://docs.coze.cn/developer_guides/list_organization). */
export interface OrganizationItem extends Shown<{ organization_name: string }> {
  readonly organization_id: string;
}

const listOrganizations = reading(
  "list_organization",
  "GET",
  "/v1/enterprises/:enterprise_id/organizations",
  { permissions: ["Enterprise.listOrganization"] },
);
const getBenefit = reading("get_benefit", "GET", "/v1/commerce/benefit/benefits/get", {
  permissions: ["getBenefit"],
});
const listing: PageListing = {
  size: 20,
  items: "items",
  id: "organization_id",
  total: "total_count",
};

/** Organizations of an enterprise. */
export function createOrganizationCalls(send: Send) {
  return {
    list: (enterpriseId: string) =>
      readPages<OrganizationItem>(listing, ({ page, size }) =>
        send(listOrganizations, {
          path: { enterprise_id: enterpriseId },
          query: { page_num: page, page_size: size },
        }),
      ),
  };
}

/** What the account has bought. */
export function createBenefitCalls(send: Send) {
  return {
    /** The account's plan: free, pro_personal, team, enterprise, or a newer word; undefined if the answer lacks it. */
    async plan(): Promise<string | undefined> {
      const { basic_info: info } = dataOf<Wire>(await send(getBenefit));
      return isWire(info) ? asText(info.user_level) : undefined;
    },
  };
}
