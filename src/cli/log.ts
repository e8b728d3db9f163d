import type { CallRecord } from "../coze/http.ts";
import { printableLine } from "../report/printable.ts";

export const logLevels = ["error", "warn", "info", "debug"] as const;

export type LogLevel = (typeof logLevels)[number];

/** What is said beside the results, on standard error; each line only from its level on. */
export interface Log {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
  debug(text: string): void;
  readonly level: LogLevel;
}

/** A log that hands finished lines to `write`. */
export function createLog(level: LogLevel, write: (text: string) => void): Log {
  const from = (own: LogLevel) => (text: string) => {
    if (logLevels.indexOf(own) <= logLevels.indexOf(level)) write(text.endsWith("\n") ? text : `${text}\n`);
  };
  return { error: from("error"), warn: from("warn"), info: from("info"), debug: from("debug"), level };
}

/** One API call as a line; never its headers or bodies. */
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
