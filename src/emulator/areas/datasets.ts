import { refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, id, integer, required, text } from "../http/params.ts";
import { sortForList, type World } from "../world/world.ts";
import { type Area, addItem, anyText, described, type FieldsOf, findIn, stored } from "./area.ts";
import type { Bot } from "./bot-collection.ts";
import {
  type ChunkStrategy,
  chunkStrategyFields,
  documentsOf,
  sliceCount,
  statusOfDocument,
} from "./document-collection.ts";
import { iconFile } from "./files.ts";
import { joinedWorkspace, roleOf } from "./workspaces.ts";

/** A knowledge base. Volcano ones only appear in lists. */
export interface Dataset {
  id: string;
  space_id: string;
  name: string;
  description: string;
  format_type: 0 | 1 | 2;
  dataset_type: "coze" | "volcano";
  owner_id: string;
  creator_id: string;
  create_time: number;
  update_time: number;
  icon_file_id?: string | undefined;
  chunk_strategy: ChunkStrategy;
}

declare module "../world/world.ts" {
  interface World {
    readonly datasets: Map<string, Dataset>;
    addDataset(given: Partial<Dataset> & Pick<Dataset, "space_id">): Dataset;
  }
}

const datasetFields = {
  ...described,
  space_id: stored.text,
  format_type: required(choice(0, 1, 2)),
  dataset_type: required(choice("coze", "volcano")),
  owner_id: stored.text,
  creator_id: stored.text,
  create_time: stored.number,
  update_time: stored.number,
  icon_file_id: anyText,
  chunk_strategy: chunkStrategyFields,
} as const satisfies FieldsOf<Dataset>;

/** create_dataset, update_dataset, delete_dataset, list_dataset. */
const datasetOperations = [
  operation({
    name: "create_dataset",
    method: "POST",
    path: "/v1/datasets",
    permissions: ["createKnowledge"],
    body: {
      name: required(text(1, 100)),
      space_id: required(id),
      // 1, tables, exists but cannot be made through the API.
      format_type: required(choice(0, 2)),
      description: text(),
      file_id: id,
    },
    answer: ({ world, body }) => {
      joinedWorkspace(world, body.space_id);
      const keepIcon = iconFile(world, body.file_id, "file_id");
      keepIcon();
      const { file_id: icon_file_id, description = "", ...given } = body;
      return { data: { dataset_id: world.addDataset({ ...given, description, icon_file_id }).id } };
    },
  }),
  operation({
    name: "update_dataset",
    method: "PUT",
    path: "/v1/datasets/:dataset_id",
    permissions: ["update"],
    body: { name: required(text(1, 100)), description: text(), file_id: id },
    answer: ({ world, path, body }) => {
      const dataset = ownedDataset(world, path.dataset_id);
      const keepIcon = iconFile(world, body.file_id, "file_id");
      keepIcon();
      // All three are replaced: absent fields return to their defaults.
      dataset.name = body.name;
      dataset.description = body.description ?? "";
      dataset.icon_file_id = body.file_id;
      dataset.update_time = world.seconds();
      return {};
    },
  }),
  operation({
    name: "delete_dataset",
    method: "DELETE",
    path: "/v1/datasets/:dataset_id",
    permissions: ["delete"],
    answer: ({ world, path }) => {
      removeDataset(world, deletableDataset(world, path.dataset_id));
      return {};
    },
  }),
  operation({
    name: "list_dataset",
    method: "GET",
    path: "/v1/datasets",
    lists: { of: "datasets" },
    permissions: ["listKnowledge"],
    query: { ...pageRules(300), space_id: required(id), name: text(), format_type: integer() },
    answer: ({ world, query }) => {
      joinedWorkspace(world, query.space_id);
      const found = [...world.datasets.values()].filter(
        (dataset) =>
          dataset.space_id === query.space_id &&
          dataset.name.includes(query.name ?? "") &&
          (query.format_type ?? dataset.format_type) === dataset.format_type,
      );
      const { items, total } = slicePage(sortForList(world, found), query, 10);
      const shown = items.map((dataset) => showDataset(world, dataset));
      return { data: { dataset_list: shown, total_count: total } };
    },
  }),
];

/** Datasets. */
export const datasetArea: Area = {
  operations: datasetOperations,
  collections: { datasets: { fields: datasetFields, owners: [{ by: "space_id", in: "workspaces" }] } },
  methods: (world) => ({
    addDataset: (given) =>
      addItem(world.datasets, {
        id: world.newId(),
        name: "dataset",
        description: "",
        format_type: 0,
        dataset_type: "coze",
        owner_id: world.options.me.id,
        creator_id: world.options.me.id,
        create_time: world.seconds(),
        update_time: world.seconds(),
        chunk_strategy: {},
        ...given,
      }),
  }),
};

// Admins delete any dataset of the workspace, members only their own (delete_dataset).
function deletableDataset(world: World, datasetId: string): Dataset {
  const dataset = visibleDataset(world, datasetId);
  const { me, ownerOnly } = world.options;
  const role = roleOf(joinedWorkspace(world, dataset.space_id), me.id);
  if (ownerOnly && role === "member" && dataset.owner_id !== me.id) {
    refuseForbidden(`dataset ${datasetId} belongs to another user`);
  }
  return dataset;
}

function removeDataset(world: World, dataset: Dataset): void {
  for (const document of documentsOf(world, dataset)) {
    world.documents.delete(document.id);
  }
  for (const bot of botsUsing(world, dataset)) {
    unbind(bot, dataset);
    bot.update_time = world.seconds();
    bot.edited = true;
    world.bots.set(bot.id, bot);
  }
  world.datasets.delete(dataset.id);
}

function botsUsing(world: World, dataset: Dataset): Bot[] {
  return [...world.bots.values()].filter((bot) => bot.draft.knowledge?.dataset_ids?.includes(dataset.id));
}

function unbind(bot: Bot, dataset: Dataset): void {
  for (const config of [bot.draft, bot.published]) {
    if (config?.knowledge?.dataset_ids) {
      config.knowledge.dataset_ids = config.knowledge.dataset_ids.filter((bound) => bound !== dataset.id);
    }
  }
}

function showDataset(world: World, dataset: Dataset): object {
  const documents = documentsOf(world, dataset);
  const withStatus = (...statuses: readonly number[]) =>
    documents.filter((document) => statuses.includes(statusOfDocument(world, document)));
  const iconUri = `FileBizType.BIZ_DATASET_ICON/${dataset.icon_file_id ?? "default"}.jpg`;
  return {
    dataset_id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    space_id: dataset.space_id,
    format_type: dataset.format_type,
    status: 1,
    can_edit: dataset.owner_id === world.options.me.id,
    icon_uri: iconUri,
    icon_url: world.signUrl(iconUri),
    avatar_url: world.signUrl("user-avatar/default.png"),
    creator_id: dataset.creator_id,
    creator_name: world.options.me.name,
    create_time: dataset.create_time,
    update_time: dataset.update_time,
    doc_count: documents.length,
    slice_count: documents.reduce((sum, document) => sum + sliceCount(world, document), 0),
    hit_count: 0,
    bot_used_count: botsUsing(world, dataset).length,
    // A Long in the table, but a string in the captured answer.
    all_file_size: String(documents.reduce((sum, document) => sum + document.size, 0)),
    chunk_strategy: dataset.chunk_strategy,
    file_list: withStatus(1).map((document) => document.name),
    failed_file_list: withStatus(9, 1000).map((document) => document.name),
    processing_file_list: withStatus(0, 4, 5).map((document) => document.name),
    processing_file_id_list: withStatus(0, 4, 5).map((document) => document.id),
    project_id: "",
    dataset_type: dataset.dataset_type === "volcano" ? 1 : undefined,
  };
}

/** A Coze dataset in a workspace of the token's user; Volcano ones cannot be reached by id. */
export function visibleDataset(world: World, id: string): Dataset {
  const dataset = findIn(world.datasets, "dataset", id);
  if (dataset.dataset_type === "volcano") {
    refuseParameter("dataset_id", `${id} is a Volcano knowledge base, which this API does not support`);
  }
  joinedWorkspace(world, dataset.space_id);
  return dataset;
}

/** A dataset the token's user owns: only owners change it or its documents (update_dataset, create_knowledge_files). */
export function ownedDataset(world: World, id: string): Dataset {
  const dataset = visibleDataset(world, id);
  if (world.options.ownerOnly && dataset.owner_id !== world.options.me.id) {
    refuseForbidden(`dataset ${id} belongs to another user`);
  }
  return dataset;
}
