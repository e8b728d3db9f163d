import { isInteger, isSafeNumber, LosslessNumber, parse } from "lossless-json";
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
    const bytes = await readBytes(request, maxUploadBytes + formOverhead, codes.fileTooLarge);
    const form = await parseForm(request, bytes);
    for (const part of form?.values() ?? []) {
      if (typeof part !== "string" && part.size > maxUploadBytes)
        throw new Refusal(codes.fileTooLarge, `The file exceeds ${maxUploadBytes} bytes`);
    }
    return { json: undefined, form };
  }
  const bytes = await readBytes(request, maxBodyBytes, codes.badParameter);
  const json = operation.body && bytes.length ? parseJson(bytes, operation.bareIds ?? false) : {};
  return { json, form: undefined };
}

/** Bytes that a form has around its file. */
const formOverhead = 64 * 1024;

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

/** With `bareIds` ids may be JSON numbers: they become texts with all their digits. */
function parseJson(bytes: Buffer, bareIds: boolean): unknown {
  try {
    const text = bytes.toString("utf8");
    return bareIds ? parse(text, textIds, readNumber) : JSON.parse(text);
  } catch {
    return refuseParameter("body", "is not valid JSON");
  }
}

const readNumber = (digits: string): number | LosslessNumber =>
  isInteger(digits) && !isSafeNumber(digits) ? new LosslessNumber(digits) : Number(digits);

function textIds(key: string, value: unknown): unknown {
  if (!/_ids?$/u.test(key)) return value;
  const items = Array.isArray(value) ? value : [value];
  const texts = items.map((item) =>
    typeof item === "number" || item instanceof LosslessNumber ? item.toString() : item,
  );
  return Array.isArray(value) ? texts : texts[0];
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
