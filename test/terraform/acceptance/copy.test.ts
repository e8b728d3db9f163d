import { acceptResource } from "../../support/acceptance.ts";

const made = ["copy_resource_task"];
const stays = ["coze_copy … stays at Coze"];

acceptResource({
  kind: "Copy",
  seed(world) {
    const [source = "", desk = "", shop = ""] = ["源", "客服", "导购"].map(
      (name) => world.addWorkspace({ name }).id,
    );
    const [orders = "", parcels = ""] = ["查订单", "查物流"].map(
      (name) => world.addWorkflow({ space_id: source, name }).id,
    );
    const [helper = "", guide = ""] = ["助手", "导购"].map(
      (name) => world.addBot({ space_id: source, draft: { name } }).id,
    );
    return { desk, shop, orders, parcels, helper, guide };
  },
  base: ({ desk, orders }) => ({
    type: "workflow",
    source: { workflow: orders },
    workspace: desk,
    revision: "1",
  }),
  creation: { calls: made, shows: { name: "查订单" } },
  cases: ({ desk, shop, orders, parcels, helper, guide }) => ({
    type: {
      to: { type: "bot", source: { bot: helper } },
      calls: made,
      replacedFor: ["source.bot", "source.workflow", "type"],
      warns: stays,
      leaves: true,
    },
    "source.workflow": {
      to: { source: { workflow: parcels } },
      calls: made,
      replacedFor: ["source.workflow"],
      warns: stays,
      leaves: true,
    },
    "source.id": {
      from: { source: { id: orders } },
      to: { source: { id: parcels } },
      calls: made,
      replacedFor: ["source.id"],
      warns: stays,
      leaves: true,
    },
    "source.id (of the same workflow)": { to: { source: { id: orders } }, calls: [] },
    "source.bot": {
      from: { type: "bot", source: { bot: helper } },
      to: { source: { bot: guide } },
      calls: made,
      replacedFor: ["source.bot"],
      warns: stays,
      leaves: true,
    },
    workspace: {
      to: { workspace: shop },
      calls: made,
      replacedFor: ["workspace"],
      warns: stays,
      leaves: true,
    },
    revision: { to: { revision: "2" }, calls: made, replacedFor: ["revision"], warns: stays, leaves: true },
    "revision (taken out)": { to: { revision: null }, changes: [], calls: [] },
    "workspace (the same)": { to: { workspace: desk }, changes: [], calls: [] },
  }),
  imported: {
    ids: ({ desk }, id) => ({ "its id": id, "workspace and id": `${desk}/${id}` }),
    action: "update",
    warns: ["source.workflow is taken on trust", "revision is taken on trust"],
  },
  drifts: {},
  delete: ({ workflows }, id) => void workflows.delete(id),
  end: { calls: [], warns: stays, stays: true },
});
