import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A door of this machine's loopback in front of another port, which counts what callers send. */
export interface CountingDoor {
  readonly port: number;
  /** The bytes of all callers so far. */
  received(): number;
  close(): Promise<void>;
}

/** Opens a door in front of a port of this machine's loopback. */
export async function openCountingDoor(behind: number): Promise<CountingDoor> {
  let received = 0;
  const server = createServer((caller) => {
    const called = connect(behind, "127.0.0.1");
    caller.on("data", (chunk) => {
      received += chunk.length;
    });
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      one.on("error", () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    async close() {
      await once(server.close(), "close");
    },
  };
}
