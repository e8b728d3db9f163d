import { EventEmitter, once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { Provider } from "../../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import { announce } from "../../../src/terraform/protocol/rpc/handshake.ts";
import { type Listening, listen, type Terms } from "../../../src/terraform/protocol/rpc/server.ts";
import { makeScratch } from "../../support/scratch.ts";
import { connectTo } from "./host.ts";

const open: Listening[] = [];
afterEach(() => {
  for (const listening of open.splice(0)) listening.close();
});

const { callFunction } = Provider.method;

const implementation = { callFunction: async () => ({ error: { text: "called" } }) };

async function serve(terms: Terms, load: Parameters<typeof listen>[0] = async () => implementation) {
  const listening = await listen(load, terms);
  open.push(listening);
  return listening;
}

test("the first free port of those that the host allows is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const busy = { host: "127.0.0.1", port: (other.address() as AddressInfo).port };
  const free = { host: "127.0.0.1", port: 0 };
  expect((await serve({ places: [busy, free] })).place).toBe(free);
  await expect(serve({ places: [busy] })).rejects.toThrow("every place to listen at is taken");
  await once(other.close(), "close");
});

test("a folder that is missing or no folder is passed over", async () => {
  const folder = makeScratch();
  writeFileSync(`${folder}/file`, "");
  const bad = [{ path: `${folder}/missing/socket` }, { path: `${folder}/file/socket` }];
  const good = { path: `${folder}/socket` };
  expect((await serve({ places: [...bad, good] })).place).toBe(good);
  await expect(serve({ places: bad })).rejects.toThrow("file/socket");
});

test("a call that comes before the implementation is loaded is answered when it is", async () => {
  let finishLoading: () => void = () => {};
  const loading = new Promise<void>((resolve) => (finishLoading = resolve));
  const visits = new EventEmitter();
  const { place } = await serve(
    {
      places: [{ path: `${makeScratch()}/socket` }],
      onConnections: (count) => visits.emit(`${count} inside`),
    },
    () => loading.then(() => implementation),
  );
  const came = once(visits, "1 inside");
  const { call, close } = connectTo(announce(place, undefined), "plain");
  const answer = call(callFunction, {});
  await came;
  finishLoading();
  expect((await answer).error?.text).toBe("called");
  const left = once(visits, "0 inside");
  close();
  await left;
});

test("an implementation that can't be loaded is told of, and nobody is served", async () => {
  const { place, ready } = await serve({ places: [{ path: `${makeScratch()}/socket` }] }, async () => {
    throw new Error("half of it is missing");
  });
  await expect(ready).rejects.toThrow("half of it is missing");
  const { call } = connectTo(announce(place, undefined), "plain");
  await expect(call(callFunction, {})).rejects.toMatchObject({ code: 14 });
});
