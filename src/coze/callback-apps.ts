import { idIn } from "./answer.ts";
import type { Operation, Send, Shown } from "./operation.ts";
import { type Listing, readPages } from "./pages.ts";

/** A callback app (https://docs.coze.cn/developer_guides/list_callback_app). */
export interface CallbackAppItem
  extends Shown<{
    name: string;
    app_type: string;
    callback_url: string;
    connector_id: string | number;
    /** A secret. */
    verify_token: string;
  }> {
  readonly id: string;
}

/** `name` for normal apps only, `connector_id` for connector apps only. */
export interface CallbackAppCreation {
  readonly app_type: string;
  readonly name?: string;
  readonly connector_id?: string;
}

const apps = "/v1/api_apps";
const app = `${apps}/:api_app_id`;
const events = `${app}/events`;
const list: Operation = {
  name: "list_callback_app",
  method: "GET",
  path: apps,
  write: false,
  repeatable: true,
};
const create: Operation = {
  name: "create_callback_app",
  method: "POST",
  path: apps,
  write: true,
  repeatable: false,
};
const update: Operation = {
  name: "update_callback_app",
  method: "PUT",
  path: app,
  write: true,
  repeatable: true,
};
const remove: Operation = {
  name: "delete_callback_app",
  method: "DELETE",
  path: app,
  write: true,
  repeatable: true,
};
const listEvents: Operation = {
  name: "list_subscribed_callback_message",
  method: "GET",
  path: events,
  write: false,
  repeatable: true,
};
const subscribe: Operation = {
  name: "subscribe_callback_message",
  method: "POST",
  path: events,
  write: true,
  repeatable: true,
};
const unsubscribe: Operation = {
  name: "unsubscribe_callback_message",
  method: "DELETE",
  path: events,
  write: true,
  repeatable: true,
};
const listing: Listing = { size: 50, items: "items", id: "id" };
const eventListing: Listing = { size: 50, items: "items", id: "event_type" };

/** Callback apps and the events they are told of. */
export function createCallbackAppCalls(send: Send) {
  return {
    list: () =>
      readPages<CallbackAppItem>(listing, ({ size, token }) =>
        send(list, { query: { page_size: size, page_token: token } }),
      ),
    /** Returns the new app's id (https://docs.coze.cn/developer_guides/create_callback_app). */
    create: async (body: CallbackAppCreation): Promise<string> => idIn(await send(create, { body }), "id"),
    /**
     * Coze posts a challenge to a new callback URL, to be echoed within 3 seconds
     * (https://docs.coze.cn/developer_guides/update_callback_app).
     */
    async update(
      id: string,
      body: { readonly name?: string; readonly callback_url?: string },
    ): Promise<void> {
      await send(update, { path: { api_app_id: id }, body });
    },
    async remove(id: string): Promise<void> {
      await send(remove, { path: { api_app_id: id } });
    },
    listEvents: (id: string) =>
      readPages<{ readonly event_type: string }>(eventListing, ({ size, token }) =>
        send(listEvents, { path: { api_app_id: id }, query: { page_size: size, page_token: token } }),
      ),
    /** Adds to the events subscribed to (https://docs.coze.cn/developer_guides/subscribe_callback_message). */
    async subscribe(id: string, eventTypes: readonly string[]): Promise<void> {
      await send(subscribe, { path: { api_app_id: id }, body: { event_types: eventTypes } });
    },
    async unsubscribe(id: string, eventTypes: readonly string[]): Promise<void> {
      await send(unsubscribe, { path: { api_app_id: id }, body: { event_types: eventTypes } });
    },
  };
}
