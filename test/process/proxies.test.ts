import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createIdentity } from "../../src/terraform/protocol/rpc/certificate.ts";
import { writeFiles } from "../support/files.ts";
import { serveProxy } from "../support/http-proxy.ts";
import { respondJson } from "../support/http-server.ts";
import { startCozeform } from "../support/process.ts";
import { makeScratch } from "../support/scratch.ts";

const desk = `apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
`;

test("a plan reaches an https endpoint through a tunnel, with the certificates of NODE_EXTRA_CA_CERTS", async () => {
  const { key, cert } = createIdentity(Date.now());
  const tokens: (string | undefined)[] = [];
  const coze = createServer({ key, cert }, (request, response) => {
    tokens.push(request.headers.authorization);
    respondJson(response, { code: 0, data: { workspaces: [], total_count: 0 } });
  }).listen(0, "127.0.0.1");
  await once(coze, "listening");
  try {
    const { host, seen } = await serveProxy(`http://127.0.0.1:${(coze.address() as AddressInfo).port}`);
    const directory = makeScratch();
    writeFiles(directory, { "desk.yaml": desk });
    writeFileSync(join(directory, "ca.pem"), cert);
    const { code, output } = await startCozeform(
      ["plan", directory, "--endpoint", "https://localhost:4433"],
      {
        COZE_API_TOKEN: "pat_0",
        HTTPS_PROXY: `http://${host}`,
        NODE_EXTRA_CA_CERTS: join(directory, "ca.pem"),
      },
    ).ended;
    expect(output).toContain("Plan: 1 to create");
    expect({ code, seen, tokens }).toEqual({
      code: 0,
      seen: ["CONNECT localhost:4433"],
      tokens: ["Bearer pat_0"],
    });
  } finally {
    coze.closeAllConnections();
    coze.close();
  }
});
