import type { CallEvent } from "../../coze/http/transport.ts";
import { say } from "../../messages/text.ts";
import type { Redaction } from "../../secrets/redaction.ts";
import { type Level, logLine } from "../protocol/rpc/serve.ts";

/** From the least to the most that is said. */
const levels = ["error", "warn", "info", "debug", "trace"] as const satisfies readonly Level[];

/** Says something in Terraform's log. */
export type Log = (level: Level, message: string, details: { readonly [name: string]: unknown }) => void;

/**
 * The log that the environment asks for: `TF_LOG_PROVIDER`, or `TF_LOG` without it. Undefined: none is wanted, and
 * nothing is to be written. Terraform takes `JSON`, and levels that it doesn't know, for `TRACE`.
 */
export function openLog(
  env: { readonly [name: string]: string | undefined },
  write: (line: string) => void,
  now: () => number,
): Log | undefined {
  const wanted = (env.TF_LOG_PROVIDER || env.TF_LOG || "off").trim().toLowerCase();
  if (wanted === "off") return undefined;
  const known = (levels as readonly string[]).indexOf(wanted);
  const most = known < 0 ? levels.length - 1 : known;
  return (level, message, details) => {
    if (levels.indexOf(level) <= most) write(logLine(level, message, now(), details));
  };
}

/** Logs what happens to calls: writes as information, reads for debugging, what went wrong as a warning. No secrets. */
export function logCalls(log: Log, secrets: Redaction): (event: CallEvent) => void {
  const tell: Log = (level, message, details) => log(level, message, secrets.redactValue(details));
  return (event) => {
    switch (event.type) {
      case "turn": {
        const level = event.ms >= longTurn ? "debug" : "trace";
        return tell(level, say("terraform-functions/log-turn"), {
          operation: event.operation,
          wait_ms: Math.round(event.ms),
        });
      }
      case "retry": {
        const { operation, ms, asked, attempt, attempts } = event.pause;
        const details = { operation, wait_ms: Math.round(ms), asked_by_coze: asked, attempt, attempts };
        return tell("warn", say("terraform-functions/log-retry"), details);
      }
      case "attempt": {
        const { record, writes, problem } = event;
        const { ms, status, ...facts } = record;
        const details = { ...facts, status, duration_ms: Math.round(ms), error: problem };
        if (status === undefined) return tell("warn", say("terraform-functions/log-no-answer"), details);
        const level = problem !== undefined ? "warn" : writes ? "info" : "debug";
        return tell(level, say("terraform-functions/log-call"), details);
      }
    }
  };
}

/** Shorter waits are how the rate limit works all the time. Milliseconds. */
const longTurn = 1000;
