import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, id, required } from "../http/params.ts";
import type { Folder } from "../world/entities.ts";
import { sortById } from "../world/world.ts";
import { findIn, joinedWorkspace } from "./visibility.ts";

/** workspace_list_folder, workspace_read_folder. */
export const folderOperations = [
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

function showFolder(folder: Folder): object {
  return {
    id: folder.id,
    name: folder.name,
    description: folder.description,
    folder_type: "development",
    workspace_id: folder.workspace_id,
    creator_user_id: folder.creator_user_id,
    // A root folder has no such field.
    ...(folder.parent_folder_id && { parent_folder_id: folder.parent_folder_id }),
  };
}
