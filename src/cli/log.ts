import type { RetryPause, Silence, SilentCall } from "../coze/http/silence.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "../report/escape-control.ts";

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
    status === undefined ? say("cli/call-unanswered") : String(status),
    ...(code === undefined ? [] : [say("cli/call-code", { code })]),
    ...(logid === undefined ? [] : [say("cli/call-logid", { logid })]),
    say("cli/call-ms", { ms: Math.round(ms) }),
    ...(attempt > 1 ? [say("cli/call-attempt", { attempt })] : []),
  ];
  return printableLine(say("cli/call", { operation, method, path, facts: facts.join(", ") }));
}

/** Why a run is waiting and what it does next, as a line. */
export function describeSilence(silence: Silence): string {
  if (silence.type === "pause") return describePause(silence.pause);
  const [longest, ...others] = silence.calls;
  if (!longest) return "";
  const names = [...new Set(silence.calls.map(({ operation }) => operation))];
  const operations = [...names.slice(0, mostNamed), ...(names.length > mostNamed ? ["…"] : [])].join(", ");
  const several = others.length > 0;
  return say("cli/no-answer", {
    calls: several ? say("cli/calls", { count: silence.calls.length, operations }) : longest.operation,
    time: inSeconds(longest.silentMs),
    next: describeNext(longest, several),
  });
}

/** The most operations named in one line. */
const mostNamed = 3;

const inSeconds = (ms: number): string => say("cli/seconds", { seconds: Math.round(ms / 1000) });

function describeNext({ timeoutMs, attempt, attempts, next }: SilentCall, several: boolean): string {
  const timeout = say(several ? "cli/timeout-first" : "cli/timeout", { time: inSeconds(timeoutMs) });
  if (next === "retry") return say("cli/timeout-then-retry", { timeout, attempt, attempts });
  if (next === "look") return say("cli/timeout-then-check", { timeout });
  if (next === "poll") return say("cli/timeout-then-poll", { timeout });
  return attempts > 1 ? say("cli/timeout-then-end", { timeout, attempts }) : timeout;
}

function describePause({ operation, ms, asked, attempt, attempts }: RetryPause): string {
  const key = asked ? "cli/retry-asked" : "cli/retry-waiting";
  return say(key, { operation, time: inSeconds(ms), attempt, attempts });
}
