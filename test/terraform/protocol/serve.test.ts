import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { GRPCController } from "../../../src/terraform/protocol/rpc/gen/plugin_pb.js";
import { Provider } from "../../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import { type ProcessHost, serveProvider } from "../../../src/terraform/protocol/rpc/serve.ts";
import { makeScratch } from "../../support/scratch.ts";
import { connectTo, invitation } from "./host.ts";

const { callFunction } = Provider.method;
const { shutdown } = GRPCController.method;

/** A process in which seconds pass when told, and whose end is only noted. */
function createProcess() {
  const said = { stdout: "" };
  const exits: number[] = [];
  let parent = 2;
  let pass = () => {};
  const log = new EventEmitter();
  const outside: ProcessHost = {
    env: { ...invitation, PLUGIN_CLIENT_CERT: undefined },
    platform: "linux",
    temporaryFolder: makeScratch(),
    mark: "",
    now: () => 0,
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => log.emit(JSON.parse(text).connections === 0 ? "alone" : "other") },
    parent: () => parent,
    everySecond: (act) => (pass = act),
    exit: (code) => exits.push(code),
  };
  return {
    outside,
    said,
    exits,
    orphan: () => (parent = 1),
    pass: () => pass(),
    left: () => once(log, "alone"),
    socket: `${outside.temporaryFolder}/plugin`,
  };
}

const implementation = async () => ({ callFunction: async () => ({}) });

test("a provider whose host has ended ends as well, though nobody ever called", async () => {
  const { outside, exits, orphan, pass, socket } = createProcess();
  await serveProvider(implementation, outside);
  for (let second = 0; second < 100; second++) pass();
  expect({ exits, there: existsSync(socket) }).toEqual({ exits: [], there: true });
  orphan();
  pass();
  expect({ exits, there: existsSync(socket) }).toEqual({ exits: [0], there: false });
});

test("a connection that broke may be made again within a second", async () => {
  const { outside, said, exits, pass, left } = createProcess();
  await serveProvider(implementation, outside);
  for (let visit = 0; visit < 3; visit++) {
    const { call, close } = connectTo(said.stdout, "plain");
    await call(callFunction, {});
    pass();
    pass();
    const gone = left();
    close();
    await gone;
    pass();
  }
  expect(exits).toEqual([]);
  pass();
  expect(exits).toEqual([0]);
});

test("a shutdown ends the provider as soon as the host has hung up", async () => {
  const { outside, said, exits, left } = createProcess();
  await serveProvider(implementation, outside);
  const { call, close } = connectTo(said.stdout, "plain");
  await call(shutdown, {});
  expect(exits).toEqual([]);
  const gone = left();
  close();
  await gone;
  expect(exits).toEqual([0]);
});

test("a host that keeps its connection after the shutdown is not waited for", async () => {
  const { outside, said, exits, pass } = createProcess();
  await serveProvider(implementation, outside);
  await connectTo(said.stdout, "plain").call(shutdown, {});
  expect(exits).toEqual([]);
  pass();
  expect(exits).toEqual([0]);
});

test("an implementation that can't be loaded is why the provider can't start, and leaves no socket", async () => {
  const { outside, socket } = createProcess();
  const failing = serveProvider(async () => {
    throw new Error("half of it is missing");
  }, outside);
  await expect(failing).rejects.toThrow("half of it is missing");
  expect(existsSync(socket)).toBe(false);
});
