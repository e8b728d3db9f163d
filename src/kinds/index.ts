import type { PlanLevel } from "../core/field.ts";
import type { CozeClient } from "../coze/client.ts";
import type { Kind, Provider } from "../kind/kind.ts";
import { app } from "./app.ts";
import { bot } from "./bot.ts";
import { explainFailure } from "./call-errors.ts";
import { callbackApp } from "./callback-app.ts";
import { copy } from "./copy.ts";
import { dataset } from "./dataset.ts";
import { document } from "./document.ts";
import { folder } from "./folder.ts";
import { organization } from "./organization.ts";
import { plugin, pluginTool } from "./plugin.ts";
import { user } from "./user.ts";
import { voice } from "./voice.ts";
import { workflow } from "./workflow.ts";
import { workspace } from "./workspace.ts";
import { workspaceMember } from "./workspace-member.ts";

/** Every kind. No other file names them. */
export const kinds: readonly Kind<CozeClient>[] = [
  workspace,
  workspaceMember,
  dataset,
  document,
  bot,
  callbackApp,
  copy,
  workflow,
  plugin,
  pluginTool,
  app,
  folder,
  voice,
  user,
  organization,
];

/** The kinds of Coze, and what the engine needs to run them against its API. */
export const cozeProvider: Provider<CozeClient> = {
  kinds,
  upload: (api, { name, content }) => api.files.upload(name, content),
  uploadOperation: "upload_files",
  explain: explainFailure,
  serverTime: (api) => api.serverTime(),
  account: {
    plan: (api) => api.benefits.plan(),
    covers(plan, level) {
      const levels = planLevels.get(plan);
      return levels?.includes(level);
    },
  },
};

/** Coze's words for plans (https://docs.coze.cn/developer_guides/get_benefit). */
const planLevels: ReadonlyMap<string, readonly PlanLevel[]> = new Map([
  ["free", []],
  ["pro_personal", ["paid"]],
  ["team", ["paid", "enterprise"]],
  ["enterprise", ["paid", "enterprise"]],
]);
