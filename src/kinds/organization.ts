import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { known } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/list_organization */
export const organization = defineKind<CozeClient, OperationName>()({
  name: "Organization",
  description:
    "An organization of an enterprise, looked up by name. Only the token of an enterprise's privileged app may list organizations.",
  identity: ["enterprise", "name"],
  unique: true,
  listing: { needs: ["enterprise"], onlyForLookups: true, scope: ({ enterprise }) => [enterprise ?? ""] },
  fields: {
    enterprise: {
      type: "string",
      presence: "required",
      minLength: 1,
      description:
        "Id of the enterprise, such as `volcano_2105850001`, from the organization's settings page.",
    },
    name: { type: "string", presence: "required", minLength: 1, description: "Name of the organization." },
  },

  // No call names the account's enterprise.
  async *list(api, _parent, { specs }) {
    const enterprises = new Set(specs.flatMap(({ enterprise }) => enterprise ?? []));
    for (const enterprise of enterprises) {
      for await (const page of api.organizations.list(enterprise)) {
        yield page.map((item) => ({
          id: item.organization_id,
          live: known({ enterprise, name: item.organization_name }),
        }));
      }
    }
  },
});
