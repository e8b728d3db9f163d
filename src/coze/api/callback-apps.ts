import { creating, reading, type Send, type Shown, setting } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { idIn } from "../http/response.ts";

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
  readonly name?: string | undefined;
  readonly connector_id?: string | undefined;
}

const apps = "/v1/api_apps";
const app = `${apps}/:api_app_id`;
const events = `${app}/events`;
const list = reading("list_callback_app", "GET", apps, { permissions: ["listApiApp"] });
const create = creating("create_callback_app", "POST", apps, { permissions: ["createApiApp"] });
const update = setting("update_callback_app", "PUT", app, { permissions: ["updateApiApp"] });
const remove = setting("delete_callback_app", "DELETE", app, { permissions: ["deleteApiApp"] });
const listEvents = reading("list_subscribed_callback_message", "GET", events, {
  permissions: ["listApiApp"],
});
const subscribe = setting("subscribe_callback_message", "POST", events, {
  permissions: ["subscribeApiAppEvent"],
});
const unsubscribe = setting("unsubscribe_callback_message", "DELETE", events, {
  permissions: ["unsubscribeApiAppEvent"],
});
const listing: PageListing = { size: 50, items: "items", id: "id" };
const eventListing: PageListing = { size: 50, items: "items", id: "event_type", named: true };

/** Callback apps and the events they subscribe to. */
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
      body: { readonly name?: string | undefined; readonly callback_url?: string | undefined },
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
