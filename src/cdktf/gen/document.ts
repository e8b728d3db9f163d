// Made from the kinds by npm run generate: change those, and run it again.
import type { ComplexObject, IResolvable, TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link Document}. */
export interface DocumentConfig extends TerraformMetaArguments {
  /** The dataset that holds the document. The token's user must own it. */
  readonly dataset: Reference<"coze_dataset">;
  /** Name of the document. Coze may show it with the file's extension appended. */
  readonly name: string;
  /** Where the content comes from. Other content makes another document of the same name. */
  readonly source: DocumentSource;
  /** How the text is cut into chunks; automatic without it. A change makes another document. */
  readonly chunking?: DocumentChunking | undefined;
  /** What an image shows. Without it, Coze describes the image itself. */
  readonly caption?: string | undefined;
  /** How long Coze's own work is waited for. The next apply continues to wait for what takes longer. */
  readonly timeouts?: DocumentTimeouts | undefined;
}

/** Where the content comes from. Other content makes another document of the same name. */
export interface DocumentSource {
  /** A local file of up to 10 MB for a text dataset, an image for an image dataset. Coze takes pdf, doc, docx and txt; text under any other ending, such as md, csv or none, is sent to it as txt under its own name, and HTML as readable text. */
  readonly file?: string | undefined;
  /** Encoding of a text that isn't UTF-8, such as `gb18030`, `big5` or `utf-16le`. It is sent as UTF-8; a text that is UTF-8 already stays as it is. */
  readonly encoding?: string | undefined;
  /** Whether the front matter of Markdown is sent as part of the text. */
  readonly frontMatter?: "omit" | "keep" | (string & {}) | undefined;
  /** Of a text of more than 10 MB, the part to send: the id or title of the heading at which it begins. Parts are sections of the highest level that are small enough; `^` is what stands before the first. */
  readonly part?: string | undefined;
  /** Address of a web page, for a text dataset. */
  readonly url?: string | undefined;
  /** Hours after which Coze reads the web page again, at least 24. Without it, it is read once. */
  readonly refreshHours?: number | undefined;
}

export interface DocumentSourceOutputReference extends ComplexObject {
  /** A local file of up to 10 MB for a text dataset, an image for an image dataset. Coze takes pdf, doc, docx and txt; text under any other ending, such as md, csv or none, is sent to it as txt under its own name, and HTML as readable text. */
  get file(): string;
  set file(value: string);
  resetFile(): void;
  readonly fileInput: string | undefined;
  /** SHA-256 of the content of `file`, worked out when planning. */
  get fileSha256(): string;
  /** Encoding of a text that isn't UTF-8, such as `gb18030`, `big5` or `utf-16le`. It is sent as UTF-8; a text that is UTF-8 already stays as it is. */
  get encoding(): string;
  set encoding(value: string);
  resetEncoding(): void;
  readonly encodingInput: string | undefined;
  /** Whether the front matter of Markdown is sent as part of the text. */
  get frontMatter(): string;
  set frontMatter(value: "omit" | "keep" | (string & {}));
  resetFrontMatter(): void;
  readonly frontMatterInput: "omit" | "keep" | (string & {}) | undefined;
  /** Of a text of more than 10 MB, the part to send: the id or title of the heading at which it begins. Parts are sections of the highest level that are small enough; `^` is what stands before the first. */
  get part(): string;
  set part(value: string);
  resetPart(): void;
  readonly partInput: string | undefined;
  /** Address of a web page, for a text dataset. */
  get url(): string;
  set url(value: string);
  resetUrl(): void;
  readonly urlInput: string | undefined;
  /** Hours after which Coze reads the web page again, at least 24. Without it, it is read once. */
  get refreshHours(): number;
  set refreshHours(value: number);
  resetRefreshHours(): void;
  readonly refreshHoursInput: number | undefined;
}

/** How the text is cut into chunks; automatic without it. A change makes another document. */
export interface DocumentChunking {
  /** What begins a chunk: a `separator` in the text, or `headings` of Markdown and HTML, before which a separator is put. All documents of a dataset must be cut in the same way then. */
  readonly by?: "separator" | "headings" | (string & {}) | undefined;
  /** The lowest level of headings that begin a chunk, 1 to 6; 2 by default. */
  readonly level?: number | undefined;
  /** Text between two chunks, such as a line break or `#`. Required unless `by` is `headings`. */
  readonly separator?: string | undefined;
  /** Largest size of a chunk in tokens, 100 to 2000. Required with `separator`; 2000 by default with headings. */
  readonly maxTokens?: number | undefined;
  /** Whether repeated spaces, line breaks and tabs are dropped. */
  readonly removeExtraSpaces?: boolean | IResolvable | undefined;
  /** Whether URLs and e-mail addresses are dropped. */
  readonly removeUrlsEmails?: boolean | IResolvable | undefined;
}

export interface DocumentChunkingOutputReference extends ComplexObject {
  /** What begins a chunk: a `separator` in the text, or `headings` of Markdown and HTML, before which a separator is put. All documents of a dataset must be cut in the same way then. */
  get by(): string;
  set by(value: "separator" | "headings" | (string & {}));
  resetBy(): void;
  readonly byInput: "separator" | "headings" | (string & {}) | undefined;
  /** The lowest level of headings that begin a chunk, 1 to 6; 2 by default. */
  get level(): number;
  set level(value: number);
  resetLevel(): void;
  readonly levelInput: number | undefined;
  /** Text between two chunks, such as a line break or `#`. Required unless `by` is `headings`. */
  get separator(): string;
  set separator(value: string);
  resetSeparator(): void;
  readonly separatorInput: string | undefined;
  /** Largest size of a chunk in tokens, 100 to 2000. Required with `separator`; 2000 by default with headings. */
  get maxTokens(): number;
  set maxTokens(value: number);
  resetMaxTokens(): void;
  readonly maxTokensInput: number | undefined;
  /** Whether repeated spaces, line breaks and tabs are dropped. */
  get removeExtraSpaces(): IResolvable;
  set removeExtraSpaces(value: boolean | IResolvable);
  resetRemoveExtraSpaces(): void;
  readonly removeExtraSpacesInput: boolean | IResolvable | undefined;
  /** Whether URLs and e-mail addresses are dropped. */
  get removeUrlsEmails(): IResolvable;
  set removeUrlsEmails(value: boolean | IResolvable);
  resetRemoveUrlsEmails(): void;
  readonly removeUrlsEmailsInput: boolean | IResolvable | undefined;
}

/** How long Coze's own work is waited for. The next apply continues to wait for what takes longer. */
export interface DocumentTimeouts {
  /** How long a creation may take, such as `"90s"`, `"10m"` or `"1h30m"`. Default 30 minutes of waiting. */
  readonly create?: string | undefined;
  /** The same for an apply that continues to wait for what an earlier one made. */
  readonly update?: string | undefined;
}

export interface DocumentTimeoutsOutputReference extends ComplexObject {
  /** How long a creation may take, such as `"90s"`, `"10m"` or `"1h30m"`. Default 30 minutes of waiting. */
  get create(): string;
  set create(value: string);
  resetCreate(): void;
  readonly createInput: string | undefined;
  /** The same for an apply that continues to wait for what an earlier one made. */
  get update(): string;
  set update(value: string);
  resetUpdate(): void;
  readonly updateInput: string | undefined;
}

export interface Document {
  /** Id that Coze gave it. */
  get id(): string;
  /** The dataset that holds the document. The token's user must own it. */
  get dataset(): string;
  set dataset(value: Reference<"coze_dataset">);
  readonly datasetInput: Reference<"coze_dataset"> | undefined;
  /** Name of the document. Coze may show it with the file's extension appended. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
  /** Where the content comes from. Other content makes another document of the same name. */
  get source(): DocumentSourceOutputReference;
  putSource(value: DocumentSource): void;
  readonly sourceInput: DocumentSource | undefined;
  /** How the text is cut into chunks; automatic without it. A change makes another document. */
  get chunking(): DocumentChunkingOutputReference;
  putChunking(value: DocumentChunking): void;
  resetChunking(): void;
  readonly chunkingInput: DocumentChunking | undefined;
  /** What an image shows. Without it, Coze describes the image itself. */
  get caption(): string;
  set caption(value: string);
  resetCaption(): void;
  readonly captionInput: string | undefined;
  /** Whether Coze is done with the document. */
  get status(): string;
  /** Number of characters in the document. */
  get characters(): number;
  /** Number of chunks that Coze made of it. */
  get slices(): number;
  /** What an apply that failed didn't come to, such as `publish`; the next one does it. Null when all was done. */
  get unfinished(): string[];
  /** How long Coze's own work is waited for. The next apply continues to wait for what takes longer. */
  get timeouts(): DocumentTimeoutsOutputReference;
  putTimeouts(value: DocumentTimeouts): void;
  resetTimeouts(): void;
  readonly timeoutsInput: DocumentTimeouts | undefined;
}

/** A document, web page or image in a dataset. */
export class Document extends CozeResource {
  static readonly tfResourceType = "coze_document";
  declare readonly terraformResourceType: "coze_document";

  constructor(scope: Construct, id: string, config: DocumentConfig) {
    super(scope, id, "coze_document", config);
  }
}

exposeResource(Document);
