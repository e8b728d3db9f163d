import type { Rules } from "../http/params.ts";
import type { CollectionName } from "../world/world.ts";
import { appArea } from "./apps.ts";
import type { Area, Collection } from "./area.ts";
import { botArea } from "./bots.ts";
import { callbackAppArea } from "./callback-apps.ts";
import { chatArea } from "./chats.ts";
import { copyArea } from "./copy-tasks.ts";
import { datasetArea } from "./datasets.ts";
import { documentArea } from "./documents.ts";
import { fileArea } from "./files.ts";
import { folderArea } from "./folders.ts";
import { memberArea } from "./members.ts";
import { oauthArea } from "./oauth.ts";
import { pluginArea } from "./plugins.ts";
import { replyRuleArea } from "./reply-rules.ts";
import { runArea } from "./workflow-runs.ts";
import { workflowArea } from "./workflows.ts";
import { workspaceArea } from "./workspaces.ts";

export type { App, Uses } from "./apps.ts";
export type { Bot } from "./bot-collection.ts";
export type { CallbackApp } from "./callback-apps.ts";
export type { Chat, ChatMessage } from "./chats.ts";
export type { CopyFailure, CopyTrouble } from "./copy-objects.ts";
export type { CopyPace, CopyTask } from "./copy-tasks.ts";
export type { Dataset } from "./datasets.ts";
export type { Document } from "./document-collection.ts";
export type { StoredFile } from "./files.ts";
export type { Folder } from "./folders.ts";
export type { Category, Plugin } from "./plugins.ts";
export type { ChatRule, RunRule, Trouble } from "./reply-rules.ts";
export type { WorkflowRun } from "./workflow-runs.ts";
export type { Workflow, WorkflowVersion } from "./workflows.ts";
export type { Member, Workspace } from "./workspaces.ts";

/** Every area of the API that the emulator imitates, in the order of their collections in files of worlds. */
export const areas: readonly Area[] = [
  workspaceArea,
  memberArea,
  folderArea,
  botArea,
  appArea,
  workflowArea,
  pluginArea,
  datasetArea,
  documentArea,
  fileArea,
  callbackAppArea,
  copyArea,
  chatArea,
  runArea,
  replyRuleArea,
  oauthArea,
];

/** Every collection, without the type of its items. */
export const collections: ReadonlyMap<
  CollectionName,
  Omit<Collection<{ id: string }>, "fields"> & { readonly fields: Rules }
> = new Map(
  areas.flatMap(
    (area) => Object.entries(area.collections ?? {}) as [CollectionName, Collection<{ id: string }>][],
  ),
);
