import { operation } from "../http/operation.ts";
import { choice, list, number, object, required } from "../http/params.ts";
import { type Level, levelOf, levels } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import { type Area, addItem, type FieldsOf, stored } from "./area.ts";

/** What the account has bought; without it the world's options say so. */
interface Account {
  id: string;
  level: Level;
  /** Calls a second that were bought in addition. */
  extra_qps?: { chat?: number | undefined; workflow?: number | undefined; plugin?: number | undefined };
}

declare module "../world/world.ts" {
  interface World {
    /** At most one account. */
    readonly accounts: Map<string, Account>;
    /** Changes the account's plan, as its owner does by buying one. */
    buyPlan(level: Level, extra?: Account["extra_qps"]): void;
  }
}

const accountFields = {
  id: stored.text,
  level: required(choice(...levels)),
  extra_qps: object({ chat: number, workflow: number, plugin: number }),
} as const satisfies FieldsOf<Account>;

type Resource = "chat" | "workflow" | "plugin";

/** Calls a second by plan (overview of the API). No page tells those of plugins but the example of get_benefit. */
const includedQps: Readonly<Record<Level, Readonly<Record<Resource, number>>>> = {
  free: { chat: 20, workflow: 50, plugin: 100 },
  pro_personal: { chat: 100, workflow: 100, plugin: 100 },
  team: { chat: 200, workflow: 200, plugin: 100 },
  enterprise: { chat: 500, workflow: 500, plugin: 100 },
};

/** get_benefit. */
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
    answer: ({ world, query }) => {
      const basic_info = { user_level: levelOf(world) };
      const { benefit_type_list: types = [], resource_id: resource } = query;
      if (types.length === 0) return { data: { basic_info } };
      const benefit_info = types.flatMap((type) => {
        if (type === "call_tool_limit") return { benefit_type: type, ...showUnlimited() };
        return resource ? { benefit_type: type, resource_id: resource, ...showQps(world, resource) } : [];
      });
      return { data: { basic_info, benefit_info } };
    },
  }),
];

/** The account's plan. */
export const benefitArea: Area = {
  operations: benefitOperations,
  collections: { accounts: { fields: accountFields, generation: 4 } },
  methods: (world) => ({
    buyPlan: (level, extra_qps) => {
      addItem(world.accounts, { id: "account", level, ...(extra_qps && { extra_qps }) });
    },
  }),
};

/** What is in effect may be more than the sum of what is included and what was bought: only it counts. */
function showQps(world: World, resource: Resource): object {
  const [account] = world.accounts.values();
  const included = includedQps[levelOf(world)][resource];
  const bought = account?.extra_qps?.[resource];
  return {
    basic: { status: "", item_info: showCounter(included) },
    extra: bought === undefined ? [] : [{ status: "valid", item_info: showCounter(bought) }],
    effective: { status: "valid", item_info: showCounter(included + (bought ?? 0)) },
  };
}

const showUnlimited = (): object => ({
  basic: { status: "valid", item_info: showCounter(1, "unlimit") },
  extra: [],
  effective: { status: "valid", item_info: showCounter(1, "unlimit") },
});

const showCounter = (total: number, strategy: "by_quota" | "unlimit" = "by_quota"): object => ({
  used: 0,
  total,
  start_at: 0,
  end_at: 0,
  strategy,
});
