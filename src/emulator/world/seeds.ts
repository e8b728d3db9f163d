import { uiActionsOn } from "../ui-actions/ui-actions.ts";
import type { Member, Workspace } from "./entities.ts";
import type { World, WorldGround } from "./world.ts";

/** Makes a world of its ground: adds what tests and examples seed it with. */
export function peopleWorld(ground: WorldGround): World {
  const world: World = Object.assign(
    ground,
    seedsOfSpaces(ground),
    seedsOfLibrary(ground),
    uiActionsOn(ground),
    {
      personalWorkspace: () => findPersonal(ground),
    },
  );
  if (!world.workspaces.size) {
    world.addWorkspace({
      name: "个人空间",
      workspace_type: "personal",
      coze_account_id: world.options.me.id,
    });
  }
  return world;
}

function findPersonal(ground: WorldGround): Workspace {
  for (const workspace of ground.workspaces.values()) {
    if (workspace.workspace_type === "personal") {
      return workspace;
    }
  }
  throw new Error("This world has no personal workspace");
}

function keep<T extends { id: string }>(into: Map<string, T>, item: T): T {
  into.set(item.id, item);
  return item;
}

function seedsOfSpaces(
  ground: WorldGround,
): Pick<World, "addWorkspace" | "addFolder" | "addBot" | "addApp" | "addDataset"> {
  const { me } = ground.options;
  return {
    addWorkspace: (given) => {
      const owner: Member = { user_id: me.id, role_type: "owner" };
      return keep(ground.workspaces, {
        id: ground.newId(),
        name: "workspace",
        description: "",
        workspace_type: "team",
        enterprise_id: "",
        coze_account_id: "",
        members: [owner],
        invited: [],
        ...given,
      });
    },
    addFolder: (given) =>
      keep(ground.folders, {
        id: ground.newId(),
        name: "folder",
        description: "",
        creator_user_id: me.id,
        ...given,
      }),
    addBot: (given) =>
      keep(ground.bots, {
        id: ground.newId(),
        owner_user_id: me.id,
        create_time: ground.seconds(),
        update_time: ground.seconds(),
        draft: { name: "bot" },
        edited: false,
        versions: [],
        channels: {},
        ...given,
      }),
    addApp: (given) =>
      keep(ground.apps, {
        id: ground.newId(),
        name: "app",
        description: "",
        owner_user_id: me.id,
        updated_at: ground.seconds(),
        connector_ids: [],
        ...given,
      }),
    addDataset: (given) =>
      keep(ground.datasets, {
        id: ground.newId(),
        name: "dataset",
        description: "",
        format_type: 0,
        dataset_type: "coze",
        owner_id: me.id,
        creator_id: me.id,
        create_time: ground.seconds(),
        update_time: ground.seconds(),
        chunk_strategy: {},
        ...given,
      }),
  };
}

function seedsOfLibrary(ground: WorldGround): Pick<World, "addWorkflow" | "addPlugin" | "addCategory"> {
  const { me } = ground.options;
  return {
    addWorkflow: (given) =>
      keep(ground.workflows, {
        id: ground.newId(),
        app_id: "0",
        name: "workflow",
        description: "",
        mode: "workflow",
        creator_id: me.id,
        created_at: ground.seconds(),
        updated_at: ground.seconds(),
        input: { parameters: { USER_INPUT: { type: "string", required: false } } },
        output: { parameters: { output: { type: "string" } }, terminate_plan: "return_variables" },
        versions: [],
        ...given,
      }),
    addPlugin: (given) =>
      keep(ground.plugins, {
        id: ground.newId(),
        space_id: "",
        name: "plugin",
        description: "",
        tools: [{ id: ground.newId(), name: "tool", description: "" }],
        is_official: true,
        is_call_available: true,
        category_id: "0",
        heat: 0,
        created_at: ground.seconds(),
        updated_at: ground.seconds(),
        ...given,
      }),
    addCategory: (given) => keep(ground.categories, { id: ground.newId(), name: "category", ...given }),
  };
}
