import type { Fields, Spec } from "../core/field.ts";
import { extensionOf, textExtensions } from "../core/text-content.ts";
import type { Json } from "../core/value.ts";
import { imageExtensions, uploadLimit } from "./response-values.ts";

/** The files that Coze takes by their own type (https://docs.coze.cn/developer_guides/create_knowledge_files). */
const ownTypes = ["pdf", "txt", "doc", "docx"] as const;

/** With all other text files: Coze doesn't know these, and they are sent as `txt`, under their own names. */
const documentExtensions = [...ownTypes, ...textExtensions.filter((extension) => extension !== "txt")];

/** Sent inside a request of at most 15 MB, in which base64 makes of 3 bytes 4. */
export const largestText = 10 * 1024 * 1024;

/** Whether a file of this name goes into a dataset of images. */
export const isImageName = (name: string): boolean =>
  imageExtensions.some((extension) => extension === extensionOf(name));

/** The type of a text file in Coze's terms. */
export function fileType(name: string): string {
  const extension = extensionOf(name);
  return ownTypes.find((type) => type === extension) ?? "txt";
}

/**
 * Whether Coze shows a document under this name: it may append the file's extension, also to a name that has it
 * already (`x.pdf.pdf`).
 */
export function isShownAs(want: string, live: string): boolean {
  if (want === live) return true;
  const own = ownTypes.find((extension) => extension === extensionOf(want));
  return ownTypes.some(
    (extension) => live === `${want}.${extension}` && (own === undefined || own === extension),
  );
}

export type DocumentSpec = Spec<typeof documentFields>;

/** https://docs.coze.cn/developer_guides/create_knowledge_files */
export const documentFields = {
  dataset: {
    type: "ref",
    kind: "Dataset",
    presence: "required",
    immutable: true,
    description: "The dataset that holds the document. The token's user must own it.",
  },
  name: {
    type: "string",
    presence: "required",
    minLength: 1,
    equal: (want: Json, live: Json) => isShownAs(String(want), String(live)),
    description: "Name of the document. Coze may show it with the file's extension appended.",
  },
  source: {
    type: "object",
    presence: "required",
    exactlyOne: ["file", "url"],
    description: "Where the content comes from. Other content makes another document of the same name.",
    fields: {
      file: {
        type: "file",
        presence: "optional",
        immutable: true,
        readable: false,
        extensions: [...documentExtensions, ...imageExtensions],
        otherTexts: true,
        inline: documentExtensions,
        maxBytes: uploadLimit,
        description:
          "A local file of up to 10 MB for a text dataset, an image for an image dataset. Coze takes pdf, doc, docx and txt; text under any other ending, such as md, csv or none, is sent to it as txt under its own name, and HTML as readable text.",
      },
      encoding: {
        type: "string",
        minLength: 1,
        presence: "optional",
        shownBy: "file",
        readable: false,
        description:
          "Encoding of a text that isn't UTF-8, such as `gb18030`, `big5` or `utf-16le`. It is sent as UTF-8; a text that is UTF-8 already stays as it is.",
      },
      front_matter: {
        type: "enum",
        values: ["omit", "keep"],
        presence: "optional",
        default: "omit",
        shownBy: "file",
        readable: false,
        description: "Whether the front matter of Markdown is sent as part of the text.",
      },
      part: {
        type: "string",
        presence: "optional",
        minLength: 1,
        shownBy: "file",
        readable: false,
        description:
          "Of a text of more than 10 MB, the part to send: the id or title of the heading at which it begins. Parts are sections of the highest level that are small enough; `^` is what stands before the first.",
        inManifests: "`for_each: {files: …, split: true}` sets it.",
      },
      url: {
        type: "string",
        format: "uri",
        presence: "optional",
        immutable: true,
        readable: false,
        description: "Address of a web page, for a text dataset.",
      },
      refresh_hours: {
        type: "integer",
        presence: "optional",
        minimum: 24,
        description:
          "Hours after which Coze reads the web page again, at least 24. Without it, it is read once.",
      },
    },
  },
  chunking: {
    type: "object",
    presence: "optional",
    immutable: true,
    readable: "sometimes",
    description: "How the text is cut into chunks; automatic without it. A change makes another document.",
    fields: {
      by: {
        type: "enum",
        values: ["separator", "headings"],
        presence: "optional",
        default: "separator",
        readable: "sometimes",
        description:
          "What begins a chunk: a `separator` in the text, or `headings` of Markdown and HTML, before which a separator is put. All documents of a dataset must be cut in the same way then.",
      },
      level: {
        type: "integer",
        presence: "optional",
        minimum: 1,
        maximum: 6,
        shownBy: "file",
        readable: false,
        description: "The lowest level of headings that begin a chunk, 1 to 6; 2 by default.",
      },
      separator: {
        type: "string",
        presence: "optional",
        minLength: 1,
        readable: "sometimes",
        description:
          "Text between two chunks, such as a line break or `#`. Required unless `by` is `headings`.",
      },
      max_tokens: {
        type: "integer",
        presence: "optional",
        minimum: 100,
        maximum: 2000,
        readable: "sometimes",
        description:
          "Largest size of a chunk in tokens, 100 to 2000. Required with `separator`; 2000 by default with headings.",
      },
      remove_extra_spaces: {
        type: "boolean",
        presence: "optional",
        default: false,
        readable: "sometimes",
        description: "Whether repeated spaces, line breaks and tabs are dropped.",
      },
      remove_urls_emails: {
        type: "boolean",
        presence: "optional",
        default: false,
        readable: "sometimes",
        description: "Whether URLs and e-mail addresses are dropped.",
      },
    },
  },
  caption: {
    type: "string",
    presence: "optional",
    minLength: 1,
    text: true,
    readable: "sometimes",
    clearable: false,
    description: "What an image shows. Without it, Coze describes the image itself.",
  },
  status: {
    type: "enum",
    values: ["processing", "ready", "failed"],
    presence: "computed",
    description: "Whether Coze is done with the document.",
  },
  characters: { type: "integer", presence: "computed", description: "Number of characters in the document." },
  slices: { type: "integer", presence: "computed", description: "Number of chunks that Coze made of it." },
} as const satisfies Fields;
