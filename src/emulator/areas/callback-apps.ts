import { refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { dataByToken, tokenRules } from "../http/paging.ts";
import { choice, id, list, required, text } from "../http/params.ts";
import { randomText } from "../http/tokens.ts";
import { isVariant } from "../world/variants.ts";
import { sortById } from "../world/world.ts";
import { type Area, anyText, type FieldsOf, findIn, named, stored } from "./area.ts";

/** A callback app with its subscriptions. */
interface CallbackApp {
  id: string;
  app_type: "normal" | "connector";
  name: string;
  callback_url?: string | undefined;
  connector_id?: string | undefined;
  verify_token: string;
  event_types: string[];
}

declare module "../world/world.ts" {
  interface World {
    readonly callbackApps: Map<string, CallbackApp>;
  }
}

const callbackAppFields = {
  ...named,
  app_type: required(choice("normal", "connector")),
  callback_url: anyText,
  connector_id: anyText,
  verify_token: stored.text,
  event_types: required(list(anyText)),
} as const satisfies FieldsOf<CallbackApp>;

/** What each event means, as list_subscribed_callback_message describes it. */
const eventDescriptions = {
  "bot.published": "智能体已发布",
  "bot.deleted": "智能体已被所有者删除",
  "bot.unpublished": "智能体已下架",
  "benefit.usage": "账单推送",
  "benefit.plugin.scale.requested": "申请插件扩容",
  "benefit.plugin.scale.expired": "插件扩容到期",
} as const;

const eventTypes = Object.keys(eventDescriptions) as (keyof typeof eventDescriptions)[];
const eventsRule = required(list(choice(...eventTypes), 1));

/** create_callback_app, update_callback_app, delete_callback_app, list_callback_app and the three of their events. */
const callbackAppOperations = [
  operation({
    name: "create_callback_app",
    method: "POST",
    path: "/v1/api_apps",
    permissions: ["createApiApp"],
    // callback_url is not in the table: sent here, it is ignored.
    body: { app_type: required(choice("normal", "connector")), name: text(1, 128), connector_id: id },
    answer: ({ world, body, services }) => {
      const app: CallbackApp = {
        id: world.newId(),
        ...nameApp(body),
        app_type: body.app_type,
        verify_token: randomText(services.random),
        event_types: [],
      };
      world.callbackApps.set(app.id, app);
      return { data: showApp(app) };
    },
  }),
  operation({
    name: "update_callback_app",
    method: "PUT",
    path: "/v1/api_apps/:api_app_id",
    permissions: ["updateApiApp"],
    body: { name: text(0, 128), callback_url: text() },
    answer: async ({ world, path, body, services }) => {
      const app = findIn(world.callbackApps, "callback app", path.api_app_id);
      if (body.callback_url) {
        const limit = world.options.challengeMs;
        await challengeCallbackUrl(body.callback_url, randomText(services.random), services.fetch, limit);
      }
      app.name = body.name || app.name;
      const isCleared = body.callback_url === "" && isVariant(world, "cleared-callbacks");
      app.callback_url = isCleared ? undefined : body.callback_url || app.callback_url;
      return {};
    },
  }),
  operation({
    name: "delete_callback_app",
    method: "DELETE",
    path: "/v1/api_apps/:api_app_id",
    permissions: ["deleteApiApp"],
    answer: ({ world, path }) => {
      findIn(world.callbackApps, "callback app", path.api_app_id);
      world.callbackApps.delete(path.api_app_id);
      return {};
    },
  }),
  operation({
    name: "list_callback_app",
    method: "GET",
    path: "/v1/api_apps",
    lists: { of: "callbackApps" },
    permissions: ["listApiApp"],
    query: { ...tokenRules(50), app_type: choice("normal", "connector") },
    answer: ({ world, query }) => {
      const found = sortById(world.callbackApps.values()).filter(
        (app) => (query.app_type ?? app.app_type) === app.app_type,
      );
      return { data: lastWithoutToken(dataByToken(found, query, 50, showApp)) };
    },
  }),
  operation({
    name: "subscribe_callback_message",
    method: "POST",
    path: "/v1/api_apps/:api_app_id/events",
    permissions: ["subscribeApiAppEvent"],
    body: { event_types: eventsRule },
    answer: ({ world, path, body }) => {
      const app = findIn(world.callbackApps, "callback app", path.api_app_id);
      app.event_types = [...new Set([...app.event_types, ...body.event_types])];
      return {};
    },
  }),
  operation({
    name: "unsubscribe_callback_message",
    method: "DELETE",
    path: "/v1/api_apps/:api_app_id/events",
    permissions: ["unsubscribeApiAppEvent"],
    body: { event_types: eventsRule },
    answer: ({ world, path, body }) => {
      const app = findIn(world.callbackApps, "callback app", path.api_app_id);
      app.event_types = app.event_types.filter((kept) => !body.event_types.some((type) => type === kept));
      return {};
    },
  }),
  operation({
    name: "list_subscribed_callback_message",
    method: "GET",
    path: "/v1/api_apps/:api_app_id/events",
    lists: { of: "callbackApps", within: true },
    permissions: ["listApiApp"],
    query: tokenRules(50),
    answer: ({ world, path, query }) => {
      const app = findIn(world.callbackApps, "callback app", path.api_app_id);
      const subscribed = eventTypes.filter((type) => app.event_types.includes(type));
      const show = (type: (typeof eventTypes)[number]) => ({
        name: app.name,
        api_app_id: app.id,
        event_type: type,
        description: eventDescriptions[type],
      });
      return { data: lastWithoutToken(dataByToken(subscribed, query, 50, show)) };
    },
  }),
];

/** Callback apps and the events they are subscribed to. */
export const callbackAppArea: Area = {
  operations: callbackAppOperations,
  collections: { callbackApps: { fields: callbackAppFields } },
};

// Unlike workflow versions, these lists give no token with the last page.
function lastWithoutToken({ next_page_token, ...data }: ReturnType<typeof dataByToken>): object {
  return data.has_more ? { ...data, next_page_token } : data;
}

function nameApp(body: {
  app_type: "normal" | "connector";
  name?: string | undefined;
  connector_id?: string | undefined;
}): Pick<CallbackApp, "name" | "connector_id"> {
  if (body.app_type === "normal") {
    return { name: body.name ?? refuseParameter("name", "is required for a normal app") };
  }
  const connector = body.connector_id ?? refuseParameter("connector_id", "is required for a connector app");
  return { name: `渠道 ${connector}`, connector_id: connector };
}

function showApp(app: CallbackApp): object {
  return {
    id: app.id,
    name: app.name,
    app_type: app.app_type,
    verify_token: app.verify_token,
    callback_url: app.callback_url,
    connector_id: app.connector_id,
  };
}

/**
 * Challenges a callback URL as update_callback_app describes: it is POSTed a `challenge` and must echo it in time. Throws
 * a Refusal otherwise. Reserved example hosts aren't contacted: `*.example` and `example.com` with its subdomains count
 * as echoing, `refuse.example.com` as refusing.
 */
async function challengeCallbackUrl(
  url: string,
  challenge: string,
  request: typeof fetch,
  limitMs: number,
): Promise<void> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    refuseParameter("callback_url", "must be an http or https URL");
  }
  const { hostname } = new URL(url);
  const echoed = isExample(hostname)
    ? hostname !== "refuse.example.com"
    : await echoes(url, challenge, request, limitMs);
  if (!echoed) refuseParameter("callback_url", `did not echo the challenge within ${limitMs} ms`);
}

function isExample(hostname: string): boolean {
  return hostname === "example.com" || /\.(example|example\.com)$/.test(hostname);
}

async function echoes(
  url: string,
  challenge: string,
  request: typeof fetch,
  limitMs: number,
): Promise<boolean> {
  try {
    const answer = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "url_verification", challenge }),
      redirect: "manual",
      signal: AbortSignal.timeout(limitMs),
    });
    return answer.ok && isEcho(await answer.text(), challenge);
  } catch {
    return false;
  }
}

// "Return the challenge as it is": the page does not say whether bare or in an object.
function isEcho(answer: string, challenge: string): boolean {
  if (answer === challenge) return true;
  try {
    const parsed: unknown = JSON.parse(answer);
    return (
      parsed === challenge ||
      (typeof parsed === "object" &&
        parsed !== null &&
        "challenge" in parsed &&
        parsed.challenge === challenge)
    );
  } catch {
    return false;
  }
}
