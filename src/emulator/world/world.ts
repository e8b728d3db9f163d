import type { BotConfig } from "../areas/bot-rules.ts";
import type { ChatRule, RunRule } from "../areas/reply-rules.ts";
import type {
  App,
  Bot,
  CallbackApp,
  Category,
  Chat,
  CopyFailure,
  CopyPace,
  CopyTask,
  CopyTrouble,
  Dataset,
  Document,
  Folder,
  Plugin,
  StoredFile,
  Workflow,
  WorkflowRun,
  WorkflowVersion,
  Workspace,
} from "./entities.ts";

/** How the emulated account and service are set up. None of it is kept in the world's file. */
export interface WorldOptions {
  /** The token's user. */
  readonly me: { readonly id: string; readonly name: string };
  readonly plan: "personal" | "enterprise";
  readonly enterpriseId: string;
  /** Users who exist and, on the enterprise plan, belong to the enterprise; "any" is every decimal id. */
  readonly users: "any" | readonly string[];
  /** Users who exist but do not belong to the enterprise. */
  readonly outsiders: readonly string[];
  readonly memberLimit: number;
  /** Models a bot may use. */
  readonly models: "any" | readonly string[];
  /** Whether only owners may change datasets and documents, as the reference says. */
  readonly ownerOnly: boolean;
  /** How long a document stays in status 0. */
  readonly processingMs: number;
  /** How long a background copy takes. */
  readonly copyMs: number;
  /** What a failed copy leaves in the target workspace: the parts it had copied, which belong to nobody, or nothing. */
  readonly failedCopiesLeave: "parts" | "nothing";
  /** How long a chat takes. */
  readonly chatMs: number;
  /** How long a run of a workflow takes. */
  readonly runMs: number;
  /** How long a callback URL has to echo its challenge. */
  readonly challengeMs: number;
  readonly fileLifeMs: number;
  /** Keys of a bot's onboarding_info on reads; "by-id" gives every second bot the capitalised ones. */
  readonly onboardingKeys: "by-id" | "capitalised" | "plain";
  /** Tool ids of a bot's plugins on reads; "by-id" gives every second bot "0". */
  readonly toolIds: "by-id" | "zero" | "real";
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
}

interface Collections {
  readonly workspaces: Map<string, Workspace>;
  readonly folders: Map<string, Folder>;
  readonly bots: Map<string, Bot>;
  readonly apps: Map<string, App>;
  readonly workflows: Map<string, Workflow>;
  readonly plugins: Map<string, Plugin>;
  readonly categories: Map<string, Category>;
  readonly datasets: Map<string, Dataset>;
  readonly documents: Map<string, Document>;
  readonly files: Map<string, StoredFile>;
  readonly callbackApps: Map<string, CallbackApp>;
  readonly copyTasks: Map<string, CopyTask>;
  /** Why background copies fail, by the id of what is copied or comes along; see `failCopyOf`. */
  readonly copyFailures: Map<string, CopyTrouble>;
  /** How long background copies take, by the id of what is copied; see `paceCopyOf`. */
  readonly copyPaces: Map<string, CopyPace>;
  readonly chats: Map<string, Chat>;
  readonly runs: Map<string, WorkflowRun>;
  /** How chats and runs go; see `scriptChat` and `scriptRun`. */
  readonly chatRules: Map<string, ChatRule & { readonly id: string }>;
  readonly runRules: Map<string, RunRule & { readonly id: string }>;
}

const collectionNames = [
  "workspaces",
  "folders",
  "bots",
  "apps",
  "workflows",
  "plugins",
  "categories",
  "datasets",
  "documents",
  "files",
  "callbackApps",
  "copyTasks",
  "copyFailures",
  "copyPaces",
  "chats",
  "runs",
  "chatRules",
  "runRules",
] as const satisfies readonly (keyof Collections)[];

/** A world as plain JSON: what is written to disk, and what two worlds are compared by. */
export type WorldSnapshot = { readonly format: 1; readonly last_id: string } & {
  readonly [K in keyof Collections]: readonly (Collections[K] extends Map<string, infer T> ? T : never)[];
};

/** Everything the service remembers, open to tests: look into it, or change it behind the client's back. */
export interface World extends Collections, UiActions {
  readonly options: WorldOptions;
  /** The emulator's clock in milliseconds. */
  now(): number;
  /** The emulator's clock in seconds, the unit of most times on the wire. */
  seconds(): number;
  /** Whether the token of the present call is good for a workspace; the world itself sets no bounds. */
  reaches(workspace: Workspace): boolean;
  /** A new id: 19 digits, rising, with gaps, always odd so that no double can hold it. */
  newId(): string;
  /** A signed URL; no two are alike. */
  signUrl(path: string): string;
  snapshot(): WorldSnapshot;
  /** The workspace every account has from the start. */
  personalWorkspace(): Workspace;
  addWorkspace(given: Partial<Workspace>): Workspace;
  addFolder(given: Partial<Folder> & Pick<Folder, "workspace_id">): Folder;
  addBot(given: Partial<Bot> & Pick<Bot, "space_id">): Bot;
  addApp(given: Partial<App> & Pick<App, "space_id">): App;
  addWorkflow(given: Partial<Workflow> & Pick<Workflow, "space_id">): Workflow;
  addPlugin(given: Partial<Plugin>): Plugin;
  addCategory(given: Partial<Category>): Category;
  addDataset(given: Partial<Dataset> & Pick<Dataset, "space_id">): Dataset;
}

type Editable<T, K extends keyof T> = Partial<Pick<T, K>>;

/** What people do in Coze's web page, and how the emulator is told what becomes of chats, runs and copies. */
export interface UiActions {
  /** Edits a workflow; its update time moves, however quick the hand. */
  editWorkflow(
    workflowId: string,
    change: Editable<Workflow, "name" | "description" | "content" | "uses" | "input" | "output">,
  ): Workflow;
  /** Publishes a workflow as it is; v0.0.1, v0.0.2 and so on. */
  publishWorkflow(workflowId: string): WorkflowVersion;
  editApp(appId: string, change: Editable<App, "name" | "description" | "content" | "uses">): App;
  /** Publishes an app with its workflows; to the API channel unless said otherwise. */
  publishApp(appId: string, connectorIds?: readonly string[]): App;
  /** Edits a draft: configuration, update time, "edited since publication". */
  editBot(botId: string, change: Partial<BotConfig>): Bot;
  /** Publishes a bot's draft, to the API channel unless said otherwise, and gives the version. */
  publishBot(botId: string, connectorIds?: readonly string[]): string;
  /** Lets an invited user join. */
  acceptInvitation(workspaceId: string, userId: string): void;
  /**
   * Makes background copies fail of which this entity is, or which it comes along with: for each reason one. A text is
   * about the entity itself; others may name a part of it, such as `{entity_type: "knowledge", entity_name: "价目表"}`.
   */
  failCopyOf(entityId: string, ...reasons: readonly (string | Partial<CopyFailure>)[]): void;
  /** Takes back `failCopyOf` and `paceCopyOf`. */
  allowCopyOf(entityId: string): void;
  /** How long background copies of this entity take from now on; those begun too. Infinity never ends. */
  paceCopyOf(entityId: string, takesMs: number): void;
  /** Tells how chats go; in place of the rule with the same conditions, if there is one. */
  scriptChat(rule: ChatRule): void;
  /** Tells how runs of workflows go; in place of the rule with the same conditions, if there is one. */
  scriptRun(rule: RunRule): void;
}

const firstId = 7_512_000_000_000_000_001n;

const defaults: Omit<WorldOptions, "plan"> = {
  me: { id: "3290203000000017", name: "kou_owner" },
  enterpriseId: "volcano_2105850001",
  users: "any",
  outsiders: [],
  memberLimit: 1000,
  models: "any",
  ownerOnly: true,
  processingMs: 1200,
  copyMs: 1500,
  failedCopiesLeave: "parts",
  chatMs: 1200,
  runMs: 0,
  challengeMs: 3000,
  fileLifeMs: 90 * 24 * 3600 * 1000,
  onboardingKeys: "by-id",
  toolIds: "by-id",
  maxBodyBytes: 15 * 1024 * 1024,
  maxUploadBytes: 512 * 1024 * 1024,
};

/** The parts of a world that do not depend on its contents. */
export type WorldGround = Collections &
  Pick<World, "options" | "now" | "seconds" | "reaches" | "newId" | "signUrl" | "snapshot">;

/** Makes the ground of a world, empty or from a snapshot. */
export function layGround(
  given: Partial<WorldOptions>,
  plan: WorldOptions["plan"],
  now: () => number,
  saved: WorldSnapshot | undefined,
): WorldGround {
  const collections = openCollections(saved);
  let lastId = BigInt(saved?.last_id ?? firstId);
  let signatures = 0;
  const seconds = () => Math.floor(now() / 1000);
  return {
    ...collections,
    options: { ...defaults, plan, ...given },
    now,
    seconds,
    reaches: () => true,
    newId() {
      // The step depends on the id before it: gaps, yet the same ids in each run.
      lastId += 2n * (1n + (lastId % 9973n));
      return String(lastId);
    },
    signUrl(path) {
      signatures += 1;
      const signature = Buffer.from(`${signatures}:${path}`).toString("base64url");
      return `https://sign.example.com/ocean-cloud-tos/${path}?lk3s=cd508e2b&x-expires=${seconds() + 3600}&x-signature=${signature}`;
    },
    snapshot: () => takeSnapshot(collections, lastId),
  };
}

function openCollections(saved: WorldSnapshot | undefined): Collections {
  const named = collectionNames.map((name) => {
    const items: readonly { id: string }[] = saved?.[name] ?? [];
    return [name, new Map(items.map((item) => [item.id, structuredClone(item)]))] as const;
  });
  return Object.fromEntries(named) as unknown as Collections;
}

function takeSnapshot(collections: Collections, lastId: bigint): WorldSnapshot {
  const named = collectionNames.map((name) => {
    const items: Iterable<{ id: string }> = collections[name].values();
    return [name, sortById(items)] as const;
  });
  return structuredClone({
    format: 1,
    last_id: highestOf(collections, String(lastId)),
    ...Object.fromEntries(named),
  }) as WorldSnapshot;
}

/** The highest id so far: objects that a world is seeded with may bear any. */
function highestOf({ copyFailures: _, copyPaces: __, ...made }: Collections, lastId: string): string {
  const ids = Object.values(made).flatMap((items: ReadonlyMap<string, unknown>) => [...items.keys()]);
  return ids.reduce((highest, id) => (compareIds(id, highest) > 0 ? id : highest), lastId);
}

/** The moment so many milliseconds from now; JSON knows no infinity, so a moment that never comes stands for it. */
export const momentIn = ({ now }: Pick<World, "now">, ms: number): number =>
  Math.min(Number.MAX_SAFE_INTEGER, now() + ms);

/** Objects in the order of their ids, which is the order they were made in. */
export function sortById<T extends { id: string }>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => compareIds(a.id, b.id));
}

/** Decimal ids by their numeric value. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** Whether this id belongs to the second half of those that "by-id" options tell apart. */
export function isSecondKind(id: string): boolean {
  return (BigInt(id) >> 1n) % 2n === 1n;
}
