import { refuseParameter } from "../http/envelope.ts";
import type { Value } from "../http/params.ts";
import type { World } from "../world/world.ts";
import type { Dataset } from "./datasets.ts";
import { type Document, type documentBase, readUpdateRule } from "./document-collection.ts";
import { failureMark, hash, liveFile } from "./files.ts";

type Base = Value<typeof documentBase>;

/** The fields of a document that depend on its source. */
type Source = Omit<
  Document,
  "id" | "dataset_id" | "creator_id" | "create_time" | "update_time" | "ready_at_ms" | "chunk_strategy"
>;

/** Reads one entry of document_bases: a local file or web page for text, an uploaded file for images. */
export function readSource(world: World, dataset: Dataset, base: Base, field: string): Source {
  const info = base.source_info;
  if (dataset.format_type === 2) {
    if (info.document_source !== 5 || info.source_file_id === undefined) {
      refuseParameter(`${field}.source_info`, "must have document_source 5 and source_file_id for images");
    }
    return fromUpload(world, base, info.source_file_id, `${field}.source_info.source_file_id`);
  }
  if (info.web_url !== undefined && info.document_source === 1) {
    return fromWeb(base, info.web_url, `${field}.source_info.web_url`);
  }
  if (info.file_base64 === undefined || info.file_type === undefined || (info.document_source ?? 0) !== 0) {
    refuseParameter(
      `${field}.source_info`,
      "must have file_base64 and file_type, or web_url and document_source 1",
    );
  }
  return fromBase64(base, info.file_base64, info.file_type, `${field}.source_info.file_base64`);
}

function fromBase64(base: Base, encoded: string, type: string, field: string): Source {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) {
    refuseParameter(field, "is not base64");
  }
  const content = Buffer.from(encoded, "base64");
  const written = content.toString("utf8");
  return {
    ...plain(base, 0, type),
    name: nameOnServer(base.name, type),
    size: content.byteLength,
    char_count: [...written].length,
    sha256: hash(content),
    fails_because: content.byteLength ? failureOf(written) : "The file is empty",
    ...statusesIn(written),
  };
}

// The captured list shows "x.pdf.pdf": the extension is appended to a name that already has it.
function nameOnServer(name: string, type: string): string {
  return ["pdf", "docx"].includes(type) && name.endsWith(`.${type}`) ? `${name}.${type}` : name;
}

// Pages are never fetched; the captured request has no scheme ("163.com").
function fromWeb(base: Base, url: string, field: string): Source {
  const address = /^https?:\/\//.test(url) ? url : `https://${url}`;
  if (!URL.canParse(address)) refuseParameter(field, "is not a web address");
  const reachable = new URL(address).hostname !== "fail.invalid";
  return {
    ...plain(base, 1, "html"),
    ...readUpdateRule(1, base.update_rule),
    web_url: url,
    size: url.length,
    char_count: url.length,
    sha256: hash(url),
    fails_because: reachable ? undefined : "The web page could not be fetched",
  };
}

function fromUpload(world: World, base: Base, fileId: string, field: string): Source {
  const file = liveFile(world, fileId) ?? refuseParameter(field, `${fileId} does not exist or has expired`);
  return {
    ...plain(base, 5, file.file_name.split(".").at(-1) ?? ""),
    size: file.bytes,
    char_count: 0,
    sha256: file.sha256,
    caption: base.caption ?? "",
    captioned_at_ms: world.now(),
    fails_because: file.fails_processing ? "The image could not be read" : undefined,
  };
}

function plain(base: Base, sourceType: 0 | 1 | 5, type: string) {
  return {
    name: base.name,
    type,
    source_type: sourceType,
    update_type: 0,
    update_interval: 0,
    caption: "",
    captioned_at_ms: 0,
  } as const;
}

/** Statuses that a content asks for: `!!status 1000!!` ends with it, `!!working 5!!` has it while it is processed. */
function statusesIn(content: string): Pick<Document, "works_as" | "ends_as"> {
  const numberIn = (pattern: RegExp): number | undefined => {
    const [, digits] = pattern.exec(content) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  return { works_as: numberIn(/!!working (\d+)!!/u), ends_as: numberIn(/!!status (\d+)!!/u) };
}

function failureOf(content: string): string | undefined {
  return content.includes(failureMark) ? "The content could not be sliced" : undefined;
}
