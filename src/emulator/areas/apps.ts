import { operation } from "../http/operation.ts";
import { checkPageSize, publishedRules, slicePage } from "../http/paging.ts";
import { list, number, object, required } from "../http/params.ts";
import { sortForList, type World } from "../world/world.ts";
import { type Area, addItem, anyText, described, type FieldsOf, stored, takeItem } from "./area.ts";
import { joinedWorkspace } from "./workspaces.ts";

/** The ids of workflows and plugins that an app or workflow uses. */
export interface Uses {
  workflows?: string[] | undefined;
  plugins?: string[] | undefined;
}

/** An app (seed data: the API cannot make one except by copying). */
export interface App {
  id: string;
  space_id: string;
  name: string;
  description: string;
  owner_user_id: string;
  folder_id?: string | undefined;
  updated_at: number;
  published_at?: number | undefined;
  connector_ids: string[];
  /** A description of its contents besides its workflows; no operation shows it, but copies keep it. */
  content?: string | undefined;
  uses?: Uses | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly apps: Map<string, App>;
    addApp(given: Partial<App> & Pick<App, "space_id">): App;
    editApp(appId: string, change: Partial<Pick<App, "name" | "description" | "content" | "uses">>): App;
    /** Publishes an app with its workflows; to the API channel unless said otherwise. */
    publishApp(appId: string, connectorIds?: readonly string[]): App;
  }
}

/** The fields of {@link Uses}. */
export const usesFields = object({
  workflows: list(anyText),
  plugins: list(anyText),
} satisfies FieldsOf<Uses>);

const appFields = {
  ...described,
  space_id: stored.text,
  owner_user_id: stored.text,
  folder_id: anyText,
  updated_at: stored.number,
  published_at: number,
  connector_ids: required(list(anyText)),
  content: anyText,
  uses: usesFields,
} as const satisfies FieldsOf<App>;

/** published_apps_list; apps come from seeds and copies only. */
const appOperations = [
  operation({
    name: "published_apps_list",
    method: "GET",
    path: "/v1/apps",
    lists: { of: "apps" },
    permissions: ["listApp"],
    query: publishedRules,
    answer: ({ world, query }) => {
      const workspace = joinedWorkspace(world, query.workspace_id);
      checkPageSize(world, query);
      const { publish_status: status = "published_online", connector_id: connector = "1024" } = query;
      const found = sortForList(world, world.apps.values()).filter(
        (app) => app.space_id === workspace.id && hasStatus(app, status, connector),
      );
      const { items } = slicePage(found, query, 20);
      return { data: { items: items.map((app) => showApp(world, app)), total: items.length } };
    },
  }),
];

/** Apps, which come from seeds and copies only. */
export const appArea: Area = {
  operations: appOperations,
  collections: { apps: { fields: appFields, owners: [{ by: "space_id", in: "workspaces" }] } },
  methods: (world) => ({
    addApp: (given) =>
      addItem(world.apps, {
        id: world.newId(),
        name: "app",
        description: "",
        owner_user_id: world.options.me.id,
        updated_at: world.seconds(),
        connector_ids: [],
        ...given,
      }),
    editApp: (appId, change) => {
      const app = takeItem(world.apps, appId);
      Object.assign(app, change);
      moveUpdateTime(world, app);
      return app;
    },
    publishApp: (appId, connectorIds = ["1024"]) => {
      const app = takeItem(world.apps, appId);
      app.published_at = world.seconds();
      app.connector_ids = [...new Set([...app.connector_ids, ...connectorIds])];
      for (const workflow of world.workflows.values()) {
        if (workflow.app_id === appId) world.publishWorkflow(workflow.id);
      }
      return app;
    },
  }),
};

/** Sets the update time after an edit, to another second for each edit. */
export function moveUpdateTime(world: World, item: { updated_at: number }): void {
  item.updated_at = Math.max(world.seconds(), item.updated_at + 1);
}

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
    folder_id: app.folder_id,
    published_at: app.published_at,
  };
}
