import type { DatasetItem } from "../coze/api/datasets.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asId, asText } from "../coze/http/response.ts";
import { defineKind } from "../kind/kind.ts";
import type { Effect } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import { findVisible, unlessGone } from "./call-errors.ts";
import { holder, imageExtensions, known, numeric, uploadLimit } from "./response-values.ts";

const formats = [
  ["text", 0],
  ["image", 2],
] as const;

/** https://docs.coze.cn/developer_guides/create_dataset */
export const dataset = defineKind<CozeClient, OperationName>()({
  name: "Dataset",
  description: "A knowledge base of documents or images that bots draw on.",
  parent: "workspace",
  identity: ["workspace", "name"],
  removal: "delete",
  // Bots move to the new dataset before the old one goes, so that none is without knowledge.
  replacement: "create-first",
  operations: {
    create: "create_dataset",
    update: "update_dataset",
    remove: "delete_dataset",
  },
  fields: {
    workspace: {
      type: "ref",
      kind: "Workspace",
      presence: "required",
      immutable: true,
      description: "The workspace that holds the dataset.",
    },
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      maxLength: 100,
      description: "Name of the dataset, up to 100 characters.",
    },
    format: {
      type: "enum",
      values: ["text", "image"],
      presence: "required",
      immutable: true,
      description:
        "What it holds: documents and web pages (`text`), or images. Tables can't be made through the API.",
    },
    description: {
      type: "string",
      presence: "optional",
      default: "",
      description: "What the dataset is about.",
    },
    icon: {
      type: "file",
      presence: "optional",
      extensions: imageExtensions,
      maxBytes: uploadLimit,
      readable: false,
      description:
        "Image file of the icon. Coze never returns it, and resets an icon that isn't given here with every other change.",
    },
    document_count: {
      type: "integer",
      presence: "computed",
      derived: true,
      description: "Number of documents in the dataset.",
    },
    bot_count: {
      type: "integer",
      presence: "computed",
      derived: true,
      description: "Number of bots that use the dataset.",
    },
  },

  async *list(api, parent, { everything }) {
    const workspace = holder(parent);
    for await (const page of api.datasets.list(workspace)) {
      const items = everything ? page : page.filter((item) => !isVolcano(item));
      yield items.map((item) => ({
        id: item.dataset_id,
        parent: workspace,
        owner: asText(item.creator_name) || asId(item.creator_id),
        unmanageable: isVolcano(item) ? explain("kinds/volcano-dataset") : undefined,
        live: known({
          workspace,
          name: item.name,
          format: formats.find(([, wire]) => wire === numeric(item.format_type))?.[0],
          description: item.description,
          document_count: numeric(item.doc_count),
          bot_count: numeric(item.bot_used_count),
        }),
      }));
    }
  },

  // There is no call for a single dataset but for its documents.
  findIds: (api, ids) => findVisible(ids, (id) => api.documents.list(id).next()),

  async create(api, spec) {
    const id = await api.datasets.create({
      space_id: spec.workspace,
      name: spec.name,
      format_type: spec.format === "image" ? 2 : 0,
      description: spec.description,
      file_id: await spec.icon?.upload(),
    });
    return { id };
  },

  // The call replaces all three: what is left out is reset.
  async update(api, { id }, { spec }) {
    await api.datasets.replace(id, {
      name: spec.name,
      description: spec.description ?? "",
      file_id: await spec.icon?.upload(),
    });
  },

  async remove(api, { id }) {
    await unlessGone(api.datasets.remove(id));
  },

  failureFields: { space_id: "workspace", format_type: "format", file_id: "icon" },

  effects(action, { spec, live }) {
    if (action === "remove" || action === "replace") return [describeLoss(live)];
    if (action === "update" && spec?.icon === undefined) {
      return [{ text: say("kinds/resets-icon") }];
    }
    return [];
  },
});

// Such knowledge bases are listed, but no other call reaches them.
const isVolcano = (item: DatasetItem): boolean => numeric(item.dataset_type) === 1;

function describeLoss(
  live: { readonly document_count?: number; readonly bot_count?: number } | undefined,
): Effect {
  const { document_count: count, bot_count: bots } = live ?? {};
  const loses = count ?? "unknown";
  if (count === undefined || bots === undefined) return { text: say("kinds/deletes-documents"), loses };
  const documents = say("kinds/documents", { count });
  const text = say("kinds/deletes-documents-counted", {
    documents,
    bots: say("kinds/bots", { count: bots }),
  });
  return { text, loses };
}
