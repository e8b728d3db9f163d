import { isEncoding } from "../core/content-faults.ts";
import type { Live } from "../core/field.ts";
import { canonicalJson, isFileContent, isObject, type Values } from "../core/value.ts";
import type { DocumentBase, DocumentItem, DocumentProgress } from "../coze/api/datasets.ts";
import type { CozeClient } from "../coze/client.ts";
import { CozeError, NotFound, UnexpectedAnswer } from "../coze/error-classes.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asText } from "../coze/http/response.ts";
import { type BatchOutcome, type Created, defineKind, type Item } from "../kind/kind.ts";
import type { Change, FieldProblem, FollowUpCall } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import {
  checkChunking,
  cutOf,
  cutsClash,
  describeChunking,
  findOtherChunking,
  isImageSpec,
  readingOf,
  strategyOf,
} from "./document-chunking.ts";
import {
  type DocumentSpec,
  documentFields,
  fileType,
  isImageName,
  isShownAs,
  largestText,
} from "./document-fields.ts";
import { holder, known, numeric } from "./response-values.ts";

type DocumentChange = Change<DocumentSpec, Live<typeof documentFields>>;

/** https://docs.coze.cn/developer_guides/create_knowledge_files */
export const document = defineKind<CozeClient, OperationName>()({
  name: "Document",
  description: "A document, web page or image in a dataset.",
  parent: "dataset",
  identity: ["dataset", "name"],
  recognizedBy: ["source"],
  removal: "delete",
  replacement: "create-first",
  // https://docs.coze.cn/developer_guides/delete_dataset
  goesWithHolder: true,
  remade: true,
  processed: true,
  operations: {
    create: "create_knowledge_files",
    update: "modify_knowledge_files",
    remove: "delete_knowdge_files",
    settle: "get_dataset_progress",
  },
  fields: documentFields,

  listing: { scope: captionWords, widest: [{ caption: "" }] },

  async *list(api, parent, { specs }) {
    const dataset = holder(parent);
    const captions = specs.some((spec) => captionWords(spec).length > 0)
      ? await readCaptions(api, dataset)
      : new Map<string, string>();
    for await (const page of api.documents.list(dataset)) {
      yield page.map((item) => describeItem(item, dataset, captions));
    }
  },

  createMany: {
    limit: 10,
    group: groupOf,
    weight: weightOf,
    // A request holds 15 MB at most, and there is more in it than files.
    maxWeight: 14 * 1024 * 1024,
    // Coze refuses the whole call, without saying which document it objects to.
    concernsOne: (error) =>
      error instanceof CozeError &&
      error.outcome === "none" &&
      (error.code === 4305 || error.about !== undefined),
    run: createDocuments,
  },

  // A list that shows no rules of cutting may only leave them out.
  findNotTaken: (spec, { chunking }) =>
    chunking === undefined ? undefined : findOtherChunking(spec, chunking),

  async update(api, { id }, { spec, changed }) {
    const hours = spec.source.refresh_hours;
    await api.documents.update({
      document_id: id,
      ...(changed.has("name") ? { document_name: spec.name } : {}),
      ...(changed.has("source")
        ? { update_rule: hours ? { update_type: 1, update_interval: hours } : { update_type: 0 } }
        : {}),
    });
  },

  removeMany: {
    limit: 100,
    async run(api, places) {
      await removeDocuments(
        api,
        places.map(({ id }) => id),
      );
      return places.map(() => ({ value: undefined }));
    },
  },

  followUps: [
    {
      name: "caption",
      operation: "update_image_caption",
      fields: ["caption"],
      calls: captionCalls,
      run: (api, { id, parent }, { caption = "" }) => api.images.setCaption(holder(parent), id, caption),
    },
  ],

  async settle(api, places) {
    const [first] = places;
    const progress = new Map<string, DocumentProgress>();
    for (let start = 0; start < places.length; start += 100) {
      const ids = places.slice(start, start + 100).map(({ id }) => id);
      for (const one of await api.documents.progress(holder(first?.parent), ids)) {
        progress.set(one.document_id, one);
      }
    }
    return places.map(({ id }) => settlementOf(progress.get(id)));
  },

  readingOf,
  parts: { limit: largestText, field: ["source", "part"] },
  agreement: {
    of: cutOf,
    clashes: cutsClash,
    path: ["chunking"],
    explain: (values) => explain("kinds/chunking-differs", values),
  },
  check: checkDocument,
  checkHeld: checkFormat,
  failureFields: {
    4305: "source.url",
    dataset_id: "dataset",
    document_name: "name",
    web_url: "source.url",
    file_base64: "source.file",
    file_type: "source.file",
    source_file_id: "source.file",
    update_interval: "source.refresh_hours",
    chunk_strategy: "chunking",
  },
});

/** Captions have a list of their own. */
function captionWords({ caption }: Partial<DocumentSpec>): readonly string[] {
  return caption === undefined ? [] : ["caption"];
}

async function readCaptions(api: CozeClient, dataset: string): Promise<ReadonlyMap<string, string>> {
  const captions = new Map<string, string>();
  for await (const page of api.images.list(dataset)) {
    for (const image of page) captions.set(image.document_id, image.caption ?? "");
  }
  return captions;
}

/** How Coze's processing ends without a usable document; all numbers but these and 1 are work. */
const failedEnds = {
  2: "kinds/document-disabled",
  3: "kinds/document-deleted",
  9: "kinds/no-reason",
  1000: "kinds/document-refused",
} as const;

/** Moderation rejects the same content again. */
const refusedEnd = 1000;

const isFailedEnd = (status: number): status is keyof typeof failedEnds => Object.hasOwn(failedEnds, status);

function healthOf(status: number): NonNullable<Item["health"]> {
  if (status === 1) return "ready";
  if (status === refusedEnd) return "refused";
  return isFailedEnd(status) ? "failed" : "working";
}

function describeItem(item: DocumentItem, dataset: string, captions: ReadonlyMap<string, string>) {
  const { status, update_type, update_interval, chunk_strategy: chunks } = item;
  // What people disabled in Coze's pages is theirs to enable again.
  const health = numeric(status) === 2 ? "ready" : healthOf(numeric(status) ?? 0);
  return {
    id: item.document_id,
    parent: dataset,
    revision: numeric(item.update_time),
    health,
    live: known({
      dataset,
      name: item.name,
      source: numeric(update_type) === 1 ? known({ refresh_hours: numeric(update_interval) }) : {},
      chunking: describeChunking(chunks),
      caption: captions.get(item.document_id),
      status: shownStatus[health],
      characters: numeric(item.char_count),
      slices: numeric(item.slice_count),
    }),
  };
}

const shownStatus = { ready: "ready", working: "processing", failed: "failed", refused: "failed" } as const;

/** Creation sets the caption; later it has a call of its own. */
function captionCalls({ spec, live, changed }: DocumentChange): readonly FollowUpCall[] {
  if (live === undefined || spec.caption === undefined || live.caption === spec.caption) return [];
  // If Coze doesn't show a caption, the last one applied counts.
  if (live.caption === undefined && !changed.has("caption")) return [];
  return [{ argument: null, effect: say("kinds/sets-caption") }];
}

// When one document is gone already, Coze refuses the whole call without saying which: then each goes alone.
async function removeDocuments(api: CozeClient, ids: readonly string[]): Promise<void> {
  try {
    await api.documents.remove(ids);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    if (ids.length > 1) for (const id of ids) await removeDocuments(api, [id]);
  }
}

function settlementOf(progress: DocumentProgress | undefined) {
  const status = numeric(progress?.status) ?? 0;
  if (status === 1) return { state: "ready" } as const;
  if (isFailedEnd(status)) {
    const reason = asText(progress?.status_descript) ?? say(failedEnds[status]);
    return { state: "failed", reason, ...(status === refusedEnd ? { refused: true as const } : {}) } as const;
  }
  const detail = status === 0 ? say("kinds/processing") : say("kinds/processing-status", { status });
  return { state: "working", detail, percent: numeric(progress?.progress) } as const;
}

function checkDocument({ source, chunking, caption }: Values): readonly FieldProblem[] {
  if (!isObject(source)) return [];
  const file = isFileContent(source.file) ? source.file : undefined;
  const name = file?.$file ?? (typeof source.file === "string" ? source.file : undefined);
  const isImage = name !== undefined && isImageName(name);
  const rules = [
    [
      source.encoding !== undefined && source.file === undefined,
      ["source", "encoding"],
      "kinds/encoding-of-page",
    ],
    [source.part !== undefined && source.file === undefined, ["source", "part"], "kinds/part-of-page"],
    [caption !== undefined && !isImage, ["caption"], "kinds/caption-on-images"],
    [chunking !== undefined && isImage, ["chunking"], "kinds/chunking-of-images"],
    [
      source.refresh_hours !== undefined && source.url === undefined,
      ["source", "refresh_hours"],
      "kinds/refresh-of-files",
    ],
    [file?.size === 0, ["source", "file"], "kinds/document-empty"],
    [!isImage && (file?.size ?? 0) > largestText, ["source", "file"], "kinds/document-large"],
  ] as const;
  const problems = rules.flatMap(([broken, path, key]): FieldProblem[] =>
    broken ? [{ path, ...explain(key) }] : [],
  );
  const { encoding } = source;
  if (typeof encoding === "string" && !isEncoding(encoding))
    problems.push({ path: ["source", "encoding"], ...explain("core/no-encoding", { encoding }) });
  return [...problems, ...(isObject(chunking) && !isImage ? checkChunking(chunking) : [])];
}

/** A dataset takes images or everything else, as its format says. */
function checkFormat({ source }: Values, { format }: Values): readonly FieldProblem[] {
  if (!isObject(source)) return [];
  const name = isFileContent(source.file) ? source.file.$file : undefined;
  const isImage = name !== undefined && isImageName(name);
  if (format === "text" && isImage)
    return [{ path: ["source", "file"], ...explain("kinds/image-among-texts", { file: name }) }];
  if (format !== "image" || isImage) return [];
  return name === undefined
    ? [{ path: ["source", "url"], ...explain("kinds/page-among-images") }]
    : [{ path: ["source", "file"], ...explain("kinds/text-among-images", { file: name }) }];
}

/** A key of what all documents of one call must share: the way of upload, chunking, and who writes captions. */
function groupOf({ source, chunking, caption }: Values): string {
  const file = isObject(source) && isFileContent(source.file) ? source.file.$file : undefined;
  const mode = file === undefined ? "page" : isImageName(file) ? "image" : "text";
  const rules = isObject(chunking) ? { ...chunking, level: null } : null;
  return canonicalJson([mode, rules, mode === "image" && caption !== undefined]);
}

/** Bytes of a document in the request; images are uploaded beforehand. */
function weightOf({ source }: Values): number {
  const file = isObject(source) && isFileContent(source.file) ? source.file : undefined;
  return file === undefined || isImageName(file.$file) ? 0 : base64Size(file.size);
}

const base64Size = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Makes up to ten documents of one group in one call. */
async function createDocuments(
  api: CozeClient,
  specs: readonly DocumentSpec[],
): Promise<readonly BatchOutcome<Created>[]> {
  const [first] = specs;
  if (!first) return [];
  const isImage = isImageSpec(first);
  const made = await api.documents.create({
    dataset_id: first.dataset,
    format_type: isImage ? 2 : 0,
    chunk_strategy: isImage ? { caption_type: first.caption === undefined ? 0 : 1 } : strategyOf(first),
    document_bases: await Promise.all(specs.map(baseOf)),
  });
  return matchAnswer(specs, made);
}

async function baseOf({ name, source, caption }: DocumentSpec): Promise<DocumentBase> {
  const { file, url, refresh_hours: hours } = source;
  if (file === undefined) {
    const rule = hours ? { update_rule: { update_type: 1, update_interval: hours } as const } : {};
    return { name, source_info: { web_url: url, document_source: 1 }, ...rule };
  }
  if (isImageName(file.name)) {
    const source_info = { source_file_id: await file.upload(), document_source: 5 } as const;
    return { name, source_info, ...(caption === undefined ? {} : { caption }) };
  }
  const content = Buffer.from(await file.read()).toString("base64");
  return { name, source_info: { file_base64: content, file_type: fileType(file.name) } };
}

/**
 * Finds each spec's document in the response: at the spec's own index if the name fits, because `x.pdf` may be another
 * document's `x`; otherwise by name; and in order if names don't decide.
 */
function matchAnswer(
  specs: readonly DocumentSpec[],
  made: readonly DocumentItem[],
): readonly BatchOutcome<Created>[] {
  const rest = [...made];
  const take = (fits: (item: DocumentItem) => boolean): DocumentItem | undefined => {
    const index = rest.findIndex(fits);
    return index < 0 ? undefined : rest.splice(index, 1)[0];
  };
  const isComplete = made.length === specs.length;
  const inPlace = specs.map(({ name }, index) => {
    const own = made[index];
    return isComplete && own && isShownAs(name, own.name ?? "") ? take((item) => item === own) : undefined;
  });
  const named = specs.map(
    ({ name }, index) =>
      inPlace[index] ??
      take((item) => item.name === name) ??
      take((item) => isShownAs(name, item.name ?? "")),
  );
  return specs.map((spec, index) => {
    const item = named[index] ?? (isComplete ? rest.shift() : undefined);
    if (!item) return { error: forgotten(spec.name) };
    const id = item.document_id;
    const shown = item.chunk_strategy;
    if (numeric(shown?.chunk_type) === undefined) return { value: { id, untold: !isImageSpec(spec) } };
    return { value: { id, notTaken: findOtherChunking(spec, describeChunking(shown)) } };
  });
}

function forgotten(name: string): UnexpectedAnswer {
  const { message, hint } = explain("kinds/document-unmentioned", { name });
  return new UnexpectedAnswer(message, { operation: "create_knowledge_files", outcome: "unknown", hint });
}
