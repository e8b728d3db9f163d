import { codes, Refusal, refuseForbidden } from "../http/envelope.ts";
import { isVariant } from "./variants.ts";
import type { World, WorldOptions } from "./world.ts";

/** The plans of an account by their names in get_benefit, the smallest first. */
export const levels = ["free", "pro_personal", "team", "enterprise"] as const;

/** The name of a plan: `team` is the standard plan of enterprises, `enterprise` the flagship. */
export type Level = (typeof levels)[number];

/** The account's plan: the one that the world stores, or that of its options. */
export function levelOf({ accounts, options }: Pick<World, "accounts" | "options">): Level {
  const [account] = accounts.values();
  return account?.level ?? optionalLevel(options);
}

const optionalLevel = ({ plan, level }: WorldOptions): Level =>
  level ?? (plan === "personal" ? "free" : "enterprise");

/** Whether the account is a person's, not an enterprise's. */
export const isPersonal = (world: Pick<World, "accounts" | "options">): boolean =>
  ["free", "pro_personal"].includes(levelOf(world));

/** Refuses what takes a larger plan; the reference names no code for it. */
export function requireLevel(world: World, least: Level): void {
  const level = levelOf(world);
  if (levels.indexOf(level) >= levels.indexOf(least)) return;
  const needs = `the plan ${level} does not include this operation: it takes ${least}`;
  if (isVariant(world, "premium-plans")) throw new Refusal(codes.premium, needs);
  refuseForbidden(needs);
}
