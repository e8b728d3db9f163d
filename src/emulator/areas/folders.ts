import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, id, required } from "../http/params.ts";
import { sortById } from "../world/world.ts";
import { type Area, addItem, anyText, described, type FieldsOf, findIn, stored } from "./area.ts";
import { joinedWorkspace } from "./workspaces.ts";

/** A folder of the development page. */
interface Folder {
  id: string;
  name: string;
  description: string;
  workspace_id: string;
  parent_folder_id?: string | undefined;
  creator_user_id: string;
}

declare module "../world/world.ts" {
  interface World {
    readonly folders: Map<string, Folder>;
    addFolder(given: Partial<Folder> & Pick<Folder, "workspace_id">): Folder;
  }
}

const folderFields = {
  ...described,
  workspace_id: stored.text,
  parent_folder_id: anyText,
  creator_user_id: stored.text,
} as const satisfies FieldsOf<Folder>;

/** workspace_list_folder, workspace_read_folder. */
const folderOperations = [
  operation({
    name: "workspace_list_folder",
    method: "GET",
    path: "/v1/folders",
    lists: { of: "folders" },
    permissions: ["listFolder"],
    query: {
      ...pageRules(50),
      workspace_id: required(id),
      folder_type: required(choice("development")),
      parent_folder_id: id,
    },
    answer: ({ world, query }) => {
      joinedWorkspace(world, query.workspace_id);
      const all = sortById(world.folders.values());
      const children = all.filter(
        (folder) =>
          folder.workspace_id === query.workspace_id &&
          (folder.parent_folder_id ?? "0") === (query.parent_folder_id ?? "0"),
      );
      const { items, total, hasMore } = slicePage(children, query, 20);
      return {
        data: {
          items: items.map((folder) => ({
            ...showFolder(folder),
            children_count: all.filter((child) => child.parent_folder_id === folder.id).length,
          })),
          has_more: hasMore,
          total_count: total,
        },
      };
    },
  }),
  operation({
    name: "workspace_read_folder",
    method: "GET",
    path: "/v1/folders/:folder_id",
    permissions: ["readFolder"],
    answer: ({ world, path }) => {
      const folder = findIn(world.folders, "folder", path.folder_id);
      joinedWorkspace(world, folder.workspace_id);
      return { data: showFolder(folder) };
    },
  }),
];

/** Folders of the development page, which are seeds: the API only reads them. */
export const folderArea: Area = {
  operations: folderOperations,
  collections: { folders: { fields: folderFields, owners: [{ by: "workspace_id", in: "workspaces" }] } },
  methods: (world) => ({
    addFolder: (given) =>
      addItem(world.folders, {
        id: world.newId(),
        name: "folder",
        description: "",
        creator_user_id: world.options.me.id,
        ...given,
      }),
  }),
};

function showFolder(folder: Folder): object {
  return {
    id: folder.id,
    name: folder.name,
    description: folder.description,
    folder_type: "development",
    workspace_id: folder.workspace_id,
    creator_user_id: folder.creator_user_id,
    // A root folder has no such field.
    parent_folder_id: folder.parent_folder_id,
  };
}
