import type { Rules } from "../http/params.ts";
import type { CollectionName, World } from "../world/world.ts";
import { appArea } from "./apps.ts";
import type { Area, Collection } from "./area.ts";
import { benefitArea } from "./benefits.ts";
import { botArea } from "./bots.ts";
import { callbackAppArea } from "./callback-apps.ts";
import { chatArea } from "./chats.ts";
import { collaborationArea } from "./collaborations.ts";
import { connectorArea } from "./connectors.ts";
import { conversationArea } from "./conversations.ts";
import { copyArea } from "./copy-tasks.ts";
import { datasetArea } from "./datasets.ts";
import { documentArea } from "./documents.ts";
import { enterpriseArea } from "./enterprises.ts";
import { fileArea } from "./files.ts";
import { folderArea } from "./folders.ts";
import { memberArea } from "./members.ts";
import { oauthArea } from "./oauth.ts";
import { organizationArea } from "./organizations.ts";
import { pluginArea } from "./plugins.ts";
import { quotaArea } from "./quotas.ts";
import { replyRuleArea } from "./reply-rules.ts";
import { userArea } from "./users.ts";
import { variableArea } from "./variables.ts";
import { voiceprintArea } from "./voiceprints.ts";
import { voiceArea } from "./voices.ts";
import { runArea } from "./workflow-runs.ts";
import { workflowArea } from "./workflows.ts";
import { workspaceArea } from "./workspaces.ts";

// With these the declaration files hold what each area declares of `World`.
export type * from "./apps.ts";
export type * from "./benefits.ts";
export type * from "./bot-collection.ts";
export type * from "./callback-apps.ts";
export type * from "./chats.ts";
export type * from "./collaborations.ts";
export type * from "./connectors.ts";
export type * from "./conversations.ts";
export type * from "./copy-objects.ts";
export type * from "./copy-tasks.ts";
export type * from "./datasets.ts";
export type * from "./document-collection.ts";
export type * from "./files.ts";
export type * from "./folders.ts";
export type * from "./organization-collection.ts";
export type * from "./people.ts";
export type * from "./plugins.ts";
export type * from "./quotas.ts";
export type * from "./reply-rules.ts";
export type * from "./users.ts";
export type * from "./variables.ts";
export type * from "./voiceprints.ts";
export type * from "./voices.ts";
export type * from "./workflow-runs.ts";
export type * from "./workflows.ts";
export type * from "./workspaces.ts";

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
  userArea,
  voiceArea,
  organizationArea,
  enterpriseArea,
  collaborationArea,
  connectorArea,
  quotaArea,
  voiceprintArea,
  variableArea,
  conversationArea,
  benefitArea,
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

/** Completes what is due in the background of all areas; returns whether anything changed. */
export const completeDue = (world: World): boolean =>
  areas.map((area) => area.completeDue?.(world) ?? false).includes(true);
