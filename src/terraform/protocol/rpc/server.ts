import { createServer, type Server, type Socket } from "node:net";
import { say } from "../../../messages/text.ts";
import type { Identity } from "./certificate.ts";
import type { Provider } from "./gen/tfplugin6_pb.js";
import type { Injector } from "./grpc.ts";
import type { Place } from "./handshake.ts";
import type { Implementation } from "./methods.ts";

/** Where and for whom a provider is served, and who hears of it. */
export interface Terms {
  /** Where to listen: the first of these where that works. */
  readonly places: readonly Place[];
  /** Undefined: anyone may call, without TLS. */
  readonly tls?: { readonly identity: Identity; readonly client: string };
  /** The host needs the provider no more; it hears so first. */
  onShutdown?(): void;
  /** How many are connected, whenever someone has come or gone. */
  onConnections?(count: number): void;
  /** Of a call that was answered with INTERNAL. */
  onFailure?(method: string, error: unknown): void;
}

/** A server that can be connected to. */
export interface Listening {
  readonly place: Place;
  /** Rejects when the implementation couldn't be loaded; no calls are served then. */
  readonly ready: Promise<unknown>;
  /** Closes all connections and frees the place. */
  close(): void;
}

/**
 * Serves a provider. It listens before the implementation is asked for: a host waits for that alone, and connects while
 * the rest is loaded.
 */
export async function listen(
  implementation: () => Promise<Implementation<typeof Provider>>,
  terms: Terms,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  // Nothing may be read from a connection before the one who understands it has it.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    terms.onConnections?.(sockets.size);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      terms.onConnections?.(sockets.size);
    });
    loaded.then(
      (injector) => injector.injectConnection(socket),
      () => socket.destroy(),
    );
  });
  const place = await occupy(server, terms.places);
  const loaded = new Promise(setImmediate).then(() => load(implementation, terms));
  return {
    place,
    ready: loaded,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function load(
  implementation: () => Promise<Implementation<typeof Provider>>,
  { tls, onShutdown, onFailure }: Terms,
): Promise<Injector> {
  const [{ createInjector }, provider] = await Promise.all([import("./grpc.ts"), implementation()]);
  const controller = {
    async shutdown() {
      onShutdown?.();
      return {};
    },
  };
  return createInjector({ provider, controller, onFailure: (...failure) => onFailure?.(...failure) }, tls);
}

/** Listens at the first of these places where that works: some are taken, some folders are missing or read-only. */
async function occupy(server: Server, places: readonly Place[]): Promise<Place> {
  let failure = new Error(say("terraform-functions/no-place"));
  for (const place of places) {
    const refusal = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve);
      server.listen(place, () => {
        server.off("error", resolve);
        resolve(undefined);
      });
    });
    if (!refusal) return place;
    if (refusal.code !== "EADDRINUSE") failure = refusal;
  }
  throw failure;
}
