import { say } from "../messages/text.ts";

/** A time in epoch seconds for people, to the second. */
export const describeTime = (seconds: number): string =>
  say("core/utc", { time: new Date(1000 * seconds).toISOString().slice(0, 19).replace("T", " ") });

/** The time of day of epoch seconds, as HH:MM:SS in the machine's time zone. */
export const showClock = (seconds: number): string => new Date(1000 * seconds).toTimeString().slice(0, 8);

/** Epoch seconds as ISO 8601 writes them. */
export const isoTime = (seconds: number): string => new Date(1000 * seconds).toISOString();

const millisecondsOf: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The milliseconds of a duration with its units, such as `90s` or `1h30m`; undefined for any other text. */
export function readDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gu)];
  if (text === "" || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce(
    (sum, [, amount = "", unit = ""]) => sum + Number(amount) * (millisecondsOf[unit] ?? 0),
    0,
  );
}

const secondsOf: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600 };

/** The seconds of a duration as manifests write it: `90s`, `2m`, `1.5h`; undefined for any other text. */
export function readSeconds(text: string): number | undefined {
  const [, amount, unit = "s"] = /^(\d{1,9}(?:\.\d{1,3})?)\s*([smh]?)$/u.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (secondsOf[unit || "s"] ?? 1);
}
