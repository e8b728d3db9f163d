import { expect, test } from "@jest/globals";
import { createIdentity } from "../../../src/terraform/protocol/rpc/certificate.ts";
import { announce, readInvitation } from "../../../src/terraform/protocol/rpc/handshake.ts";
import { invitation } from "./host.ts";

const context = { env: invitation, platform: "linux", temporaryFolder: "/tmp", mark: "c0ffee" };
const read = (given: Partial<Omit<typeof context, "env">> & { env?: object } = {}) =>
  readInvitation({ ...context, ...given, env: { ...invitation, ...given.env } });

/** With the name of a socket it has 45 characters, and 107 bytes. */
const longFolder = { PLUGIN_UNIX_SOCKET_DIR: `/${"长".repeat(31)}` };

test.each([
  ["temporary files", {}, ["/tmp/pluginc0ffee"]],
  [
    "the files of the host's folder, or temporary ones",
    { PLUGIN_UNIX_SOCKET_DIR: "/run/host" },
    ["/run/host/pluginc0ffee", "/tmp/pluginc0ffee"],
  ],
  [
    "temporary files where the folder's path is longer than a socket's may be",
    longFolder,
    ["/tmp/pluginc0ffee"],
  ],
])("the socket is among %s", (_where, env, places) => {
  const invited = { client: invitation.PLUGIN_CLIENT_CERT, places: places.map((path) => ({ path })) };
  expect(read({ env })).toEqual({ invitation: invited });
});

test("where there are no such sockets, it is a port among the host's", () => {
  expect(read({ platform: "win32", env: { PLUGIN_MIN_PORT: "7000", PLUGIN_MAX_PORT: "7001" } })).toEqual({
    invitation: {
      client: invitation.PLUGIN_CLIENT_CERT,
      places: [
        { host: "127.0.0.1", port: 7000 },
        { host: "127.0.0.1", port: 7001 },
      ],
    },
  });
});

test.each([
  ["6", true],
  ["6,5", true],
  ["5,6", true],
  ["5", false],
  ["16,60", false],
  ["", false],
])("a host that offers the protocols %j is served: %s", (PLUGIN_PROTOCOL_VERSIONS, served) => {
  expect("invitation" in read({ env: { PLUGIN_PROTOCOL_VERSIONS } })).toBe(served);
});

test("a host that offers no protocol at all is refused", () => {
  expect(read({ env: { PLUGIN_PROTOCOL_VERSIONS: undefined } })).toEqual({
    refusal: `This provider requires version 6 of Terraform's plugin protocol, but none was offered.
Use Terraform 1.11 or later.
`,
  });
});

test("the line names the place and the certificate", () => {
  const identity = createIdentity(0);
  expect(announce({ host: "127.0.0.1", port: 7000 }, undefined)).toBe("1|6|tcp|127.0.0.1:7000|grpc|\n");
  const [where, certificate = ""] = announce({ path: "/tmp/p" }, identity).trim().split("grpc|");
  expect(where).toBe("1|6|unix|/tmp/p|");
  expect(Buffer.from(certificate, "base64")).toEqual(identity.der);
});
