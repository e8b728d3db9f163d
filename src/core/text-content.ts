import { createHash } from "node:crypto";

/** Types of files that are text whatever they are for, as extensions, in groups. */
export const textExtensions = [
  ...["txt", "md", "markdown", "mdx", "rst", "adoc", "asciidoc", "org", "tex", "text", "log", "srt", "vtt"],
  ...["csv", "tsv", "json", "jsonl", "ndjson", "xml", "html", "htm", "xhtml"],
  ...["yaml", "yml", "toml", "ini", "conf", "cfg", "properties", "sql"],
] as const;

/** Types of files that are no text although a few of them look like some, as extensions. */
const binaryExtensions = [
  ...[
    "pdf",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "odt",
    "ods",
    "odp",
    "rtf",
    "epub",
    "mobi",
    "wps",
    "et",
    "dps",
  ],
  ...["pages", "numbers", "key", "vsdx", "one", "msg", "zip", "gz", "tgz", "7z", "rar", "tar", "bz2", "xz"],
  ...["jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "ico", "heic", "svgz", "psd", "avif"],
  ...["mp3", "wav", "m4a", "ogg", "flac", "pcm", "mp4", "mov", "avi", "mkv", "webm"],
] as const;

/** The extension of a file's name in lower case, without its dot; empty where it has none. */
export const extensionOf = (name: string): string => /\.([^./]+)$/u.exec(name)?.[1]?.toLowerCase() ?? "";

/** What a file's name tells of its content; of the rest, only the content itself tells. */
export function kindOfName(name: string): "text" | "binary" | "unknown" {
  const extension: string = extensionOf(name);
  if (textExtensions.some((one) => one === extension)) return "text";
  return binaryExtensions.some((one) => one === extension) ? "binary" : "unknown";
}

/** Whether a file of this name is text, so that its line ends may change on the way through git. */
export const isTextFile = (name: string): boolean => kindOfName(name) === "text";

/** What a file counts as: its content without what differs between checkouts. */
export interface CountedContent {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** Digests under which versions up to 0.1.0 knew the same text: they took line ends and byte order marks for content. */
  readonly formerly?: readonly string[];
}

/** Counts a file's content: texts in LF and without a byte order mark, everything else as it is. */
export function countContent(name: string, bytes: Uint8Array): CountedContent {
  return isTextFile(name) ? countText(bytes) : { bytes, sha256: digestBytes(bytes) };
}

/** Counts the content of a file that is text, whatever its name: in LF and without a byte order mark. */
export function countText(bytes: Uint8Array): CountedContent {
  const plain = toLf(bytes);
  const sha256 = digestBytes(plain);
  const others = [...(plain === bytes ? [] : [digestBytes(bytes)]), digestCrlf(plain)].filter(
    (one) => one !== sha256,
  );
  return { bytes: plain, sha256, ...(others.length > 0 ? { formerly: [...new Set(others)] } : {}) };
}

/** The most bytes of a text file whose counted content has this many. */
export const mostBytesOf = (size: number): number => 2 * size + byteOrderMark.length;

const byteOrderMark = "\u00ef\u00bb\u00bf";

// Every byte is one character of Latin-1, and line ends are the same bytes in UTF-8.
const toLf = (bytes: Uint8Array): Uint8Array => {
  if (!bytes.includes(0x0d) && bytes[0] !== 0xef) return bytes;
  const text = latin1(bytes).replaceAll("\r\n", "\n");
  return Buffer.from(text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text, "latin1");
};

/** Bytes that are converted at a time. */
const chunkSize = 2 ** 18;

/** The digest of a text with its line ends as CRLF; of a large one no second copy is made. */
function digestCrlf(bytes: Uint8Array): string {
  const hash = createHash("sha256");
  for (let start = 0; start < bytes.length; start += chunkSize) {
    hash.update(latin1(bytes.subarray(start, start + chunkSize)).replaceAll("\n", "\r\n"), "latin1");
  }
  return hash.digest("hex");
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

const digestBytes = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
