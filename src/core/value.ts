/** JSON as it stands in manifests, state and plans. Ids are always strings. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The values of a resource by field name, nested as its fields are. */
export type Values = { readonly [name: string]: Json };

/** Stands where a `ref` field points at another resource of the project, until that resource has an id. */
export type Reference = { readonly $ref: string };

/**
 * Stands where a `ref` field describes an object that the project doesn't manage, until it is found. What holds it is
 * an id, the address of a resource, or itself looked up. `$drafts`: one that was never published will do, too.
 */
export type Lookup = {
  readonly $lookup: { readonly [field: string]: string | Lookup };
  readonly $drafts?: true;
};

/**
 * Stands where a `file` field names a local file: path relative to the project, content by hash, size in bytes; of a text
 * with its line ends as LF. `formerly`: hashes by which older versions knew the same text; it is never remembered.
 */
export type FileContent = {
  readonly $file: string;
  readonly sha256: string;
  readonly size: number;
  readonly formerly?: readonly string[];
  /** How it is read; without it, it goes as it is. Its effect is in the hash, so that it is never remembered. */
  readonly reading?: FileReading;
};

/** How the text in a file is read before it is sent. */
export type FileReading = {
  /** Of text that isn't UTF-8, a label of the Encoding Standard: `gb18030`. */
  readonly encoding?: string;
  /** Front matter of Markdown stays in it. */
  readonly frontMatter?: true;
  /** This line is put before each heading down to this level. */
  readonly cut?: { readonly level: number; readonly separator: string };
  /** Only the part of this key is sent: the text is divided at headings into parts of at most `limit` bytes. */
  readonly part?: string;
  readonly limit?: number;
};

/** Stands in state and plans for a value that is too long or too secret to keep; equal digests mean equal values. */
export type Digest = { readonly $digest: string; readonly characters?: number; readonly sensitive?: true };

export const isObject = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isReference = (value: unknown): value is Reference => isObject(value) && "$ref" in value;
export const isLookup = (value: unknown): value is Lookup => isObject(value) && "$lookup" in value;
export const isFileContent = (value: unknown): value is FileContent => isObject(value) && "$file" in value;
/** Whether two files have the same content, be it under a hash of an older version. */
export const isSameContent = (one: FileContent, other: FileContent): boolean =>
  one.sha256 === other.sha256 ||
  one.formerly?.includes(other.sha256) === true ||
  other.formerly?.includes(one.sha256) === true;

/** A file as it is remembered and shown. */
export const rememberFile = ({ $file, sha256, size }: FileContent): FileContent => ({ $file, sha256, size });

export const isDigest = (value: unknown): value is Digest => isObject(value) && "$digest" in value;

/** Whether no reference is left in a value. */
export function isSettled(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isSettled);
  return !isObject(value) || (!isReference(value) && Object.values(value).every(isSettled));
}

/** JSON with the keys of every object sorted: the same values always give the same text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sortKeys(value));

/** A value with the keys of every object sorted; what is sorted already isn't copied. */
function sortKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(sortKeys);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const parts = value as { readonly [key: string]: unknown };
  const keys = Object.keys(parts);
  const changed = new Map<string, unknown>();
  let isSorted = true;
  let before = "";
  for (const key of keys) {
    const part = parts[key];
    const sorted = sortKeys(part);
    if (sorted !== part) changed.set(key, sorted);
    if (before > key) isSorted = false;
    before = key;
  }
  if (isSorted && changed.size === 0) return value;
  const inOrder = isSorted ? keys : keys.sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(inOrder.map((key) => [key, changed.has(key) ? changed.get(key) : parts[key]]));
}
