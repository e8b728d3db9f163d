import { isId } from "../core/field.ts";
import type { Json } from "../core/value.ts";
import type { FolderItem } from "../coze/api/folders.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { holder, known, numeric } from "./response-values.ts";

/** A path of folders without slashes at its ends. */
const trimPath = (path: string): string => path.replaceAll(/^\/+|\/+$/gu, "");

/** https://docs.coze.cn/developer_guides/workspace_list_folder */
export const folder = defineKind<CozeClient, OperationName>()({
  name: "Folder",
  description:
    "A folder of bots and apps in a workspace, looked up by its path: the API can only read folders.",
  parent: "workspace",
  identity: ["workspace", "path"],
  listing: { needs: ["path"], onlyForLookups: true, scope: ({ path }) => [trimPath(path ?? "")] },
  fields: {
    workspace: {
      type: "ref",
      kind: "Workspace",
      presence: "required",
      description: "The workspace that holds the folder.",
    },
    path: {
      type: "string",
      presence: "required",
      minLength: 1,
      equal: (want: Json, live: Json) => trimPath(String(want)) === trimPath(String(live)),
      description: "Its name after those of the folders around it: `客服/售后`.",
    },
    description: { type: "string", presence: "computed", description: "What the folder is for." },
  },

  async *list(api, parent, { specs }) {
    const workspace = holder(parent);
    const paths = specs.map(({ path = "" }) => trimPath(path));
    const isSearch = paths.length > 0 && !paths.includes("");
    const leads = (path: string) => !isSearch || paths.some((one) => one.startsWith(`${path}/`));
    for await (const page of listFolders(api, workspace, leads)) {
      yield page.map(({ id, path, description }) => ({
        id,
        parent: workspace,
        live: known({ workspace, path, description }),
      }));
    }
  },
});

/** A folder with its path, such as `客服/售前`. */
interface PlacedFolder extends FolderItem {
  readonly path: string;
}

/**
 * The folders of a workspace, each after the one that it is in. Every folder has a list of its own, which is read only
 * where the folder's path `leads` to a wanted one.
 */
export async function* listFolders(
  api: CozeClient,
  workspace: string,
  leads: (path: string) => boolean = () => true,
): AsyncGenerator<readonly PlacedFolder[]> {
  const seen = new Set<string>();
  const within = async function* (parent?: PlacedFolder): AsyncGenerator<readonly PlacedFolder[]> {
    const folders: PlacedFolder[] = [];
    for await (const page of api.folders.list(workspace, parent?.id)) {
      for (const one of page) {
        // One that was listed already would lead round in a circle.
        if (!isId(one.id) || seen.has(one.id)) continue;
        seen.add(one.id);
        folders.push({ ...one, path: [...(parent ? [parent.path] : []), one.name ?? ""].join("/") });
      }
    }
    yield folders;
    for (const one of folders) {
      if (numeric(one.children_count) !== 0 && leads(one.path)) yield* within(one);
    }
  };
  yield* within();
}
