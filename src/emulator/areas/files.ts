import { codes, Refusal, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { id, required } from "../http/params.ts";
import type { StoredFile } from "../world/entities.ts";
import { momentIn, type World } from "../world/world.ts";
import { failureMark } from "./document-processing.ts";
import { hash } from "./document-sources.ts";
import { liveFile } from "./visibility.ts";

/** upload_files, retrieve_files. A file's content is not kept: nothing gives it back. */
export const fileOperations = [
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

function readUpload(form: FormData | undefined): File {
  const [file, ...others] = [...(form?.values() ?? [])].filter((value) => value instanceof File);
  if (!form?.has("file") || !file) {
    refuseParameter("file", "is required as a part of multipart/form-data");
  }
  if (others.length) {
    throw new Refusal(codes.severalFiles, "Only one file can be uploaded at a time");
  }
  if (file.size === 0) {
    throw new Refusal(codes.emptyFile, "The uploaded file is empty");
  }
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
    expires_at_ms: momentIn(world, world.options.fileLifeMs),
    used_as_icon: false,
    fails_processing: content.includes(failureMark),
  };
  world.files.set(file.id, file);
  return file;
}

function showFile(file: StoredFile): object {
  return { id: file.id, bytes: file.bytes, file_name: file.file_name, created_at: file.created_at };
}
