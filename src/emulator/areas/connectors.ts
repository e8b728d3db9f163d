import { refuseForbidden, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, flag, id, list, number, object, required, text } from "../http/params.ts";
import { isPersonal } from "../world/plans.ts";
import { isVariant } from "../world/variants.ts";
import type { World } from "../world/world.ts";
import { type Area, addItem, anyText, type FieldsOf, lookIn, stored } from "./area.ts";
import { isAdmin, userExists } from "./people.ts";
import { joinedWorkspace, type Workspace } from "./workspaces.ts";

/** A device that bots can be published to. */
interface Device {
  label: string;
  value: string;
}

/** The devices of a user under a key. */
interface DeviceList {
  key: string;
  user_id: string;
  enums: Device[];
}

/** A custom channel. The emulator knows one by name, or by the first call about it. */
interface Connector {
  id: string;
  /** The workspaces that may publish to it; without it all may. */
  workspaces?: string[] | undefined;
  /** The keys of devices that Coze's staff enabled; without it any. */
  device_keys?: string[] | undefined;
  /** Whether a publication waits for the channel's review. */
  reviews?: boolean | undefined;
  devices: DeviceList[];
}

/** What a channel said of a bot that was published to it. */
interface Review {
  /** `<connector>/<bot>` */
  id: string;
  /** 1 under review, 2 passed, 3 refused. */
  audit_status: number;
  reason: string;
  /** The version that the channel shows once it has passed. */
  version: string;
}

declare module "../world/world.ts" {
  interface World {
    readonly connectors: Map<string, Connector>;
    readonly reviews: Map<string, Review>;
    /** Names a custom channel, so that what it is for is checked: no workspace and no device by default. */
    addConnector(given: Partial<Connector>): Connector;
  }
}

const device = { label: stored.text, value: stored.text } as const;

const connectorFields = {
  id: stored.text,
  workspaces: list(anyText),
  device_keys: list(anyText),
  reviews: flag,
  devices: required(
    list(
      object({
        key: stored.text,
        user_id: stored.text,
        enums: required(list(object(device satisfies FieldsOf<Device>))),
      } satisfies FieldsOf<DeviceList>),
    ),
  ),
} as const satisfies FieldsOf<Connector>;

const reviewFields = {
  id: stored.text,
  audit_status: required(number),
  reason: stored.text,
  version: stored.text,
} as const satisfies FieldsOf<Review>;

const reviewStates = { waiting: 1, passed: 2, refused: 3 } as const;

/** install_channel, bind_connector_config, update_review_result. Nothing lists or undoes them. */
const connectorOperations = [
  operation({
    name: "install_channel",
    method: "POST",
    path: "/v1/connectors/:connector_id/install",
    permissions: ["installConnector"],
    body: { workspace_id: required(id) },
    answer: ({ world, path, body }) => {
      const workspace = joinedWorkspace(world, body.workspace_id);
      if (!isPersonal(world) && workspace.workspace_type === "team" && !isAdmin(world)) {
        refuseForbidden("channels of team workspaces take a super admin or an admin of the enterprise");
      }
      const connector = connectorOf(world, path.connector_id);
      const workspaces = [...new Set([...(connector.workspaces ?? []), workspace.id])];
      world.connectors.set(connector.id, connector.workspaces ? { ...connector, workspaces } : connector);
      return {};
    },
  }),
  operation({
    name: "bind_connector_config",
    method: "POST",
    path: "/v1/connectors/:connector_id/user_configs",
    permissions: ["bindConnectorConfig"],
    body: {
      configs: required(
        list(
          object({
            key: required(text(1)),
            enums: required(list(object({ label: required(text(1)), value: required(text(1)) }), 1)),
          }),
          1,
        ),
      ),
      user_id: text(1),
    },
    answer: ({ world, path, body }) => {
      const connector = connectorOf(world, path.connector_id);
      const { user_id = world.options.me.id } = body;
      if (!userExists(world, user_id)) refuseParameter("user_id", `${user_id} is no user of Coze`);
      for (const { key } of body.configs) {
        if (connector.device_keys && !connector.device_keys.includes(key)) {
          refuseForbidden(`connector ${connector.id} has not been enabled for devices under the key ${key}`);
        }
      }
      const devices = body.configs.reduce(
        (bound, { key, enums }) => bindDevices(world, bound, { key, user_id, enums }),
        connector.devices,
      );
      world.connectors.set(connector.id, { ...connector, devices });
      return {};
    },
  }),
  operation({
    name: "update_review_result",
    method: "PUT",
    path: "/v1/connectors/:connector_id/bots/:bot_id",
    permissions: ["Connector.botUpdateProfile"],
    body: { audit_status: required(choice(1, 2, 3)), reason: text() },
    answer: ({ world, path, body, caller }) => {
      const { connector_id: connectorId, bot_id: botId } = path;
      if (caller?.connector_id !== undefined && caller.connector_id !== connectorId) {
        refuseForbidden(`the token is that of connector ${caller.connector_id}`);
      }
      const bot = lookIn(world.bots, "bot", botId);
      const key = reviewKey(connectorId, botId);
      const shown = bot.channels[connectorId];
      const version = world.reviews.get(key)?.version ?? (typeof shown === "string" ? shown : undefined);
      if (version === undefined)
        return refuseMissing(`publication to connector ${connectorId} of bot`, botId);
      const { audit_status, reason = "" } = body;
      addItem(world.reviews, { id: key, audit_status, reason, version });
      const changed = world.bots.get(botId);
      if (audit_status === reviewStates.refused) delete changed?.channels[connectorId];
      if (audit_status === reviewStates.passed && changed) changed.channels[connectorId] = version;
      return {};
    },
  }),
];

/** Custom channels: who may publish to them, their devices and reviews. */
export const connectorArea: Area = {
  operations: connectorOperations,
  collections: {
    connectors: { fields: connectorFields, generation: 4 },
    reviews: { fields: reviewFields, generation: 4 },
  },
  methods: (world) => ({
    addConnector: (given) =>
      addItem(world.connectors, {
        id: world.newId(),
        workspaces: [],
        device_keys: [],
        devices: [],
        ...given,
      }),
  }),
};

const reviewKey = (connectorId: string, botId: string): string => `${connectorId}/${botId}`;

const connectorOf = (world: World, connectorId: string): Connector =>
  world.connectors.get(connectorId) ?? { id: connectorId, devices: [] };

function bindDevices(world: World, bound: readonly DeviceList[], added: DeviceList): DeviceList[] {
  const isIts = ({ key, user_id }: DeviceList): boolean => key === added.key && user_id === added.user_id;
  const before = isVariant(world, "replaced-devices")
    ? []
    : bound.filter(isIts).flatMap(({ enums }) => enums);
  const all = new Map([...before, ...added.enums].map((one) => [one.value, one]));
  return [...bound.filter((one) => !isIts(one)), { ...added, enums: [...all.values()] }];
}

/** Refuses channels that were not added to a workspace, as far as the world knows them. */
export function checkInstalled(
  world: World,
  spaceId: Workspace["id"],
  connectorIds: readonly string[],
): void {
  const missing = connectorIds.find(
    (connectorId) => world.connectors.get(connectorId)?.workspaces?.includes(spaceId) === false,
  );
  if (missing) refuseParameter("connector_ids", `names ${missing}, which was not added to the workspace`);
}

/** Lets the channels that review publications keep one back: they show what they showed until its result. */
export function awaitReviews(
  world: World,
  bot: { readonly id: string; readonly channels: Record<string, string> },
  before: Readonly<Record<string, string>>,
): void {
  for (const [connectorId, version] of Object.entries(bot.channels)) {
    if (!world.connectors.get(connectorId)?.reviews || version === before[connectorId]) continue;
    const shown = before[connectorId];
    if (shown === undefined) delete bot.channels[connectorId];
    else bot.channels[connectorId] = shown;
    const key = reviewKey(connectorId, bot.id);
    addItem(world.reviews, { id: key, audit_status: reviewStates.waiting, reason: "", version });
  }
}
