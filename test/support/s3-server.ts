import { createHash, createHmac } from "node:crypto";

/** A store that speaks S3's protocol, as its documentation describes it, and refuses whatever that doesn't allow. */
export interface S3Server {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, S3Object>;
  /** What was asked, in its order: `PUT bucket/key 412`. */
  readonly log: string[];
  /** The bytes of all bodies that were written. */
  written(): number;
  /** Answers instead of the store, before or after it has done what was asked. */
  intercept: Interception | undefined;
}

type Interception = (request: {
  readonly method: string;
  readonly key: string;
  readonly headers: Headers;
}) => { readonly when: "before" | "after"; readonly answer: () => Response } | undefined;

interface S3Object {
  readonly body: Uint8Array;
  readonly etag: string;
  /** Epoch milliseconds. */
  modified: number;
  readonly version?: string;
}

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly now: () => number;
  /** `ignored` writes all the same, `refused` answers NotImplemented. */
  readonly conditions?: "heeded" | "ignored" | "refused";
  /** What becomes of conditions of removals, which fewer stores know. */
  readonly removals?: S3Options["conditions"];
  /** Whether the bucket keeps former versions of its objects. */
  readonly versioning?: boolean;
  /** The keys of one page of a list; 1000 by default, as at S3. */
  readonly pageSize?: number;
}

/** Makes an empty bucket. Path-style and virtual-hosted addresses are understood. */
export function createS3Server(options: S3Options): S3Server {
  const objects = new Map<string, S3Object>();
  const former = new Map<string, readonly S3Object[]>();
  const log: string[] = [];
  let written = 0;
  const server: S3Server = {
    objects,
    log,
    written: () => written,
    intercept: undefined,
    async fetch(request) {
      const url = new URL(request.url);
      const body = new Uint8Array(await request.arrayBuffer());
      const path = decodeURIComponent(url.pathname);
      const place = url.host.startsWith(`${options.bucket}.`) ? `/${options.bucket}${path}` : path;
      const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/su.exec(place) ?? [];
      const respond = (): Response => {
        const refusal = findRefusal(request, url, body, options) ?? findMissingBucket(bucket, options);
        if (refusal) return refusal;
        if (request.method === "PUT") written += body.length;
        return answer(request, url, { key: `${bucket}/${key}`, bucket, body }, { options, objects, former });
      };
      const cut = server.intercept?.({ method: request.method, key, headers: request.headers });
      const real = cut?.when === "before" ? undefined : respond();
      const given = cut ? cut.answer() : (real as Response);
      given.headers.set("date", new Date(options.now()).toUTCString());
      log.push(`${request.method} ${bucket}/${key} ${given.status}`);
      return given;
    },
  };
  return server;
}

const xml = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    status,
    headers: { "content-type": "application/xml", ...headers },
  });

/** An error as S3 words it: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. */
export const s3Error = (
  status: number,
  code: string,
  more = "",
  headers: Record<string, string> = {},
): Response =>
  xml(status, `<Error><Code>${code}</Code><Message>${code} &amp; more</Message>${more}</Error>`, headers);

const findMissingBucket = (bucket: string, options: S3Options): Response | undefined =>
  bucket === options.bucket ? undefined : s3Error(404, "NoSuchBucket");

const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. */
function findRefusal(request: Request, url: URL, body: Uint8Array, options: S3Options): Response | undefined {
  const { headers, method } = request;
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/u;
  const [, id, day = "", region = "", names = "", signature] =
    form.exec(headers.get("authorization") ?? "") ?? [];
  if (id === undefined) return s3Error(403, "AccessDenied");
  if (id !== options.accessKeyId) return s3Error(403, "InvalidAccessKeyId");
  if (region !== options.region)
    return s3Error(400, "AuthorizationHeaderMalformed", `<Region>${options.region}</Region>`);
  const time = headers.get("x-amz-date") ?? "";
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u.exec(time) ?? [];
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (Number.isNaN(at) || !time.startsWith(day)) return s3Error(403, "AccessDenied");
  if (Math.abs(at - options.now()) > 15 * 60_000) return s3Error(403, "RequestTimeTooSkewed");
  const digest = headers.get("x-amz-content-sha256") ?? "";
  if (digest !== sha256(body)) return s3Error(400, "XAmzContentSHA256Mismatch");
  const signed = names.split(";");
  const needed = [...headers.keys()].filter((name) => name.startsWith("x-amz-"));
  if (!signed.includes("host") || needed.some((name) => !signed.includes(name)))
    return s3Error(403, "AccessDenied");
  const path = url.pathname
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
  // Of a query, S3 reads no plus sign as a space.
  const query = url.search
    .slice(1)
    .split("&")
    .filter(Boolean)
    .map((pair) => pair.split("=").map((part) => encode(decodeURIComponent(part))))
    .map(([name, value = ""]) => `${name}=${value}`)
    .sort()
    .join("&");
  const lines = signed.map((name) => `${name}:${name === "host" ? url.host : headers.get(name)?.trim()}\n`);
  const canonical = [method, path, query, lines.join(""), names, digest].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = ["s3", "aws4_request"].reduce<Buffer>(
    (last, part) => hmac(last, part),
    hmac(hmac(`AWS4${options.secretAccessKey}`, day), region),
  );
  return hmac(key, toSign).toString("hex") === signature ? undefined : s3Error(403, "SignatureDoesNotMatch");
}

interface Store {
  readonly options: S3Options;
  readonly objects: Map<string, S3Object>;
  /** All versions by `bucket/key`, the newest first; empty where the bucket keeps none. */
  readonly former: Map<string, readonly S3Object[]>;
}

function answer(
  { method, headers }: Request,
  url: URL,
  { key, bucket, body }: { readonly key: string; readonly bucket: string; readonly body: Uint8Array },
  store: Store,
): Response {
  const { options, objects, former } = store;
  const found = objects.get(key);
  if (method === "GET" && key === `${bucket}/`)
    return url.searchParams.has("versions") ? listVersions(url, bucket, store) : list(url, bucket, store);
  if (method === "GET") {
    const version = url.searchParams.get("versionId");
    const read = version === null ? found : former.get(key)?.find((one) => one.version === version);
    if (!read) return s3Error(404, version === null ? "NoSuchKey" : "NoSuchVersion");
    const modified = new Date(read.modified).toUTCString();
    return new Response(read.body, { headers: { etag: read.etag, "last-modified": modified } });
  }
  if (method === "DELETE") {
    const { removals: conditions = "heeded" } = options;
    const refusal = findUnmet(headers, found, { ...options, conditions });
    if (refusal) return refusal;
    objects.delete(key);
    return new Response(null, { status: 204 });
  }
  if (method !== "PUT") return s3Error(405, "MethodNotAllowed");
  const refusal = findUnmet(headers, found, options);
  if (refusal) return refusal;
  // As at S3, the ETag of equal bodies is equal.
  const etag = `"${createHash("md5").update(body).digest("hex")}"`;
  const version = `${former.get(key)?.length ?? 0}/+==`;
  const written = { body, etag, modified: options.now(), ...(options.versioning ? { version } : {}) };
  objects.set(key, written);
  if (options.versioning) former.set(key, [written, ...(former.get(key) ?? [])]);
  return new Response(null, { headers: { etag } });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html. */
function findUnmet(
  headers: Headers,
  found: S3Object | undefined,
  { conditions = "heeded" }: S3Options,
): Response | undefined {
  const [absent, match] = [headers.get("if-none-match"), headers.get("if-match")];
  if (absent === null && match === null) return undefined;
  if (conditions === "ignored") return undefined;
  if (conditions === "refused" || (absent !== null && absent !== "*")) return s3Error(501, "NotImplemented");
  if (absent !== null) return found ? s3Error(412, "PreconditionFailed") : undefined;
  if (!found) return s3Error(404, "NoSuchKey");
  return found.etag === match ? undefined : s3Error(412, "PreconditionFailed");
}

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html. */
function listVersions(url: URL, bucket: string, { options, objects, former }: Store): Response {
  const { pageSize = 1000 } = options;
  const query = (name: string): string => url.searchParams.get(name) ?? "";
  const all = [...objects.keys()]
    .sort()
    .filter((path) => path.startsWith(`${bucket}/${query("prefix")}`))
    .flatMap((path) => {
      const key = path.slice(bucket.length + 1);
      const versions = former.get(path) ?? [objects.get(path) as S3Object];
      return versions.map((one, index) => ({
        ...one,
        key,
        version: one.version ?? "null",
        latest: index === 0,
      }));
    });
  const last = all.findIndex(
    ({ key, version }) => key === query("key-marker") && version === query("version-id-marker"),
  );
  const page = all.slice(last + 1, last + 1 + pageSize);
  const end = page.at(-1);
  const isCut = end !== undefined && end !== all.at(-1);
  const items = page.map(({ key, version, latest, modified, etag, body }) => {
    const time = new Date(modified).toISOString();
    return `<Version><Key>${escapeText(key)}</Key><VersionId>${version}</VersionId><IsLatest>${latest}</IsLatest><LastModified>${time}</LastModified><ETag>${escapeText(etag)}</ETag><Size>${body.length}</Size></Version>`;
  });
  const more = isCut
    ? `<NextKeyMarker>${escapeText(end.key)}</NextKeyMarker><NextVersionIdMarker>${end.version}</NextVersionIdMarker>`
    : "";
  return xml(
    200,
    `<ListVersionsResult><IsTruncated>${isCut}</IsTruncated>${more}${items.join("")}</ListVersionsResult>`,
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. */
function list(url: URL, bucket: string, { options, objects }: Pick<Store, "options" | "objects">): Response {
  const { pageSize = 1000 } = options;
  if (url.searchParams.get("list-type") !== "2") return s3Error(400, "InvalidArgument");
  const prefix = url.searchParams.get("prefix") ?? "";
  const token = url.searchParams.get("continuation-token");
  const after = token === null ? "" : Buffer.from(token.slice(2), "base64").toString();
  const keys = [...objects.keys()]
    .filter((one) => one.startsWith(`${bucket}/${prefix}`))
    .map((one) => one.slice(bucket.length + 1))
    .sort()
    .filter((one) => one > after);
  const page = keys.slice(0, pageSize);
  const isCut = keys.length > page.length;
  const contents = page.map((key) => {
    const { etag, modified, body } = objects.get(`${bucket}/${key}`) as S3Object;
    const time = new Date(modified).toISOString();
    return `<Contents><Key>${escapeText(key)}</Key><LastModified>${time}</LastModified><ETag>${escapeText(etag)}</ETag><Size>${body.length}</Size></Contents>`;
  });
  // With what an address would have to encode.
  const next = `+/${Buffer.from(page.at(-1) ?? "").toString("base64")}`;
  const more = isCut ? `<NextContinuationToken>${escapeText(next)}</NextContinuationToken>` : "";
  return xml(
    200,
    `<ListBucketResult><Prefix>${escapeText(prefix)}</Prefix><IsTruncated>${isCut}</IsTruncated>${more}${contents.join("")}</ListBucketResult>`,
  );
}
