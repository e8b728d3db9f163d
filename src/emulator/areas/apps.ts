import { operation } from "../http/operation.ts";
import { publishedRules, slicePage } from "../http/paging.ts";
import type { App } from "../world/entities.ts";
import { sortById, type World } from "../world/world.ts";
import { joinedWorkspace } from "./visibility.ts";

/** published_apps_list; apps come from seeds and copies only. */
export const appOperations = [
  operation({
    name: "published_apps_list",
    method: "GET",
    path: "/v1/apps",
    lists: { of: "apps" },
    permissions: ["listApp"],
    query: publishedRules,
    answer: ({ world, query }) => {
      const workspace = joinedWorkspace(world, query.workspace_id);
      const { publish_status: status = "published_online", connector_id: connector = "1024" } = query;
      const found = sortById(world.apps.values()).filter(
        (app) => app.space_id === workspace.id && hasStatus(app, status, connector),
      );
      const { items } = slicePage(found, query, 20);
      return { data: { items: items.map((app) => showApp(world, app)), total: items.length } };
    },
  }),
];

function hasStatus(app: App, status: string, connector: string): boolean {
  switch (status) {
    case "all":
      return true;
    case "unpublished_draft":
      return app.published_at === undefined;
    case "published_draft":
      return app.connector_ids.includes(connector) && app.updated_at > (app.published_at ?? 0);
    default:
      return app.connector_ids.includes(connector);
  }
}

function showApp(world: World, app: App): object {
  return {
    id: app.id,
    name: app.name,
    description: app.description,
    icon_url: world.signUrl(`FileBizType.BIZ_BOT_APP/${app.id}.png`),
    is_published: app.published_at !== undefined,
    updated_at: app.updated_at,
    owner_user_id: app.owner_user_id,
    ...(app.folder_id && { folder_id: app.folder_id }),
    ...(app.published_at !== undefined && { published_at: app.published_at }),
  };
}
