/**
 * Ways in which the service may differ from its reference, seen in its clients or suspected; each is off unless it is
 * named.
 */
export const variantNames = [
  /** Stored texts lose the white space at their ends. */
  "trimmed-texts",
  /** Stored texts have LF for CRLF. */
  "lf-texts",
  /** Stored texts are in Unicode's composed form. */
  "composed-texts",
  /** Stored numbers are floats of 32 bits. */
  "short-floats",
  /** The pages of a dataset's documents count from 0. */
  "pages-from-0",
  /** Lists show what was updated last first. */
  "newest-first",
  /** The chunk strategy of a dataset's first documents holds for all after them, which need not give any. */
  "dataset-chunking",
  /** The answer to a document's creation lacks its chunk strategy. */
  "untold-chunking",
  /** Right after a document's creation its `source_type` and `update_type` are null. */
  "null-sources",
  /** Bots keep neither temperature nor top_p. */
  "fixed-sampling",
  /** Bots are read with an empty version, as in the reference's example. */
  "blank-versions",
  /** Pages of bots and apps over 20 items are refused. */
  "pages-to-20",
  /** Pages of documents over 100 items are refused. */
  "documents-to-100",
  /** Datasets of other workspaces are refused in bots. */
  "own-datasets",
  /** Model ids that aren't digits are refused. */
  "digit-models",
  /** What takes an enterprise's privileged app is refused to all other tokens, the emulator's own included. */
  "privileged-apps",
  /** Operations of larger plans are refused as premium features. */
  "premium-plans",
  /** Adding a collaborator who is there already is refused. */
  "known-collaborators",
  /** Removing a collaborator who isn't there succeeds. */
  "silent-removals",
  /** The names of an enterprise's organizations are unique. */
  "unique-organizations",
  /** A device's binding replaces those before it instead of adding to them. */
  "replaced-devices",
  /** The answer to a quota's creation holds it flat, with its id as a number, as in the reference's example. */
  "flat-quotas",
  /** Quotas have further scopes and kinds, and can be cancelled, as on the newest page. */
  "newest-quotas",
  /** The updates of quotas and voiceprints answer with data, as in the reference's examples. */
  "told-updates",
  /** The ids of a voiceprint's creator are numbers, as in the reference's examples. */
  "number-creators",
  /** An empty callback URL clears it. */
  "cleared-callbacks",
  /** Fields and query parameters that the reference doesn't name are refused. */
  "strict",
  /** Only the operations that a self-hosted Coze Studio has. */
  "studio",
] as const;

/** The name of a variant. */
export type Variant = (typeof variantNames)[number];

/** What has variants. */
interface Varied {
  readonly options: { readonly variants: readonly Variant[] };
}

/** Whether the service is of a variant. */
export const isVariant = ({ options }: Varied, variant: Variant): boolean =>
  options.variants.includes(variant);

/** Fields as the service stores them: by default as they were sent. */
export function normalise<T>(world: Varied, fields: T): T {
  const is = (variant: Variant): boolean => isVariant(world, variant);
  const change = (value: unknown): unknown => {
    if (typeof value === "string") {
      const ended = (is("trimmed-texts") && value.trim()) || value;
      const lines = is("lf-texts") ? ended.replaceAll("\r\n", "\n") : ended;
      return is("composed-texts") ? lines.normalize("NFC") : lines;
    }
    if (typeof value === "number") return is("short-floats") ? Math.fround(value) : value;
    if (Array.isArray(value)) return value.map(change);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
  };
  return change(fields) as T;
}

/** The operations of a self-hosted Coze Studio: datasets without new documents, bots to read, chats and runs. */
export const studioOperations: ReadonlySet<string> = new Set([
  "chat_v3",
  "create_dataset",
  "delete_dataset",
  "delete_knowdge_files",
  "get_dataset_progress",
  "get_images",
  "get_metadata",
  "get_metadata_draft_published",
  "get_workflow_info",
  "list_chat_messages",
  "list_dataset",
  "list_knowledge_files",
  "modify_knowledge_files",
  "retrieve_chat",
  "update_dataset",
  "update_image_caption",
  "upload_files",
  "workflow_history",
  "workflow_run",
]);
