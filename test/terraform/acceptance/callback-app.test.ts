import { expect } from "@jest/globals";
import { acceptResource } from "../../support/acceptance.ts";

const channel = { type: "connector", connector_id: "7512000000000090001" };
const again = [
  "delete_callback_app",
  "create_callback_app",
  "update_callback_app",
  "subscribe_callback_message",
];

acceptResource({
  kind: "CallbackApp",
  seed: () => ({}),
  base: () => ({
    name: "发布通知",
    callback_url: "https://hooks.example.com/coze",
    events: ["bot.deleted", "bot.published"],
  }),
  creation: {
    calls: ["create_callback_app", "update_callback_app", "subscribe_callback_message"],
    shows: { type: "normal", connector_id: null, unfinished: null, verify_token: expect.stringMatching(/./) },
  },
  cases: () => ({
    name: { to: { name: "通知" }, calls: ["update_callback_app"] },
    callback_url: {
      to: { callback_url: "https://hooks.example.com/v2" },
      calls: ["update_callback_app"],
    },
    type: {
      to: channel,
      calls: again,
      replacedFor: ["connector_id", "type"],
    },
    "type (given as it is)": { from: { type: null }, to: { type: "normal" }, changes: [], calls: [] },
    connector_id: {
      from: channel,
      to: { connector_id: "7512000000000090003" },
      calls: again,
      replacedFor: ["connector_id"],
    },
    events: {
      to: { events: ["bot.unpublished"] },
      calls: ["subscribe_callback_message", "unsubscribe_callback_message"],
    },
    "events (one more)": {
      to: { events: ["bot.deleted", "bot.published", "bot.unpublished"] },
      calls: ["subscribe_callback_message"],
    },
    "events (taken out)": { to: { events: null }, calls: ["unsubscribe_callback_message"] },
  }),
  imported: { ids: (_seeds, id) => ({ "its id": id, "its name": "发布通知" }), action: "no-op" },
  drifts: {
    "another address": {
      by: ({ callbackApps }, id) =>
        Object.assign(callbackApps.get(id) ?? {}, { callback_url: "https://else.example.com/coze" }),
      changes: ["callback_url"],
      calls: ["update_callback_app"],
    },
    "an event too few": {
      by: ({ callbackApps }, id) =>
        Object.assign(callbackApps.get(id) ?? {}, { event_types: ["bot.published"] }),
      changes: ["events"],
      calls: ["subscribe_callback_message"],
    },
    "an event too many": {
      by: ({ callbackApps }, id) => void callbackApps.get(id)?.event_types.push("bot.unpublished"),
      changes: ["events"],
      calls: ["unsubscribe_callback_message"],
    },
  },
  delete: ({ callbackApps }, id) => void callbackApps.delete(id),
  end: { calls: ["delete_callback_app"] },
});
