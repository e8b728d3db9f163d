import { operation } from "../http/operation.ts";
import { choice, list } from "../http/params.ts";
import type { WorldOptions } from "../world/world.ts";
import type { Area } from "./area.ts";

/** What the account's plan is called in get_benefit. */
const levelOf = ({ plan, level }: WorldOptions): NonNullable<WorldOptions["level"]> =>
  level ?? (plan === "personal" ? "free" : "enterprise");

/** get_benefit: the plan alone, without what was bought in addition. */
const benefitOperations = [
  operation({
    name: "get_benefit",
    method: "GET",
    path: "/v1/commerce/benefit/benefits/get",
    permissions: ["getBenefit"],
    query: {
      benefit_type_list: list(choice("api_run_qps", "call_tool_limit")),
      resource_id: choice("plugin", "chat", "workflow"),
    },
    answer: ({ world }) => ({ data: { basic_info: { user_level: levelOf(world.options) } } }),
  }),
];

/** The account's plan. */
export const benefitArea: Area = { operations: benefitOperations };
