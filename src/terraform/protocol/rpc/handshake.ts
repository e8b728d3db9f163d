import { say } from "../../../messages/text.ts";
import type { Identity } from "./certificate.ts";

/** What a host tells a plugin that it starts. */
export interface Invitation {
  /** PEM of the one client that may call; undefined: anyone may, without TLS. */
  readonly client: string | undefined;
  /** Where to listen: the first of these where that works. */
  readonly places: readonly Place[];
}

/** A socket in the file system, or a port on this machine. */
export type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/** Where plugins are started, as far as it matters to how they listen. */
export interface HandshakeContext {
  readonly env: { readonly [name: string]: string | undefined };
  readonly platform: string;
  readonly temporaryFolder: string;
  /** Letters and digits that no other process has. */
  readonly mark: string;
}

/** The version of Terraform's protocol that is spoken here. */
const protocolVersion = 6;

// It keeps people from starting plugins by hand, and keeps nothing secret.
const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/** What the host says in the environment, or, for a person to read, why this can't be served. */
export function readInvitation(
  context: HandshakeContext,
): { readonly invitation: Invitation } | { readonly refusal: string } {
  const { env } = context;
  if (env.TF_PLUGIN_MAGIC_COOKIE !== cookie) return { refusal: say("terraform-functions/started-by-hand") };
  const offered = (env.PLUGIN_PROTOCOL_VERSIONS ?? "").split(",").map(Number);
  if (!offered.includes(protocolVersion)) return { refusal: describeOffer(env.PLUGIN_PROTOCOL_VERSIONS) };
  return { invitation: { client: env.PLUGIN_CLIENT_CERT || undefined, places: placesIn(context) } };
}

function placesIn({ env, platform, temporaryFolder, mark }: HandshakeContext): readonly Place[] {
  if (platform !== "win32") {
    const folders = new Set([env.PLUGIN_UNIX_SOCKET_DIR || temporaryFolder, "/tmp"]);
    const paths = [...folders].map((folder) => `${folder}/plugin${mark}`);
    return paths.filter((path) => Buffer.byteLength(path) <= longestPath).map((path) => ({ path }));
  }
  const first = Number(env.PLUGIN_MIN_PORT) || 10_000;
  const last = Number(env.PLUGIN_MAX_PORT) || 25_000;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ host: "127.0.0.1", port: first + index }));
}

/** Of a socket, in bytes, on macOS; Linux has four more. Node cuts off the rest without a word. */
const longestPath = 103;

/** The line by which a host learns where its plugin listens and what certificate it has. */
export function announce(place: Place, identity: Identity | undefined): string {
  const where = "path" in place ? `unix|${place.path}` : `tcp|${place.host}:${place.port}`;
  const certificate = identity?.der.toString("base64").replace(/=+$/, "") ?? "";
  return `1|${protocolVersion}|${where}|grpc|${certificate}\n`;
}

const describeOffer = (offered: string | undefined): string =>
  offered
    ? say("terraform-functions/version-offered", { version: protocolVersion, offered })
    : say("terraform-functions/no-version-offered", { version: protocolVersion });
