import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { excerpt } from "../../core/excerpt.ts";
import { escapeInvisible } from "../../core/invisible-characters.ts";
import { type Explained, explain } from "../../messages/text.ts";
import type { StoredVersion } from "../backend.ts";
import { StateError } from "../model.ts";
import { type Answer, type Sending, send } from "./requests.ts";
import type { BackendContext, S3Settings } from "./settings.ts";

/** An object that was read. */
export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
  /** How long ago it was written, by the store's clock, in milliseconds. */
  readonly age: number;
}

/** What must hold for a write: that there is no object yet, or that it is the one of this ETag. */
type Condition = { readonly absent: true } | { readonly etag: string };

/** An object in a list. */
interface ListedObject {
  readonly key: string;
  /** ISO 8601. */
  readonly modified: string;
}

/** The requests of S3's protocol that the state needs: https://docs.aws.amazon.com/AmazonS3/latest/API/. */
export interface Bucket {
  /** The address of an object in messages. */
  nameObject(key: string): string;
  /** Undefined when there is no such object, or no such version of it. */
  get(key: string, version?: string): Promise<StoredObject | undefined>;
  /** The ETag of the object; undefined when the condition doesn't hold. */
  put(key: string, body: Uint8Array, condition?: Condition): Promise<string | undefined>;
  /**
   * Removes an object if there is one; false when it isn't the one of this ETag. Where the store knows no such condition,
   * any object is removed.
   */
  remove(key: string, etag?: string): Promise<boolean>;
  /** The objects whose keys begin so, sorted by key. */
  list(prefix: string): Promise<readonly ListedObject[]>;
  /** The versions of an object, the newest first; none in a bucket without versions. */
  listVersions(key: string): Promise<readonly StoredVersion[]>;
  /** A bucket whose requests the signal of the context ends, or leaves alone. */
  in(mode: Sending["mode"]): Bucket;
}

type Call = {
  readonly method: "GET" | "PUT" | "DELETE";
  /** The bucket itself without one. */
  readonly key?: string;
  readonly query?: { readonly [name: string]: string };
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Uint8Array;
};

/** Speaks to the bucket of the settings. Each method throws {@link StateError}. */
export function openBucket(settings: S3Settings, context: BackendContext): Bucket {
  const { bucket } = settings;
  const nameObject = (key: string): string => `s3://${bucket}/${key}`;
  const sign = createSigner(settings, context);
  const open = (mode: Sending["mode"]): Bucket => {
    const request = async (call: Call): Promise<Answer> => {
      const place = nameObject(call.key ?? "");
      const sending: Sending = {
        place,
        mode,
        bytes: call.body?.length,
        build: () => sign.build(call),
        isPassing: (answer) => sign.correctsClock(answer) || isConflict(answer),
      };
      return send(context, sending);
    };
    const refuse = (key: string, answer: Answer): StateError =>
      new StateError(nameObject(key), explainAnswer(answer, settings));
    const readList = async (prefix: string, query: NonNullable<Call["query"]>): Promise<string> => {
      const answer = await request({ method: "GET", query });
      if (answer.status !== 200) throw refuse(prefix, answer);
      return Buffer.from(answer.body).toString();
    };
    return {
      nameObject,
      in: open,
      async get(key, version) {
        const query = version === undefined ? {} : { versionId: version };
        const answer = await request({ method: "GET", key, query });
        if (version !== undefined && [400, 405].includes(answer.status)) return undefined;
        if (answer.status === 404 && codeOf(answer) !== "NoSuchBucket") return undefined;
        if (answer.status !== 200) throw refuse(key, answer);
        const etag = answer.headers.get("etag") ?? "";
        return { body: answer.body, etag, age: ageOf(answer, context.clock.now()) };
      },
      async put(key, body, condition) {
        const headers = condition ? headersOf(condition) : {};
        const answer = await request({ method: "PUT", key, body, headers });
        if (answer.status === 200) return answer.headers.get("etag") ?? "";
        const isGone = answer.status === 404 && codeOf(answer) !== "NoSuchBucket";
        if (answer.status === 412 || (isGone && condition && "etag" in condition)) return undefined;
        if (answer.status === 501 && condition)
          throw new StateError(nameObject(key), explain("state/s3-no-conditions"));
        throw refuse(key, answer);
      },
      async remove(key, etag) {
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
        const conditional = etag && (await request({ method: "DELETE", key, headers: { "if-match": etag } }));
        if (conditional && conditional.status === 412) return false;
        const isKnown = conditional && conditional.status !== 501;
        const answer = isKnown ? conditional : await request({ method: "DELETE", key });
        const isGone = answer.status === 404 && codeOf(answer) !== "NoSuchBucket";
        if (!isGone && answer.status !== 204 && answer.status !== 200) throw refuse(key, answer);
        return true;
      },
      listVersions: (key) => listVersions(key, (query) => readList(key, query)),
      async list(prefix) {
        const objects: ListedObject[] = [];
        for (let token: string | undefined = ""; token !== undefined; ) {
          const continuation: NonNullable<Call["query"]> =
            token === "" ? {} : { "continuation-token": token };
          const query = { "list-type": "2", prefix, ...continuation };
          const page = readPage(await readList(prefix, query));
          objects.push(...page.objects);
          token = page.next;
        }
        return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
      },
    };
  };
  return open(undefined);
}

const headersOf = (condition: Condition): { readonly [name: string]: string } =>
  "absent" in condition ? { "if-none-match": "*" } : { "if-match": condition.etag };

/** Another conditional write was under way: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html. */
const isConflict = (answer: Answer): boolean =>
  answer.status === 409 && /^(?:ConditionalRequestConflict|OperationAborted)$/u.test(codeOf(answer));

/** By the store's own clock where it says its time. */
function ageOf({ headers }: Answer, now: number): number {
  const modified = Date.parse(headers.get("last-modified") ?? "");
  const date = Date.parse(headers.get("date") ?? "");
  return Math.max(0, (Number.isNaN(date) ? now : date) - (Number.isNaN(modified) ? now : modified));
}

/** Makes signed requests, on the store's time where this machine's clock is wrong. */
function createSigner(settings: S3Settings, { clock }: BackendContext) {
  const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
  const base = locateBucket(settings);
  // The key of a day takes four digests.
  const cache = new Map<string, ArrayBuffer>();
  let offset = 0;
  return {
    async build({ method, key, query = {}, headers, body }: Call): Promise<Request> {
      const search = Object.entries(query).map((pair) => pair.map(encodePart).join("="));
      const path = key === undefined ? "" : key.split("/").map(encodePart).join("/");
      const url = `${base}${path}${search.length > 0 ? `?${search.join("&")}` : ""}`;
      const digest = createHash("sha256")
        .update(body ?? "")
        .digest("hex");
      const signer = new AwsV4Signer({
        method,
        url,
        headers: { ...headers, "x-amz-content-sha256": digest },
        accessKeyId,
        secretAccessKey,
        ...(sessionToken ? { sessionToken } : {}),
        service: "s3",
        region,
        cache,
        datetime: new Date(clock.now() + offset).toISOString().replaceAll(/[:-]|\.\d{3}/gu, ""),
      });
      const signed = await signer.sign();
      return new Request(signed.url, {
        method,
        headers: signed.headers,
        body: body ?? null,
        redirect: "manual",
      });
    },
    /** Whether an answer says that the clock is wrong, and what time it is. */
    correctsClock(answer: Answer): boolean {
      if (answer.status !== 403 || codeOf(answer) !== "RequestTimeTooSkewed") return false;
      const time = Date.parse(answer.headers.get("date") ?? "");
      if (Number.isNaN(time)) return false;
      offset = time - clock.now();
      return true;
    },
  };
}

/** RFC 3986, which signatures ask for. */
const encodePart = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html. */
function locateBucket({ endpoint, bucket, region, pathStyle }: S3Settings): string {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(endpoint ?? `https://s3.${region}.${domain}`);
  const path = url.pathname.replace(/\/+$/u, "");
  // A certificate for all buckets has none with dots.
  const isInPath = pathStyle ?? (endpoint !== undefined || bucket.includes("."));
  const located = new URL(
    isInPath
      ? `${url.protocol}//${url.host}${path}/${encodePart(bucket)}/`
      : `${url.protocol}//${bucket}.${url.host}${path}/`,
  );
  // Neither a region nor a bucket may lead signed requests to another host.
  const isExpected = located.host === url.host || located.host === `${bucket}.${url.host}`;
  if (!isExpected || (endpoint === undefined && !url.host.endsWith(`.${domain}`)))
    throw new Error(`${located.host} isn't the host of a bucket`);
  return located.href;
}

/** The text of an element of an answer; these have no attributes and no `<` in their text, so no parser is needed. */
const elementOf = (name: string, xml: string): string | undefined => {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`, "u").exec(xml) ?? [];
  return text === undefined ? undefined : decodeEntities(text);
};

const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decodeEntities = (text: string): string =>
  text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/giu,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. */
function readPage(xml: string): {
  readonly objects: readonly ListedObject[];
  readonly next: string | undefined;
} {
  const objects = [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/gu)].map(([, one = ""]) => ({
    key: elementOf("Key", one) ?? "",
    modified: elementOf("LastModified", one) ?? "",
  }));
  const isCut = elementOf("IsTruncated", xml) === "true";
  return { objects, next: isCut ? elementOf("NextContinuationToken", xml) : undefined };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html. */
async function listVersions(
  key: string,
  ask: (query: { readonly [name: string]: string }) => Promise<string>,
): Promise<readonly StoredVersion[]> {
  const found: StoredVersion[] = [];
  for (let marker: { readonly [name: string]: string } | undefined = {}; marker; ) {
    const xml: string = await ask({ versions: "", prefix: key, ...marker });
    for (const [, one = ""] of xml.matchAll(/<Version>([\s\S]*?)<\/Version>/gu)) {
      const id = elementOf("VersionId", one) ?? noVersion;
      if (elementOf("Key", one) !== key || id === noVersion) continue;
      const at = Date.parse(elementOf("LastModified", one) ?? "");
      const isCurrent = elementOf("IsLatest", one) === "true";
      found.push({ id, at, bytes: Number(elementOf("Size", one)), isCurrent });
    }
    // Of the keys that begin so, the state's own is the first.
    const isMore = elementOf("IsTruncated", xml) === "true" && elementOf("NextKeyMarker", xml) === key;
    const version = elementOf("NextVersionIdMarker", xml) ?? "";
    marker = isMore ? { "key-marker": key, "version-id-marker": version } : undefined;
  }
  return found.sort((a, b) => b.at - a.at);
}

/** The id of an object that was written while the bucket kept no versions. */
const noVersion = "null";

const codeOf = ({ body }: Answer): string =>
  elementOf("Code", Buffer.from(body.subarray(0, 16_384)).toString()) ?? "";

/** What the codes mean: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. */
function explainAnswer(answer: Answer, { bucket, key, region }: S3Settings): Explained {
  const { status, headers } = answer;
  const xml = Buffer.from(answer.body.subarray(0, 16_384)).toString();
  const code = elementOf("Code", xml) ?? "";
  const other = headers.get("x-amz-bucket-region") ?? elementOf("Region", xml);
  const isElsewhere = (status >= 300 && status < 400) || code === "AuthorizationHeaderMalformed";
  if (isElsewhere && other && other !== region)
    return explain("state/s3-region", { bucket, region: excerpt(escapeInvisible(other), 40), given: region });
  switch (code) {
    case "NoSuchBucket":
      return explain("state/s3-no-bucket", { bucket });
    case "InvalidAccessKeyId":
    case "SignatureDoesNotMatch":
    case "ExpiredToken":
    case "InvalidToken":
      return explain("state/s3-login", { code });
    case "RequestTimeTooSkewed":
      return explain("state/s3-clock");
  }
  if (status === 403) return explain("state/s3-forbidden", { bucket, key });
  const said = excerpt(
    escapeInvisible([code, elementOf("Message", xml) ?? ""].filter(Boolean).join(": ")),
    200,
  );
  return said
    ? explain("state/http-status-with-text", { status, said })
    : explain("state/http-status", { status });
}
