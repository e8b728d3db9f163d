import type { World } from "../world/world.ts";
import { codes, Refusal, refuseParameter } from "./envelope.ts";
import type { Operation } from "./operation.ts";

/** A request's body, read once: as JSON or as a form. */
export interface Input {
  readonly json: unknown;
  readonly form: FormData | undefined;
}

/** Reads a body within the limits: 15 MB, for uploads 512 MB. */
export async function readInput(request: Request, operation: Operation, world: World): Promise<Input> {
  const { maxBodyBytes, maxUploadBytes } = world.options;
  if (operation.upload) {
    const bytes = await readBytes(request, maxUploadBytes, codes.fileTooLarge);
    return { json: undefined, form: await parseForm(request, bytes) };
  }
  const bytes = await readBytes(request, maxBodyBytes, codes.badParameter);
  return { json: operation.body && bytes.length ? parseJson(bytes) : {}, form: undefined };
}

async function readBytes(request: Request, limit: number, code: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw new Refusal(code, `The request body exceeds ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function parseForm(request: Request, bytes: Buffer): Promise<FormData | undefined> {
  const type = request.headers.get("content-type") ?? "";
  try {
    return await new Response(bytes, { headers: { "content-type": type } }).formData();
  } catch {
    return refuseParameter("body", "must be multipart/form-data");
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return refuseParameter("body", "is not valid JSON");
  }
}

/** A body for the log of requests: long texts shortened, files as name and size. */
export function showInput({ json, form }: Input): unknown {
  if (form) return Object.fromEntries([...form].map(([name, value]) => [name, showPart(value)]));
  return json === undefined ? undefined : shorten(json);
}

function showPart(value: File | string): unknown {
  return typeof value === "string" ? value : { name: value.name, bytes: value.size };
}

const longestShown = 100_000;

function shorten(value: unknown): unknown {
  if (typeof value === "string" && value.length > longestShown) {
    return `${value.slice(0, 100)}… (${value.length} characters)`;
  }
  if (Array.isArray(value)) return value.map(shorten);
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner)]))
    : value;
}
