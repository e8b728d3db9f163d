import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  create,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ChannelCredentials, Client, type ServiceError } from "@grpc/grpc-js";
import { afterEach } from "@jest/globals";
import { buildSync } from "esbuild";
import { createIdentity, type Identity } from "../../../src/terraform/protocol/rpc/certificate.ts";
import { makeScratch } from "../../support/scratch.ts";

/** Makes `toy-provider.ts` a program below a folder. */
export function bundleToy(folder: string): string {
  const outfile = join(folder, "terraform-provider-toy.cjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "toy-provider.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
  });
  chmodSync(outfile, 0o755);
  return outfile;
}

/** The certificate of this host. */
export const host: Identity = createIdentity(Date.now());

/** What Terraform says to plugins. */
export const invitation: { readonly [name: string]: string } = {
  TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
  PLUGIN_PROTOCOL_VERSIONS: "5,6",
  PLUGIN_MIN_PORT: "10000",
  PLUGIN_MAX_PORT: "25000",
  PLUGIN_CLIENT_CERT: host.cert,
};

const atTheEnd: (() => void)[] = [];

afterEach(() => {
  for (const end of atTheEnd.splice(0).reverse()) end();
});

/** Starts a plugin as hosts do. `line`: the first of stdout, undefined when it ended without one. */
export function startPlugin(script: string, env: { readonly [name: string]: string }) {
  const child = spawn(process.execPath, [script], {
    // Those that are killed leave their sockets behind.
    env: { PATH: process.env.PATH, PLUGIN_UNIX_SOCKET_DIR: makeScratch(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  atTheEnd.push(() => child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said.stderr += chunk));
  const line = new Promise<string | undefined>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      said.stdout += chunk;
      if (said.stdout.includes("\n")) resolve(said.stdout.split("\n")[0]);
    });
    child.stdout.on("close", () => resolve(undefined));
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...said }));
  return { child, line, ended };
}

/** Connects to the address that a line gives; `client`: who this is, undefined for nobody, "plain" without TLS. */
export function connectTo(line: string | undefined, client: Identity | undefined | "plain") {
  const [, , network, address = "", , certificate = ""] = line?.split("|") ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate}${"=".repeat(-certificate.length & 3)}\n-----END CERTIFICATE-----\n`;
  const credentials =
    client === "plain"
      ? ChannelCredentials.createInsecure()
      : ChannelCredentials.createSsl(
          Buffer.from(pem),
          client ? Buffer.from(client.key) : null,
          client ? Buffer.from(client.cert) : null,
        );
  const connection = new Client(network === "unix" ? `unix:${address}` : address, credentials, {
    "grpc.ssl_target_name_override": "localhost",
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const close = () => connection.close();
  atTheEnd.push(close);
  return {
    address,
    close,
    /** Rejects with the {@link ServiceError}. */
    call: <Method extends DescMethodUnary>(method: Method, request: MessageInitShape<Method["input"]>) =>
      new Promise<MessageShape<Method["output"]>>((resolve, reject) => {
        connection.makeUnaryRequest(
          `/${method.parent.typeName}/${method.name}`,
          (message: Uint8Array) => Buffer.from(message),
          (bytes) => fromBinary(method.output, bytes) as MessageShape<Method["output"]>,
          toBinary(method.input, create(method.input, request)),
          (error: ServiceError | null, response?: MessageShape<Method["output"]>) =>
            response ? resolve(response) : reject(error),
        );
      }),
  };
}
