// Made from the kinds by npm run generate: change those, and run it again.
import type { ComplexObject, IResolvable, TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeDocument}. */
export interface DataCozeDocumentConfig extends TerraformMetaArguments {
  /** Its id, instead of dataset and name. */
  readonly id?: string | undefined;
  /** The dataset that holds the document. The token's user must own it. */
  readonly dataset?: Reference<"coze_dataset"> | undefined;
  /** Name of the document. Coze may show it with the file's extension appended. */
  readonly name?: string | undefined;
}

export interface DataCozeDocumentSourceOutputReference extends ComplexObject {
  /** Hours after which Coze reads the web page again, at least 24. Without it, it is read once. */
  get refreshHours(): number;
}

export interface DataCozeDocumentChunkingOutputReference extends ComplexObject {
  /** What begins a chunk: a `separator` in the text, or `headings` of Markdown and HTML, before which a separator is put. All documents of a dataset must be cut in the same way then. */
  get by(): string;
  /** Text between two chunks, such as a line break or `#`. Required unless `by` is `headings`. */
  get separator(): string;
  /** Largest size of a chunk in tokens, 100 to 2000. Required with `separator`; 2000 by default with headings. */
  get maxTokens(): number;
  /** Whether repeated spaces, line breaks and tabs are dropped. */
  get removeExtraSpaces(): IResolvable;
  /** Whether URLs and e-mail addresses are dropped. */
  get removeUrlsEmails(): IResolvable;
}

export interface DataCozeDocument {
  /** Its id, instead of dataset and name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The dataset that holds the document. The token's user must own it. */
  get dataset(): string;
  set dataset(value: Reference<"coze_dataset">);
  resetDataset(): void;
  readonly datasetInput: Reference<"coze_dataset"> | undefined;
  /** Name of the document. Coze may show it with the file's extension appended. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** Where the content comes from. Other content makes another document of the same name. */
  get source(): DataCozeDocumentSourceOutputReference;
  /** How the text is cut into chunks; automatic without it. A change makes another document. */
  get chunking(): DataCozeDocumentChunkingOutputReference;
  /** What an image shows. Without it, Coze describes the image itself. */
  get caption(): string;
  /** Whether Coze is done with the document. */
  get status(): string;
  /** Number of characters in the document. */
  get characters(): number;
  /** Number of chunks that Coze made of it. */
  get slices(): number;
}

/** A document, web page or image in a dataset. Looked up by `id`, or by dataset and name; it is an error if there is none or more than one. */
export class DataCozeDocument extends CozeDataSource {
  static readonly tfResourceType = "coze_document";
  declare readonly terraformResourceType: "coze_document";

  constructor(scope: Construct, id: string, config: DataCozeDocumentConfig = {}) {
    super(scope, id, "coze_document", config);
  }
}

exposeDataSource(DataCozeDocument);
