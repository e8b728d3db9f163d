import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInjector } from "../../src/terraform/protocol/rpc/grpc.ts";
import { createService } from "../../src/terraform/protocol/service/service.ts";
import type { ProviderInterface } from "../../src/terraform/provider/provider-interface.ts";

/**
 * Serves doors on loopback to whoever connects, without TLS. Each connection has a door of its own, as each process of
 * a provider has: Terraform connects once where it would start one.
 */
export async function serveDoors(createDoor: () => ProviderInterface) {
  const sockets = new Set<Socket>();
  const failures: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    const calls = {
      provider: createService(createDoor()),
      controller: { shutdown: async () => ({}) },
      onFailure: (method: string, error: unknown) => void failures.push(`${method}: ${String(error)}`),
    };
    createInjector(calls, undefined).injectConnection(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    address: { Network: "tcp", String: `127.0.0.1:${port}` },
    /** Throws when a call failed for another reason than the door's. */
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
      if (failures.length > 0) throw new Error(failures.join("\n"));
    },
  };
}
