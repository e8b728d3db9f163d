import { isVariant, type Variant } from "./variants.ts";

/** The settings of the emulated account and service. They aren't part of the world's file. */
export interface WorldOptions {
  /** The token's user; by default, and for tokens that name no other, the account's owner. */
  readonly me: { readonly id: string; readonly name: string };
  /** Who opened the account: on the enterprise plans the super admin. By default `me`. */
  readonly owner: { readonly id: string; readonly name: string };
  readonly plan: "personal" | "enterprise";
  /** What get_benefit calls the plan; by default `free` on the personal plan, else `enterprise`. */
  readonly level?: "free" | "pro_personal" | "team" | "enterprise" | undefined;
  readonly enterpriseId: string;
  /** Users who exist and, on the enterprise plan, belong to the enterprise; "any" is every decimal id. */
  readonly users: "any" | readonly string[];
  /** Users who exist but do not belong to the enterprise. */
  readonly outsiders: readonly string[];
  /** Members of a workspace. */
  readonly memberLimit: number;
  /** Members of an enterprise on the standard plan. */
  readonly enterpriseLimit: number;
  /** Organizations of an enterprise. */
  readonly organizationLimit: number;
  /** Voices that the account has paid for. */
  readonly voiceLimit: number;
  /** Voiceprint groups of the account. */
  readonly groupLimit: number;
  /** How long a user takes to decide on a device's login. */
  readonly consentMs: number;
  /** What a user decides on a device's login. */
  readonly consents: boolean;
  /** Models a bot may use. */
  readonly models: "any" | readonly string[];
  /** Whether only owners may change datasets and documents, as the reference says. */
  readonly ownerOnly: boolean;
  /** How long a document stays in status 0. */
  readonly processingMs: number;
  /** How long a background copy takes. */
  readonly copyMs: number;
  /** What a failed copy leaves in the target workspace: the parts copied so far, which no copy refers to, or nothing. */
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
  /** How the service differs from its reference; by default not at all. */
  readonly variants: readonly Variant[];
}

/**
 * Everything the service stores; tests read it, or change it behind the client's back. Each area declares its collections
 * and methods as members.
 */
export interface World {
  readonly options: WorldOptions;
  /** The emulator's clock in milliseconds. */
  now(): number;
  /** The emulator's clock in seconds, the unit of most times on the wire. */
  seconds(): number;
  /** Whether the token of the present call is good for a workspace; true for the world itself. */
  reaches(workspace: {
    readonly id: string;
    readonly workspace_type: string;
    readonly coze_account_id: string;
  }): boolean;
  /** A new id: 19 digits, rising, with gaps, always odd so that no double can hold it. */
  newId(): string;
  /** A new signed URL. */
  signUrl(path: string): string;
  snapshot(): WorldSnapshot;
}

/** The names of the members of a world that hold items by id. */
export type CollectionName = {
  [K in keyof World]: World[K] extends ReadonlyMap<string, unknown> ? K : never;
}[keyof World];

/** The items of a collection. */
export type ItemOf<K extends CollectionName> = World[K] extends ReadonlyMap<string, infer T> ? T : never;

/** A world as plain JSON, for its file and for comparisons. */
export type WorldSnapshot = { readonly format: 1; readonly last_id: string } & {
  readonly [K in CollectionName]: readonly ItemOf<K>[];
};

/** The time so many milliseconds from now; for Infinity a time that is never reached, since JSON has no infinity. */
export const timeAfter = ({ now }: Pick<World, "now">, ms: number): number =>
  Math.min(Number.MAX_SAFE_INTEGER, now() + ms);

/** Objects in the order of their ids, which is the order they were made in. */
export function sortById<T extends { id: string }>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => compareIds(a.id, b.id));
}

/** Objects in the order of a list: as they were made, or in a variant those updated last first. */
export function sortForList<T extends Updated>(world: World, items: Iterable<T>): T[] {
  const sorted = sortById(items);
  return isVariant(world, "newest-first") ? sorted.sort((a, b) => updateOf(b) - updateOf(a)) : sorted;
}

type Updated = { readonly id: string } & ({ readonly update_time: number } | { readonly updated_at: number });

const updateOf = (item: Updated): number => ("update_time" in item ? item.update_time : item.updated_at);

/** Decimal ids by their numeric value. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** Whether two values are equal as JSON: the order of keys doesn't matter, and undefined is the same as absent. */
export function isJsonEqual(one: unknown, other: unknown): boolean {
  return writeSorted(one) === writeSorted(other);
}

function writeSorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
