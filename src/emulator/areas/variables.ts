import { refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, id, list, object, required, text } from "../http/params.ts";
import { lookAt } from "../world/tracked-collection.ts";
import type { World } from "../world/world.ts";
import { type Area, anyText, type FieldsOf, findIn, stored } from "./area.ts";
import { visibleBot } from "./bot-collection.ts";
import { joinedWorkspace } from "./workspaces.ts";

/** The variables of a bot or app, which people declare, with their default values. */
interface VariableList {
  /** The id of the bot or app. */
  id: string;
  variables: { keyword: string; default_value: string }[];
}

/** The value of a variable for one user of a bot or app. */
interface VariableValue {
  /** `<bot or app>/<channel>/<user of the token>/<user>/<variable>` */
  id: string;
  value: string;
  created_at: number;
  updated_at: number;
}

declare module "../world/world.ts" {
  interface World {
    readonly variableLists: Map<string, VariableList>;
    readonly variableValues: Map<string, VariableValue>;
    /** Declares the user variables of a bot or app, as people do in Coze's web page. */
    declareVariables(ownerId: string, defaults: Readonly<Record<string, string>>): void;
  }
}

const listFields = {
  id: stored.text,
  variables: required(list(object({ keyword: stored.text, default_value: stored.text }))),
} as const satisfies FieldsOf<VariableList>;

const valueFields = {
  id: stored.text,
  value: stored.text,
  created_at: stored.number,
  updated_at: stored.number,
} as const satisfies FieldsOf<VariableValue>;

const target = {
  app_id: id,
  bot_id: id,
  connector_id: choice("1024", "999"),
  connector_uid: required(text(1)),
} as const;

/** read_variable, update_variable: values of one user. */
const variableOperations = [
  operation({
    name: "read_variable",
    method: "GET",
    path: "/v1/variables",
    permissions: ["readVariable"],
    query: { ...target, keywords: list(anyText) },
    answer: ({ world, query }) => {
      const { ownerId, prefix } = findTarget(world, query);
      const declared = world.variableLists.get(ownerId)?.variables ?? [];
      const asked = query.keywords;
      // Names that aren't declared are left out without a word.
      const shown = declared.filter(({ keyword }) => !asked || asked.includes(keyword));
      const items = shown.map(({ keyword, default_value }) => {
        const set = world.variableValues.get(prefix + keyword);
        return {
          keyword,
          value: set?.value ?? default_value,
          create_time: set?.created_at ?? 0,
          update_time: set?.updated_at ?? 0,
        };
      });
      return { data: { items } };
    },
  }),
  operation({
    name: "update_variable",
    method: "PUT",
    path: "/v1/variables",
    permissions: ["updateVariable"],
    body: {
      ...target,
      data: required(list(object({ keyword: required(text(1)), value: required(anyText) }), 1)),
    },
    answer: ({ world, body }) => {
      const { ownerId, prefix } = findTarget(world, body);
      const declared = world.variableLists.get(ownerId)?.variables ?? [];
      for (const [index, { keyword }] of body.data.entries()) {
        if (!declared.some((one) => one.keyword === keyword)) {
          refuseParameter(`data[${index}].keyword`, `${keyword} is no user variable of ${ownerId}`);
        }
      }
      for (const { keyword, value } of body.data) {
        const key = prefix + keyword;
        const created_at = world.variableValues.get(key)?.created_at ?? world.seconds();
        world.variableValues.set(key, { id: key, value, created_at, updated_at: world.seconds() });
      }
      return {};
    },
  }),
];

/** Variables of the users of bots and apps. */
export const variableArea: Area = {
  operations: variableOperations,
  collections: {
    variableLists: { fields: listFields, generation: 4 },
    variableValues: { fields: valueFields, generation: 4 },
  },
  methods: (world) => ({
    declareVariables: (ownerId, defaults) => {
      const variables = Object.entries(defaults).map(([keyword, default_value]) => ({
        keyword,
        default_value,
      }));
      world.variableLists.set(ownerId, { id: ownerId, variables });
    },
  }),
};

/** The variables of a bot as its reads show them. */
export function showVariables(world: World, botId: string): object[] {
  return (lookAt(world.variableLists, botId)?.variables ?? []).map(({ keyword, default_value }) => ({
    keyword,
    default_value,
    description: "",
    channel: "custom",
    enable: true,
    prompt_enable: true,
  }));
}

interface Target {
  readonly app_id?: string | undefined;
  readonly bot_id?: string | undefined;
  readonly connector_id?: "1024" | "999" | undefined;
  readonly connector_uid: string;
}

/** A bot or app that is published to the channel, and the beginning of its values' keys. */
function findTarget(world: World, asked: Target): { readonly ownerId: string; readonly prefix: string } {
  const { app_id, bot_id, connector_id = "1024", connector_uid } = asked;
  const ownerId = bot_id ?? app_id ?? refuseParameter("bot_id", "or app_id is required");
  const channels = bot_id === undefined ? channelsOfApp(world, ownerId) : visibleBot(world, bot_id).channels;
  if (!(connector_id in channels)) refuseForbidden(`${ownerId} has not been published to ${connector_id}`);
  return { ownerId, prefix: `${ownerId}/${connector_id}/${world.options.me.id}/${connector_uid}/` };
}

function channelsOfApp(world: World, appId: string): object {
  const app = findIn(world.apps, "app", appId);
  joinedWorkspace(world, app.space_id);
  return Object.fromEntries(app.connector_ids.map((connector) => [connector, ""]));
}
