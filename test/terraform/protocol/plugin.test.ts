import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import type { Readable } from "node:stream";
import { beforeAll, expect, test } from "@jest/globals";
import { createIdentity } from "../../../src/terraform/protocol/rpc/certificate.ts";
import { GRPCController } from "../../../src/terraform/protocol/rpc/gen/plugin_pb.js";
import { Provider } from "../../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import { makeScratch } from "../../support/scratch.ts";
import { bundleToy, connectTo, host, invitation, startPlugin } from "./host.ts";

const { shutdown } = GRPCController.method;
const { closeEphemeralResource, getMetadata, renewEphemeralResource, validateEphemeralResourceConfig } =
  Provider.method;

let toy = "";
beforeAll(() => {
  toy = bundleToy(makeScratch());
});

async function startToy(env: { readonly [name: string]: string } = {}) {
  const { child, line, ended } = startPlugin(toy, { ...invitation, ...env });
  return { child, line: await line, ended };
}

test("a line says where the provider listens and what certificate it has, and nothing else is on stdout", async () => {
  const folder = makeScratch();
  const { line, ended } = await startToy({ PLUGIN_UNIX_SOCKET_DIR: folder });
  const [core, protocol, network, address, kind, certificate = ""] = line?.split("|") ?? [];
  expect({ core, protocol, network, kind }).toEqual({
    core: "1",
    protocol: "6",
    network: "unix",
    kind: "grpc",
  });
  expect(address).toMatch(new RegExp(`^${folder}/plugin[0-9a-f]{12}$`));
  expect(certificate).not.toContain("=");
  expect(new X509Certificate(Buffer.from(certificate, "base64")).subjectAltName).toBe("DNS:localhost");

  const { call, close } = connectTo(line, host);
  await call(shutdown, {});
  close();
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${line}\n` });
  expect(stderr).toContain("a library that talks\n");
});

test.each([
  [
    "a person",
    {},
    `This is a provider for Terraform, which starts it by itself.
Name it under required_providers in a configuration, and run "terraform init" there.
`,
  ],
  [
    "a Terraform without protocol 6",
    { ...invitation, PLUGIN_PROTOCOL_VERSIONS: "4,5" },
    `This provider requires version 6 of Terraform's plugin protocol, but was offered 4,5.
Use Terraform 1.11 or later.
`,
  ],
])("%s is refused with a reason", async (_who, env, stderr) => {
  const { ended } = startPlugin(toy, env);
  expect(await ended).toEqual({ code: 1, stdout: "", stderr });
});

test("only the client whose certificate the host named is served", async () => {
  const { line } = await startToy();
  for (const stranger of [undefined, createIdentity(Date.now()), "plain"] as const) {
    await expect(connectTo(line, stranger).call(getMetadata, {})).rejects.toMatchObject({ code: 14 });
  }
  expect((await connectTo(line, host).call(getMetadata, {})).resources).not.toEqual([]);
});

test("without a certificate of the host's there is no TLS", async () => {
  const { line } = await startToy({ PLUGIN_CLIENT_CERT: "" });
  expect(line).toMatch(/\|grpc\|$/);
  expect((await connectTo(line, "plain").call(getMetadata, {})).resources).not.toEqual([]);
});

test("a shutdown is answered, and the socket is gone when the process has ended", async () => {
  const { line, ended } = await startToy();
  const { address, call, close } = connectTo(line, host);
  expect(await call(shutdown, {})).toMatchObject({});
  expect(existsSync(address)).toBe(true);
  close();
  expect((await ended).code).toBe(0);
  expect(existsSync(address)).toBe(false);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s doesn't end it", async (signal) => {
  const { child, line } = await startToy();
  const { call } = connectTo(line, host);
  await call(getMetadata, {});
  child.kill(signal);
  expect((await call(getMetadata, {})).resources).not.toEqual([]);
});

test("a host that goes without a word leaves no process behind", async () => {
  const { line, ended } = await startToy();
  const { address, call, close } = connectTo(line, host);
  await call(getMetadata, {});
  close();
  expect((await ended).code).toBe(0);
  expect(existsSync(address)).toBe(false);
});

test("a host that is killed leaves no process behind", async () => {
  const folder = makeScratch();
  // A provider holds what is inherited from its host, and so is gone when nobody holds that any more.
  const starting = `require("node:child_process").spawn(process.execPath, [${JSON.stringify(toy)}], {
    env: process.env, stdio: ["ignore", "inherit", "ignore", 3] })`;
  const killed = spawn(process.execPath, ["-e", starting], {
    env: { ...invitation, PLUGIN_UNIX_SOCKET_DIR: folder },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  await once(killed.stdio[1] as Readable, "data");
  expect(readdirSync(folder)).toHaveLength(1);
  const held = killed.stdio[3] as Readable;
  const gone = once(held.resume(), "end");
  killed.kill("SIGKILL");
  await gone;
  expect(readdirSync(folder)).toEqual([]);
});

test("messages of 6 MB come and go", async () => {
  const { line } = await startToy();
  const large = new Uint8Array(6 * 1024 * 1024).map((_, index) => index % 251);
  const answer = await connectTo(line, host).call(renewEphemeralResource, { private: large });
  expect(Buffer.compare(answer.private ?? new Uint8Array(), large)).toBe(0);
});

test("what a handler throws is told in its own words, without a stack", async () => {
  const { line, ended } = await startToy();
  const { call, close } = connectTo(line, host);
  await expect(call(closeEphemeralResource, { typeName: "toy_thing" })).rejects.toMatchObject({
    code: 13,
    details: "toy_thing can't be closed",
  });
  await expect(call(validateEphemeralResourceConfig, {})).rejects.toMatchObject({ code: 12 });
  await call(shutdown, {});
  close();
  const { stderr } = await ended;
  expect(stderr).toMatch(/"@level":"error","@message":"a call failed".*"error":"RangeError"/);
  expect(stderr).not.toMatch(/^\s+at |toy_thing/mu);
});
