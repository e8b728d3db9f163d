import { areas, collections } from "../areas/index.ts";
import { type ChangedItems, TrackedCollection } from "./tracked-collection.ts";
import {
  type CollectionName,
  compareIds,
  sortById,
  type World,
  type WorldOptions,
  type WorldSnapshot,
} from "./world.ts";

const firstId = 7_512_000_000_000_000_001n;

const defaults: Omit<WorldOptions, "plan" | "owner"> = {
  me: { id: "3290203000000017", name: "kou_owner" },
  enterpriseId: "volcano_2105850001",
  users: "any",
  outsiders: [],
  memberLimit: 1000,
  enterpriseLimit: 100,
  organizationLimit: 20,
  voiceLimit: 1,
  groupLimit: 1000,
  consentMs: 3000,
  consents: true,
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
  variants: [],
};

/** What a world is made of. */
export interface WorldSetup {
  readonly options: Partial<WorldOptions>;
  readonly plan: WorldOptions["plan"];
  /** The emulator's clock in milliseconds. */
  readonly now: () => number;
  /** The world as it was saved; without it there is only the personal workspace. */
  readonly saved: WorldSnapshot | undefined;
}

/** What may have changed in a world since its changes were last taken. */
export interface WorldChanges {
  readonly last_id: string;
  readonly items: ReadonlyMap<CollectionName, ChangedItems<{ readonly id: string }>>;
}

/** A world, and what knows of its changes. */
export interface TrackedWorld {
  readonly world: World;
  /** Says that an operation writes, until it ends: what it takes by id meanwhile may change. */
  beginWrite(): () => void;
  /** `own`: how many of the operations that write now have ended their work: that of the caller, or none. */
  takeChanges(own?: 0 | 1): WorldChanges;
  /** As the world's snapshot, with the items themselves. */
  viewSnapshot(): WorldSnapshot;
}

/** Makes a world. */
export function createWorld({ options, plan, now, saved }: WorldSetup): TrackedWorld {
  let writing = 0;
  const items = openCollections(saved, () => writing > 0);
  let lastId = BigInt(saved?.last_id ?? firstId);
  let signatures = 0;
  const seconds = () => Math.floor(now() / 1000);
  const base: Partial<World> = {
    options: { ...defaults, plan, owner: options.me ?? defaults.me, ...options },
    now,
    seconds,
    reaches: () => true,
    newId() {
      // The step depends on the id before it: gaps, yet the same ids in each run.
      lastId += 2n * (1n + (lastId % 9973n));
      return String(lastId);
    },
    signUrl(path: string) {
      signatures += 1;
      const signature = Buffer.from(`${signatures}:${path}`).toString("base64url");
      return `https://sign.example.com/ocean-cloud-tos/${path}?lk3s=cd508e2b&x-expires=${seconds() + 3600}&x-signature=${signature}`;
    },
    snapshot: () => structuredClone(viewSnapshot(items, lastId)),
  };
  // The areas bring all other members: each declares in the type what it brings here.
  const world = base as World;
  Object.assign(world, Object.fromEntries(items));
  Object.assign(world, ...areas.map(({ methods }) => methods?.(world)));
  if (world.workspaces.size === 0) {
    world.addWorkspace({
      name: "个人空间",
      workspace_type: "personal",
      coze_account_id: world.options.me.id,
    });
  }
  return {
    world,
    viewSnapshot: () => viewSnapshot(items, lastId),
    beginWrite() {
      writing += 1;
      return () => {
        writing -= 1;
      };
    },
    takeChanges(own = 1) {
      // Another operation that still writes may change later what it took before.
      const forgets = writing <= own;
      const changes = [...items].map(([name, byId]) => [name, byId.takeChanges(forgets)] as const);
      return { last_id: String(lastId), items: new Map(changes.filter(([, changed]) => changed.size > 0)) };
    },
  };
}

type Items = ReadonlyMap<CollectionName, TrackedCollection<{ readonly id: string }>>;

function openCollections(saved: WorldSnapshot | undefined, isWriting: () => boolean): Items {
  return new Map(
    [...collections.keys()].map((name) => {
      const items: readonly { readonly id: string }[] = saved?.[name] ?? [];
      const copies = items.map((item) => [item.id, structuredClone(item)] as const);
      return [name, new TrackedCollection(copies, isWriting)];
    }),
  );
}

function viewSnapshot(items: Items, lastId: bigint): WorldSnapshot {
  const named = [...items].map(([name, byId]) => [name, sortById(byId.values())] as const);
  return {
    format: 1,
    last_id: highestOf(items, String(lastId)),
    ...Object.fromEntries(named),
  } as WorldSnapshot;
}

/** The highest id so far: objects that a world is seeded with may have any. */
function highestOf(items: Items, lastId: string): string {
  const made = [...items].filter(([name]) => hasOwnIds(name)).flatMap(([, byId]) => [...byId.keys()]);
  return made.reduce((highest, id) => (compareIds(id, highest) > 0 ? id : highest), lastId);
}

/** Whether the ids of a collection are the emulator's; the others are keyed by ids of what they are about. */
export const hasOwnIds = (name: CollectionName): boolean => collections.get(name)?.fields.id?.type === "id";
