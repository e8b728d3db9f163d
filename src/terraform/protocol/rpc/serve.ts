import { say } from "../../../messages/text.ts";
import { createIdentity } from "./certificate.ts";
import type { Provider } from "./gen/tfplugin6_pb.js";
import { announce, type HandshakeContext, readInvitation } from "./handshake.ts";
import type { Implementation } from "./methods.ts";
import { type Listening, listen } from "./server.ts";

/** The process that a provider runs in. */
export interface ProcessHost extends HandshakeContext {
  /** Milliseconds since 1970. */
  now(): number;
  /** The host reads the first line of it, and must find the handshake there. */
  readonly stdout: { write(text: string): unknown };
  /** The host's log; a person, where there is no host. */
  readonly stderr: { write(text: string): unknown };
  /** Number of the process that started this one; another one's when that has ended. */
  parent(): number;
  everySecond(act: () => void): void;
  exit(code: number): void;
}

/**
 * Serves a provider to the host that started this process, until the host needs it no more or is gone; refuses to
 * start without one. The implementation is loaded when the host knows where to connect.
 */
export async function serveProvider(
  implementation: () => Promise<Implementation<typeof Provider>>,
  host: ProcessHost,
): Promise<void> {
  const reading = readInvitation(host);
  if ("refusal" in reading) {
    host.stderr.write(reading.refusal);
    return host.exit(1);
  }
  const { client, places } = reading.invitation;
  const log = (level: Level, message: string, details?: Readonly<Record<string, unknown>>) =>
    host.stderr.write(logLine(level, message, host.now(), details));
  const identity = client === undefined ? undefined : createIdentity(host.now());
  const watch = watchHost(host, (code, reason) => {
    log("debug", reason);
    listening?.close();
    host.exit(code);
  });
  let listening: Listening | undefined;
  listening = await listen(implementation, {
    places,
    ...(identity && client !== undefined && { tls: { identity, client } }),
    onShutdown: watch.onShutdown,
    onConnections(count) {
      log("debug", say("terraform-functions/log-connections"), { connections: count });
      watch.onConnections(count);
    },
    onFailure: (method, error) =>
      log("error", say("terraform-functions/log-failed-call"), {
        method,
        error: error instanceof Error ? error.name : typeof error,
      }),
  });
  host.stdout.write(announce(listening.place, identity));
  log("debug", say("terraform-functions/log-listening"), { tls: identity !== undefined });
  try {
    await listening.ready;
  } catch (error) {
    listening.close();
    throw error;
  }
}

/** Ends the process when no host needs it: a host that was killed doesn't say so. */
function watchHost(host: ProcessHost, leave: (code: number, reason: string) => void) {
  const parent = host.parent();
  let connections = 0;
  let dismissed = false;
  /** How many checks in a row found no connection; undefined before the first connection. */
  let alone: number | undefined;
  host.everySecond(() => {
    if (host.parent() !== parent) return leave(0, say("terraform-functions/log-host-ended"));
    if (dismissed) return leave(0, say("terraform-functions/log-shutdown"));
    // A connection that broke may be made again at once.
    if (alone !== undefined && connections === 0 && ++alone > 1)
      leave(0, say("terraform-functions/log-host-disconnected"));
  });
  return {
    onConnections(count: number) {
      connections = count;
      alone = 0;
      // The host hangs up when it has the answer to its last call.
      if (dismissed && count === 0) leave(0, say("terraform-functions/log-shutdown"));
    },
    onShutdown() {
      dismissed = true;
    },
  };
}

/** Those that the host tells apart. */
export type Level = "trace" | "debug" | "info" | "warn" | "error";

/**
 * A line for the host's log. Everyone who reads the log sees its content: only names and counts, never values.
 *
 * @param at Milliseconds since 1970.
 */
export function logLine(
  level: Level,
  message: string,
  at: number,
  details: Readonly<Record<string, unknown>> = {},
) {
  // Hosts read six digits of a second and no other number of them.
  const timestamp = new Date(at).toISOString().replace("Z", "000Z");
  return `${JSON.stringify({ "@level": level, "@message": message, "@module": "provider", "@timestamp": timestamp, ...details })}\n`;
}
