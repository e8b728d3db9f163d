import type { Json, Values } from "../core/value.ts";
import type { CallbackAppItem } from "../coze/api/callback-apps.ts";
import type { CozeClient } from "../coze/client.ts";
import { BadRequest } from "../coze/error-classes.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asId } from "../coze/http/response.ts";
import { defineKind } from "../kind/kind.ts";
import type { FieldProblem, FollowUpCall } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import { unlessGone } from "./call-errors.ts";
import { decimalId, known } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/create_callback_app */
export const callbackApp = defineKind<CozeClient, OperationName>()({
  name: "CallbackApp",
  description: "A callback app: where Coze reports events, such as the publication of a bot.",
  identity: ["name"],
  removal: "delete",
  operations: {
    list: "list_callback_app",
    read: "list_subscribed_callback_message",
    create: "create_callback_app",
    update: "update_callback_app",
    remove: "delete_callback_app",
  },
  fields: {
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      maxLength: 128,
      description: "Name of the callback app, up to 128 characters.",
    },
    callback_url: {
      type: "string",
      format: "uri",
      presence: "required",
      settable: "update",
      description:
        "Where Coze posts events. It must be up before an apply: Coze posts a challenge there, to be echoed within 3 seconds.",
    },
    type: {
      type: "enum",
      values: ["normal", "connector"],
      presence: "optional",
      immutable: true,
      default: "normal",
      description: "`connector` for events of a channel of your own, otherwise `normal`.",
    },
    connector_id: {
      ...decimalId,
      presence: "optional",
      immutable: true,
      description: "Id of the channel; for the type `connector`.",
    },
    events: {
      type: "list",
      unordered: true,
      presence: "optional",
      default: [],
      items: {
        type: "enum",
        open: true,
        values: [
          "bot.published",
          "bot.deleted",
          "bot.unpublished",
          "benefit.usage",
          "benefit.plugin.scale.requested",
          "benefit.plugin.scale.expired",
        ],
      },
      description: "Events to report ([list](https://docs.coze.cn/dev_how_to_guides/add_callback)).",
    },
    verify_token: {
      type: "string",
      presence: "computed",
      immutable: true,
      sensitive: true,
      description: "Secret that Coze signs its callbacks with. It can't be changed.",
    },
  },

  listing: {
    scope: ({ connector_id, name }) => (connector_id === undefined ? [] : [[connector_id, name].join(" ")]),
  },

  async *list(api, _parent, { specs }) {
    for await (const page of api.callbackApps.list()) {
      yield page.map((item) => ({ id: item.id, live: readItem(item, specs) }));
    }
  },

  async read(api, { id }) {
    const events = await unlessGone(readEvents(api, id));
    return events && { live: { events } };
  },

  async create(api, spec) {
    const id =
      spec.type === "connector"
        ? await api.callbackApps.create({ app_type: "connector", connector_id: spec.connector_id })
        : await api.callbackApps.create({ app_type: "normal", name: spec.name });
    return { id };
  },

  async update(api, { id }, { spec, changed }) {
    // A connector's app is created with the channel's name, not the manifest's.
    const named = changed.has("name") || spec.type === "connector";
    const body = {
      ...(named ? { name: spec.name } : {}),
      ...(changed.has("callback_url") ? { callback_url: spec.callback_url } : {}),
    };
    await api.callbackApps.update(id, body).catch((error: unknown) => {
      throw body.callback_url && error instanceof BadRequest ? explainChallenge(error) : error;
    });
  },

  async remove(api, { id }) {
    await unlessGone(api.callbackApps.remove(id));
  },

  followUps: [
    {
      name: "subscribe",
      operation: "subscribe_callback_message",
      fields: ["events"],
      calls: ({ spec, live, changed }) =>
        // The events of an existing app may not have been read.
        live && !live.events && !changed.has("events")
          ? []
          : eventCall("kinds/subscribes", missingFrom(live?.events, spec.events)),
      run: (api, { id }, _spec, { argument }) => api.callbackApps.subscribe(id, eventTypes(argument)),
    },
    {
      name: "unsubscribe",
      operation: "unsubscribe_callback_message",
      fields: ["events"],
      calls: ({ spec, live }) =>
        spec.events === undefined
          ? []
          : eventCall("kinds/unsubscribes", missingFrom(spec.events, live?.events)),
      run: (api, { id }, _spec, { argument }) => api.callbackApps.unsubscribe(id, eventTypes(argument)),
    },
  ],

  check: checkType,
  failureFields: { app_type: "type", event_types: "events" },

  effects(action, { changed }) {
    const challenged = action === "create" || action === "replace" || changed?.has("callback_url");
    return challenged && action !== "remove" ? [{ text: say("kinds/posts-challenge") }] : [];
  },
});

function explainChallenge(error: BadRequest): BadRequest {
  return new BadRequest(error.message, { ...error, cause: error, hint: say("kinds/challenge-advice") });
}

interface Connected {
  readonly name?: string;
  readonly connector_id?: string;
}

function readItem(item: CallbackAppItem, specs: readonly Connected[]) {
  const connectorId = asId(item.connector_id);
  // A connector's app has the channel's name until the update that sets its own name and address. If a run ended
  // before that update, the app is found by its channel.
  const unnamed = connectorId !== undefined && !item.callback_url;
  const spec = unnamed ? specs.find(({ connector_id }) => connector_id === connectorId) : undefined;
  return known({
    name: spec?.name ?? item.name,
    type: item.app_type === "connector" ? ("connector" as const) : ("normal" as const),
    callback_url: item.callback_url || undefined,
    connector_id: connectorId,
    verify_token: item.verify_token,
  });
}

async function readEvents(api: CozeClient, id: string): Promise<readonly string[]> {
  const events: string[] = [];
  for await (const page of api.callbackApps.listEvents(id)) {
    events.push(...page.map(({ event_type }) => event_type));
  }
  return events;
}

function missingFrom(present: readonly string[] = [], wanted: readonly string[] = []): readonly string[] {
  return wanted.filter((event) => !present.includes(event));
}

function eventCall(
  key: "kinds/subscribes" | "kinds/unsubscribes",
  events: readonly string[],
): readonly FollowUpCall[] {
  return events.length === 0 ? [] : [{ argument: events, effect: say(key, { events: events.join(", ") }) }];
}

const eventTypes = (argument: Json): readonly string[] =>
  Array.isArray(argument) ? argument.map(String) : [];

function checkType({ type, connector_id }: Values): readonly FieldProblem[] {
  if (type === "connector" && connector_id === undefined) {
    return [{ path: ["type"], ...explain("kinds/connector-id-missing") }];
  }
  if (type !== "connector" && connector_id !== undefined) {
    return [{ path: ["connector_id"], ...explain("kinds/connector-id-unused") }];
  }
  return [];
}
