// Starts the emulator's process, and asks it.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { watchGroup } from "./scratch.js";

/** The emulator of `emulator-process.js`: `ask` takes the names of its replies. */
export async function startEmulator() {
  const child = watchGroup(fork(join(import.meta.dirname, "emulator-process.js"), { detached: true }));
  const [{ url, token }] = await once(child, "message");
  const waiting = new Map();
  let asked = 0;
  child.on("message", ({ id, reply }) => {
    waiting.get(id)?.resolve(reply);
    waiting.delete(id);
  });
  child.once("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the emulator's process ended with ${code}`));
  });
  return {
    url,
    token,
    ask: (name, values = {}) =>
      new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve, reject });
        child.send({ id: asked, name, values });
      }),
    stop: () => child.disconnect(),
  };
}
