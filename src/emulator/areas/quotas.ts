import { LosslessNumber } from "lossless-json";
import { type BodyParts, refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { dataByToken, tokenRules } from "../http/paging.ts";
import { choice, id, integer, object, required, text } from "../http/params.ts";
import { requireLevel } from "../world/plans.ts";
import { isVariant } from "../world/variants.ts";
import { sortById, type World } from "../world/world.ts";
import { type Area, anyText, type FieldsOf, findIn, stored } from "./area.ts";
import { isAdmin } from "./people.ts";

/** How much the devices or users of an enterprise's bots may use. */
interface Quota {
  /** Only the answer to its creation tells it. */
  id: string;
  entity_type: string;
  entity_id?: string | undefined;
  benefit_type: string;
  active_mode: string;
  started_at: number;
  ended_at: number;
  limit: number;
  status: string;
  trigger_unit: string;
  trigger_time: number;
}

declare module "../world/world.ts" {
  interface World {
    readonly quotas: Map<string, Quota>;
  }
}

const quotaFields = {
  id: required(id),
  entity_type: stored.text,
  entity_id: anyText,
  benefit_type: stored.text,
  active_mode: stored.text,
  started_at: stored.number,
  ended_at: stored.number,
  limit: stored.number,
  status: stored.text,
  trigger_unit: stored.text,
  trigger_time: stored.number,
} as const satisfies FieldsOf<Quota>;

const singles: readonly string[] = ["single_device", "single_custom_consumer"];
const scopes: readonly string[] = ["enterprise_all_devices", "enterprise_all_custom_consumers", ...singles];
const kinds: readonly string[] = [
  "resource_point",
  "voice_unified_duration_system",
  "voice_unified_duration_custom",
];

const states: readonly string[] = ["valid", "frozen"];

const changeable = {
  active_mode: choice("absolute_time"),
  started_at: integer(0),
  ended_at: integer(0),
  limit: integer(0),
  status: text(1),
  trigger_unit: choice("never", "minute", "hour", "day"),
  trigger_time: integer(1),
} as const;

/** create_device_quotas, update_device_quotas, get_device_quotas. Nothing deletes one. */
const quotaOperations = [
  operation({
    name: "create_device_quotas",
    method: "POST",
    path: "/v1/commerce/benefit/limitations",
    permissions: ["createBenefitLimitation"],
    body: {
      entity_type: required(text(1)),
      entity_id: text(1),
      benefit_info: required(
        object({
          ...changeable,
          active_mode: required(changeable.active_mode),
          started_at: required(changeable.started_at),
          ended_at: required(changeable.ended_at),
          limit: required(changeable.limit),
          benefit_type: required(text(1)),
        }),
      ),
    },
    answer: ({ world, body }) => {
      requireSteward(world);
      const { entity_type, entity_id, benefit_info: info } = body;
      checkWords(world, { entity_type, benefit_type: info.benefit_type, status: info.status });
      const isSingle = singles.includes(entity_type);
      if (isSingle && !entity_id) refuseParameter("entity_id", `is required for ${entity_type}`);
      const quota: Quota = {
        status: "valid",
        trigger_unit: "never",
        trigger_time: 1,
        ...info,
        id: world.newId(),
        entity_type,
        ...(isSingle && { entity_id }),
      };
      checkTimes(quota);
      refuseSecond(world, quota);
      world.quotas.set(quota.id, quota);
      return { data: showCreated(world, quota) };
    },
  }),
  operation({
    name: "update_device_quotas",
    method: "PUT",
    path: "/v1/commerce/benefit/limitations/:benefit_id",
    permissions: ["updateBenefitLimitation"],
    // The example repeats the id here, which the table doesn't.
    body: { ...changeable, benefit_id: text() },
    answer: ({ world, path, body }) => {
      requireSteward(world);
      const { benefit_id: _, ...change } = body;
      checkWords(world, change);
      const quota = findIn(world.quotas, "benefit", path.benefit_id);
      const changed: Quota = { ...quota, ...change };
      checkTimes(changed);
      refuseSecond(world, changed);
      Object.assign(quota, change);
      return isVariant(world, "told-updates") ? { data: { benefit_id: quota.id, ...showQuota(quota) } } : {};
    },
  }),
  operation({
    name: "get_device_quotas",
    method: "GET",
    path: "/v1/commerce/benefit/limitations",
    lists: { of: "quotas" },
    permissions: ["listBenefitLimitation"],
    query: {
      ...tokenRules(200),
      entity_type: required(text(1)),
      entity_id: text(),
      benefit_type: required(text(1)),
      status: text(),
    },
    answer: ({ world, query }) => {
      requireSteward(world);
      const { entity_type, entity_id, benefit_type, status = "valid" } = query;
      checkWords(world, { entity_type, benefit_type, status });
      const found = sortById(world.quotas.values()).filter(
        (quota) =>
          quota.entity_type === entity_type &&
          quota.benefit_type === benefit_type &&
          quota.status === status &&
          (!entity_id || quota.entity_id === entity_id),
      );
      const { items, has_more, next_page_token } = dataByToken(found, query, 20, showQuota);
      return { data: { benefit_infos: items, has_more, ...(has_more && { page_token: next_page_token }) } };
    },
  }),
];

/** What the devices and users of an enterprise's bots may use. */
export const quotaArea: Area = {
  operations: quotaOperations,
  collections: { quotas: { fields: quotaFields, generation: 4 } },
};

function requireSteward(world: World): void {
  requireLevel(world, "enterprise");
  if (!isAdmin(world)) refuseForbidden("quotas take a super admin or an admin of the enterprise");
}

/** Refuses words that the reference doesn't know; its newest page has more of them, and doesn't say all. */
function checkWords(
  world: World,
  words: { readonly [K in "entity_type" | "benefit_type" | "status"]?: string | undefined },
): void {
  if (isVariant(world, "newest-quotas")) return;
  const known = { entity_type: scopes, benefit_type: kinds, status: states };
  for (const name of ["entity_type", "benefit_type", "status"] as const) {
    const word = words[name];
    if (word !== undefined && !known[name].includes(word)) {
      refuseParameter(name, `must be one of ${known[name].join(", ")}`);
    }
  }
}

function checkTimes({ started_at, ended_at }: Quota): void {
  if (ended_at < started_at) refuseParameter("ended_at", "must not be before started_at");
}

/** For all devices or users there are one total and one by period at most. */
function refuseSecond(world: World, quota: Quota): void {
  if (!quota.entity_type.startsWith("enterprise_all_")) return;
  const isTotal = ({ trigger_unit }: Quota): boolean => trigger_unit === "never";
  const isRival = (one: Quota): boolean =>
    one.id !== quota.id &&
    one.entity_type === quota.entity_type &&
    one.benefit_type === quota.benefit_type &&
    one.status !== "cancel" &&
    isTotal(one) === isTotal(quota);
  if ([...world.quotas.values()].some(isRival)) {
    refuseParameter("trigger_unit", `there is a quota of this kind for ${quota.entity_type} already`);
  }
}

const showQuota = ({ id: _, ...quota }: Quota): object => quota;

/** The table nests what the example shows flat, with a number for the id. */
function showCreated(world: World, quota: Quota): BodyParts {
  return isVariant(world, "flat-quotas")
    ? { benefit_id: new LosslessNumber(quota.id), ...showQuota(quota) }
    : { benefit_info: { benefit_id: quota.id, ...showQuota(quota) } };
}
