import { say } from "../messages/text.ts";

/** A time in epoch seconds for people, to the second. */
export const describeTime = (seconds: number): string =>
  say("core/utc", { time: new Date(1000 * seconds).toISOString().slice(0, 19).replace("T", " ") });

/** The time of day of epoch seconds, as HH:MM:SS in the machine's time zone. */
export const showClock = (seconds: number): string => new Date(1000 * seconds).toTimeString().slice(0, 8);

/** Epoch seconds as ISO 8601 writes them. */
export const isoTime = (seconds: number): string => new Date(1000 * seconds).toISOString();

const secondsOf: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600 };

/** The seconds of a duration as manifests write it: `90s`, `2m`, `1.5h`; undefined for any other text. */
export function readSeconds(text: string): number | undefined {
  const [, amount, unit = "s"] = /^(\d{1,9}(?:\.\d{1,3})?)\s*([smh]?)$/u.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (secondsOf[unit || "s"] ?? 1);
}
