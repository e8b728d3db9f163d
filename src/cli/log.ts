import type { RetryPause, Silence, SilentCall } from "../coze/http/silence.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import { printableLine } from "../report/escape-control.ts";
import { plural } from "../report/values.ts";

export const logLevels = ["error", "warn", "info", "debug"] as const;

export type LogLevel = (typeof logLevels)[number];

/** Messages on standard error, filtered by level. */
export interface Log {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
  debug(text: string): void;
  readonly level: LogLevel;
}

/** A log that passes complete lines to `write`. */
export function createLog(level: LogLevel, write: (text: string) => void): Log {
  const from = (own: LogLevel) => (text: string) => {
    if (logLevels.indexOf(own) <= logLevels.indexOf(level)) write(text.endsWith("\n") ? text : `${text}\n`);
  };
  return { error: from("error"), warn: from("warn"), info: from("info"), debug: from("debug"), level };
}

/** One API call as a line, without its headers and bodies. */
export function describeCall({ operation, method, path, ...record }: CallRecord): string {
  const { status, code, logid, ms, attempt } = record;
  const facts = [
    status === undefined ? "no answer" : String(status),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(logid === undefined ? [] : [`logid ${logid}`]),
    `${Math.round(ms)} ms`,
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  return printableLine(`debug: ${operation}  ${method} ${path}  ${facts.join(", ")}`);
}

/** Why a run is waiting and what it does next, as a line. */
export function describeSilence(silence: Silence): string {
  if (silence.type === "pause") return describePause(silence.pause);
  const [longest, ...others] = silence.calls;
  if (!longest) return "";
  const names = [...new Set(silence.calls.map(({ operation }) => operation))];
  const more = names.length > mostNamed ? ", …" : "";
  const calls = `${plural(silence.calls.length, "call")} (${names.slice(0, mostNamed).join(", ")}${more})`;
  const what = others.length > 0 ? calls : longest.operation;
  return `No answer to ${what} for ${inSeconds(longest.silentMs)}; ${describeNext(longest, others.length > 0)}.`;
}

/** The most operations named in one line. */
const mostNamed = 3;

const inSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

function describeNext({ timeoutMs, attempt, attempts, next }: SilentCall, several: boolean): string {
  const time = inSeconds(timeoutMs);
  const end = several ? `giving up on the first after ${time}` : `giving up on this attempt after ${time}`;
  if (next === "retry") return `${end}, then trying again (attempt ${attempt} of ${attempts})`;
  if (next === "look") return `${end}, then looking whether it took effect`;
  if (next === "poll") return `${end}, then asking again`;
  return attempts > 1 ? `${end}, which is the last of ${attempts}` : end;
}

function describePause({ operation, ms, asked, attempt, attempts }: RetryPause): string {
  const wait = asked ? `Coze asked to wait ${inSeconds(ms)}` : `Waiting ${inSeconds(ms)}`;
  return `${wait} before ${operation} is tried again (attempt ${attempt} of ${attempts}).`;
}
