import { acceptResource, contents } from "../../support/acceptance.ts";

const warns = ["coze_dataset … goes with its contents"];
const replaced = ["upload_files", "update_dataset"];

acceptResource({
  kind: "Dataset",
  seed: (world) => ({
    desk: world.addWorkspace({ name: "客服" }).id,
    shop: world.addWorkspace({ name: "导购" }).id,
  }),
  base: ({ desk }) => ({
    workspace: desk,
    name: "店铺政策",
    format: "text",
    description: "退换货与发票",
    icon: "one.png",
  }),
  creation: {
    calls: ["upload_files", "create_dataset"],
    shows: { document_count: 0, bot_count: 0 },
  },
  cases: ({ shop }) => ({
    workspace: {
      to: { workspace: shop },
      calls: ["delete_dataset", "upload_files", "create_dataset"],
      replacedFor: ["workspace"],
      warns,
    },
    name: { to: { name: "现行规则" }, calls: replaced },
    format: {
      to: { format: "image" },
      calls: ["delete_dataset", "upload_files", "create_dataset"],
      replacedFor: ["format"],
      warns,
    },
    description: { to: { description: "物流" }, calls: replaced },
    "description (taken out)": { to: { description: null }, calls: replaced },
    icon: { to: { icon: "two.png" }, changes: ["icon", "icon_sha256"], calls: replaced },
    "icon (other content)": {
      to: {},
      files: { "one.png": contents["two.png"] },
      changes: ["icon_sha256"],
      calls: replaced,
    },
    "icon (same content elsewhere)": {
      to: { icon: "copy.png" },
      files: { "copy.png": contents["one.png"] },
      calls: [],
      // The icon that is there keeps the name under which it was uploaded.
      leaves: true,
    },
  }),
  imported: {
    ids: ({ desk }, id) => ({
      "its id": id,
      "workspace and id": `${desk}/${id}`,
      "workspace and name": `${desk}/店铺政策`,
    }),
    action: "update",
    warns: ["icon is taken on trust"],
  },
  drifts: {
    "another description": {
      by: ({ datasets }, id) => Object.assign(datasets.get(id) ?? {}, { description: "谁改的" }),
      changes: ["description"],
      calls: replaced,
    },
    "another name": {
      by: ({ datasets }, id) => Object.assign(datasets.get(id) ?? {}, { name: "谁改的" }),
      changes: ["name"],
      calls: replaced,
    },
  },
  delete: ({ datasets }, id) => void datasets.delete(id),
  end: { calls: ["delete_dataset"], warns },
});
