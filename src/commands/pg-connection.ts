/** The value of a variable of PostgreSQL's own programs; undefined where it isn't set or mustn't be read. */
type Own = (name: string) => string | undefined;

/** What a connection string says, with the host, port, user, password and database of its parameters in their places. */
export interface WrittenConnection {
  readonly url: URL;
  /** It leaves the host to `PGHOST`. */
  readonly isHostless: boolean;
  /** The names of its parameters. */
  readonly parameters: readonly string[];
}

/** A host stands in for the one that is left out: URL refuses a login without one, which libpq allows. */
const hostless = /^\w+:\/\/(?:[^/?#]*@)?(?=[/?:]|$)/u;
const usualHost = "localhost";
const usualPort = "5432";

/**
 * Reads a connection string: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS. Undefined
 * for one that can't be read, as with a password that isn't percent-encoded.
 */
export function readConnection(text: string): WrittenConnection | undefined {
  const whole = text.replace(hostless, (start) => start + usualHost);
  if (!isDecodable(whole) || !URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  const parameters = [...url.searchParams.keys()];
  // The first / ? or # of a password ends what is read as the host and port.
  const isCut = url.username === "" && [url.pathname, ...parameters].some((part) => part.includes("@"));
  if (isCut || url.hash !== "") return undefined;
  const take = (name: string): string | undefined => {
    const value = url.searchParams.get(name) || undefined;
    url.searchParams.delete(name);
    return value;
  };
  const [host, port, user, password] = ["host", "port", "user", "password"].map(take);
  const database = take("dbname");
  const place = writeHost(host ?? decodeURIComponent(url.hostname));
  if (place === undefined || !isPort(port)) return undefined;
  url.hostname = place;
  if (port !== undefined) url.port = port;
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
  return { url, isHostless: host === undefined && whole !== text, parameters };
}

/** What is wrong with the variables that a connection string leaves a part to; undefined when nothing is. */
export function findBadVariable(
  written: WrittenConnection | undefined,
  own: Own,
): "PGHOST" | "PGPORT" | undefined {
  if (written && !written.isHostless) return undefined;
  if (writeHost(own("PGHOST") ?? usualHost) === undefined) return "PGHOST";
  return isPort(own("PGPORT")) ? undefined : "PGPORT";
}

/** A connection with what the variables of PostgreSQL's own programs say where the string says nothing. */
export function completeConnection(written: WrittenConnection | undefined, own: Own): URL {
  const url = new URL(written?.url ?? `postgres://${usualHost}`);
  if (!written || written.isHostless) {
    url.hostname = writeHost(own("PGHOST") ?? usualHost) ?? usualHost;
    if (url.port === "") url.port = own("PGPORT") ?? "";
  }
  if (url.username === "") url.username = encodeURIComponent(own("PGUSER") ?? "");
  if (url.password === "") url.password = encodeURIComponent(own("PGPASSWORD") ?? "");
  if (/^\/?$/u.test(url.pathname)) url.pathname = `/${encodeURIComponent(own("PGDATABASE") ?? "")}`;
  const mode = own("PGSSLMODE");
  if (mode !== undefined && !url.searchParams.has("sslmode")) url.searchParams.set("sslmode", mode);
  return url;
}

/** The web address of a connection's host and port, to be judged as one; undefined for a socket of this machine. */
export function webAddress({ hostname, port }: URL): URL | undefined {
  const host = decodeURIComponent(hostname);
  return host.startsWith("/") ? undefined : new URL(`https://${host}:${port || usualPort}`);
}

/** Whether a connection goes to the host and port of the variables. */
export function isOwnPlace(url: URL, own: Own): boolean {
  const host = own("PGHOST");
  const isPlace = host !== undefined && url.hostname === writeHost(host);
  return isPlace && (url.port || usualPort) === (own("PGPORT") ?? usualPort);
}

/** A host as addresses contain it; undefined for what is none. A folder is that of the server's socket. */
function writeHost(host: string): string | undefined {
  if (host.startsWith("/")) return encodeURIComponent(host);
  const bare = host.replace(/^\[(.*)\]$/u, "$1");
  const text = bare.includes(":") ? `[${bare}]` : host;
  // Each of these would begin another part of an address.
  if (text === host && !text.startsWith("[") && /[\s/:@?#\\%,[\]]/u.test(text)) return undefined;
  return URL.canParse(`https://${text}`) ? text : undefined;
}

const isPort = (text: string | undefined): boolean =>
  text === undefined || (/^\d{1,5}$/u.test(text) && Number(text) > 0 && Number(text) < 65_536);

/** Whether each % of a text begins an encoded character. */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
