import { createHash } from "node:crypto";
import { codes, Refusal, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { id, required } from "../http/params.ts";
import { timeAfter, type World } from "../world/world.ts";
import { type Area, type FieldsOf, stored } from "./area.ts";

/** An uploaded file; without its content. */
export interface StoredFile {
  id: string;
  file_name: string;
  bytes: number;
  sha256: string;
  created_at: number;
  expires_at_ms: number;
  /** Once used as an icon, a file does not expire. */
  used_as_icon: boolean;
  /** Whether its content has the mark that makes processing fail. */
  fails_processing: boolean;
}

declare module "../world/world.ts" {
  interface World {
    readonly files: Map<string, StoredFile>;
  }
}

const storedFileFields = {
  id: required(id),
  file_name: stored.text,
  bytes: stored.number,
  sha256: stored.text,
  created_at: stored.number,
  expires_at_ms: stored.number,
  used_as_icon: stored.flag,
  fails_processing: stored.flag,
} as const satisfies FieldsOf<StoredFile>;

/** upload_files, retrieve_files. A file's content isn't stored: no operation returns it. */
const fileOperations = [
  operation({
    name: "upload_files",
    method: "POST",
    path: "/v1/files/upload",
    permissions: ["uploadFile"],
    upload: true,
    answer: async ({ world, form }) => ({ data: showFile(await storeFile(world, readUpload(form))) }),
  }),
  operation({
    name: "retrieve_files",
    method: "GET",
    path: "/v1/files/retrieve",
    permissions: ["retrieveFile"],
    query: { file_id: required(id) },
    answer: ({ world, query }) => ({
      data: showFile(liveFile(world, query.file_id) ?? refuseMissing("file", query.file_id)),
    }),
  }),
];

/** Uploaded files. */
export const fileArea: Area = {
  operations: fileOperations,
  collections: { files: { fields: storedFileFields } },
};

// The list of supported formats in upload_files; txt and md are not in it.
const extensions = new Set(
  [
    "doc docx xls xlsx ppt pptx pdf numbers csv",
    "cpp py java c",
    "jpg jpg2 jpeg png gif webp heic heif bmp pcd tiff",
    "wav mp3 flac m4a aac ogg wma midi",
    "mp4 avi mov 3gp 3gpp flv webm wmv rmvb m4v mkv",
    "rar zip 7z gz gzip bz2",
  ]
    .join(" ")
    .split(" "),
);

/** The one file of a form, within a size in bytes. Throws a Refusal. */
export function readOneFile(form: FormData | undefined, most = Number.POSITIVE_INFINITY): File {
  const [file, ...others] = [...(form?.values() ?? [])].filter((value) => value instanceof File);
  if (!form?.has("file") || !file) refuseParameter("file", "is required as a part of multipart/form-data");
  if (others.length) throw new Refusal(codes.severalFiles, "Only one file can be uploaded at a time");
  if (file.size === 0) throw new Refusal(codes.emptyFile, "The uploaded file is empty");
  if (file.size > most) throw new Refusal(codes.fileTooLarge, `The file exceeds ${most} bytes`);
  return file;
}

function readUpload(form: FormData | undefined): File {
  const file = readOneFile(form);
  const extension = file.name.split(".").at(-1)?.toLowerCase() ?? "";
  if (!extensions.has(extension)) {
    throw new Refusal(codes.fileFormat, `The file format .${extension} is not supported`);
  }
  return file;
}

async function storeFile(world: World, upload: File): Promise<StoredFile> {
  const content = Buffer.from(await upload.arrayBuffer());
  const file: StoredFile = {
    id: world.newId(),
    file_name: upload.name,
    bytes: content.byteLength,
    sha256: hash(content),
    created_at: world.seconds(),
    expires_at_ms: timeAfter(world, world.options.fileLifeMs),
    used_as_icon: false,
    fails_processing: content.includes(failureMark),
  };
  world.files.set(file.id, file);
  return file;
}

function showFile(file: StoredFile): object {
  return { id: file.id, bytes: file.bytes, file_name: file.file_name, created_at: file.created_at };
}

/** An uploaded file that has not expired. */
export function liveFile(world: World, id: string): StoredFile | undefined {
  const file = world.files.get(id);
  return file && (file.used_as_icon || file.expires_at_ms > world.now()) ? file : undefined;
}

/** Checks the file of an icon; returns the function that keeps it from expiring. */
export function iconFile(world: World, id: string | undefined, field: string): () => void {
  if (id === undefined) return () => {};
  const file = liveFile(world, id) ?? refuseParameter(field, `${id} does not exist or has expired`);
  return () => {
    file.used_as_icon = true;
  };
}

/** The processing of content with this mark fails, as does that of pages of the host `fail.invalid`. */
export const failureMark = "!!fail!!";

/** Hex SHA-256, by which tests recognise content that the API never returns. */
export function hash(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
