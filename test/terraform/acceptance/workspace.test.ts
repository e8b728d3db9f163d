import { acceptResource } from "../../support/acceptance.ts";

acceptResource({
  kind: "Workspace",
  seed: () => ({}),
  base: () => ({ name: "客服空间", description: "客服与导购", icon: "one.png" }),
  creation: {
    calls: ["upload_files", "create_workspace"],
    shows: { type: "team", owner: "3290203000000017" },
  },
  cases: () => ({
    name: { to: { name: "售后空间" }, calls: ["update_workspace_info"] },
    description: { to: { description: "售后" }, calls: ["update_workspace_info"] },
    icon: {
      to: { icon: "two.png" },
      changes: ["icon", "icon_sha256"],
      calls: [],
      warns: ["icon takes effect only at creation"],
      leaves: true,
    },
    organization: {
      from: { organization: "7512000000000000123" },
      to: { organization: "7512000000000000125" },
      calls: ["upload_files", "create_workspace"],
      replacedFor: ["organization"],
      leaves: true,
      warns: ["coze_workspace … stays at Coze"],
    },
    owner: {
      from: { owner: "1000000000000101" },
      to: { owner: "1000000000000102" },
      calls: ["upload_files", "create_workspace"],
      replacedFor: ["owner"],
      leaves: true,
      warns: ["coze_workspace … stays at Coze"],
    },
  }),
  imported: {
    ids: (_seeds, id) => ({ "its id": id, "its name": "客服空间" }),
    action: "update",
    warns: ["icon is taken on trust"],
  },
  drifts: {
    "another name": {
      by: ({ workspaces }, id) => Object.assign(workspaces.get(id) ?? {}, { name: "谁改的" }),
      changes: ["name"],
      calls: ["update_workspace_info"],
    },
    "another description": {
      by: ({ workspaces }, id) => Object.assign(workspaces.get(id) ?? {}, { description: "谁改的" }),
      changes: ["description"],
      calls: ["update_workspace_info"],
    },
  },
  delete: ({ workspaces }, id) => void workspaces.delete(id),
  end: { calls: [], warns: ["coze_workspace … stays at Coze"], stays: true },
});
