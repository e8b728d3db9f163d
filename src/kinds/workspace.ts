import type { WorkspaceItem } from "../coze/api/workspaces.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asId } from "../coze/http/response.ts";
import { defineKind } from "../kind/kind.ts";
import { unlessGone } from "./call-errors.ts";
import { decimalId, imageExtensions, known, uploadLimit } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/create_workspace */
export const workspace = defineKind<CozeClient, OperationName>()({
  name: "Workspace",
  description: "A space that holds bots, datasets and workflows, and the people who work on them.",
  identity: ["name"],
  removal: "abandon",
  operations: {
    create: "create_workspace",
    update: "update_workspace_info",
  },
  fields: {
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      maxLength: 50,
      description: "Name of the workspace, 1 to 50 characters.",
    },
    description: {
      type: "string",
      presence: "required",
      minLength: 1,
      maxLength: 2000,
      readable: "sometimes",
      clearable: false,
      description: "What the workspace is for, up to 2000 characters. It can't be emptied again.",
    },
    icon: {
      type: "file",
      presence: "optional",
      extensions: imageExtensions,
      maxBytes: uploadLimit,
      settable: "create",
      readable: false,
      description: "Image file of the icon. Coze takes it only when the workspace is made.",
    },
    organization: {
      ...decimalId,
      presence: "optional",
      settable: "create",
      immutable: true,
      readable: false,
      lookup: "Organization",
      plan: { level: "enterprise" },
      description:
        "Id of the organization (`coze_account_id`) that the workspace belongs to; enterprise plans only.",
    },
    owner: {
      ...decimalId,
      presence: "optional",
      settable: "create",
      immutable: true,
      readable: "sometimes",
      lookup: "User",
      plan: { level: "enterprise" },
      description:
        "User id of the owner, an employee of the organization; enterprise plans only. Otherwise the token's user.",
    },
    type: {
      type: "enum",
      values: ["personal", "team"],
      open: true,
      presence: "computed",
      immutable: true,
      description: "`personal` for the account's own workspace, which can't be changed, otherwise `team`.",
    },
  },

  failureFields: { icon_file_id: "icon", coze_account_id: "organization", owner_uid: "owner" },

  async *list(api) {
    for await (const page of api.workspaces.list()) {
      yield page.map((item) => ({ id: item.id, live: readItem(item) }));
    }
  },

  // The list shows only workspaces that the token's user has joined.
  async exists(api, { id }) {
    const members = api.members.list(id)[Symbol.asyncIterator]();
    return (await unlessGone(members.next())) !== undefined;
  },

  async create(api, spec) {
    const id = await api.workspaces.create({
      name: spec.name,
      description: spec.description,
      icon_file_id: await spec.icon?.upload(),
      coze_account_id: spec.organization,
      owner_uid: spec.owner,
    });
    return { id };
  },

  async update(api, { id }, { spec, changed }) {
    await api.workspaces.update(id, {
      ...(changed.has("name") ? { name: spec.name } : {}),
      ...(changed.has("description") ? { description: spec.description } : {}),
    });
  },
});

function readItem(item: WorkspaceItem) {
  return known({
    name: item.name,
    // Some responses leave it out, so an empty description looks the same.
    description: item.description || undefined,
    owner: asId(item.owner_uid),
    type: item.workspace_type,
  });
}
