import { say } from "../messages/text.ts";
import type { FileContent, Json } from "./value.ts";

/** What a value looks like. Sizes of texts count characters (code points), sizes of files bytes. */
export type Shape =
  | StringShape
  | EnumShape
  | NumberShape
  | { readonly type: "boolean" }
  | RefShape
  | FileShape
  | ListShape
  | MapShape
  | ObjectShape;

export interface StringShape {
  readonly type: "string";
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** What matches `pattern`, in words, for messages: `a user id of digits`. */
  readonly patternHint?: () => string;
  readonly format?: "uri";
  /** It names an environment of the project. */
  readonly names?: "environment";
  /** It is a name in another environment, which the field of this name beside it gives. */
  readonly elsewhere?: string;
  /** It is the id of an object of this kind, which no resource makes: manifests may also write `{lookup: …}`. */
  readonly lookup?: string;
  /** A text that may be long: manifests may write `{file: path}` for it, plans show a diff of words. */
  readonly text?: true;
}

/** One of a few words; `open` lets other words through, for sets that Coze extends without notice. */
export interface EnumShape {
  readonly type: "enum";
  readonly values: readonly string[];
  readonly open?: true;
}

export interface NumberShape {
  readonly type: "integer" | "number";
  readonly minimum?: number;
  readonly maximum?: number;
  /** Seconds, for which manifests may also write a duration: `90s`, `2m`. */
  readonly duration?: true;
}

/** The id of an object of a kind: in manifests a resource's name, `{id}` or `{lookup}`. */
export interface RefShape {
  readonly type: "ref";
  readonly kind: string;
  /** Kinds whose resources stand for such an object as well, by the word for them in manifests: `{copy: name}`. */
  readonly others?: { readonly [word: string]: CopyReference };
  /** Where the field of this name beside it is given, a text is a name in another environment and no reference. */
  readonly elsewhere?: string;
  /** Coze takes only an object that was published. */
  readonly published?: true;
  /** `awaited`: what Coze processes below that object has to be ready before the reference is made or published. */
  readonly contents?: "awaited";
}

/** Resources of a kind that make objects of another, where these fields have these values. */
export interface CopyReference {
  readonly kind: string;
  readonly where: { readonly [field: string]: string };
}

/** A local file; manifests write its path. */
export interface FileShape {
  readonly type: "file";
  readonly extensions: readonly string[];
  readonly maxBytes?: number;
  /** Other files are taken, too, if their content is text. */
  readonly otherTexts?: true;
  /** Extensions of files that travel inside the creating call; the others are uploaded first. */
  readonly inline?: readonly string[];
}

/** Ordered unless `unordered`; `key` names the field by which items that are objects are told apart. */
export interface ListShape {
  readonly type: "list";
  readonly items: Shape;
  readonly unordered?: true;
  readonly key?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Free keys; without `values` anything that JSON can hold. */
interface MapShape {
  readonly type: "map";
  /** What its keys look like, and that in words. */
  readonly keys?: { readonly pattern: string; readonly patternHint: () => string };
  readonly values?: Shape;
}

export interface ObjectShape {
  readonly type: "object";
  readonly fields: Fields;
  /** Exactly one of these fields is given. */
  readonly exactlyOne?: readonly string[];
  /** Words that stand for a whole object in manifests: `api` for `{id: "1024"}`. */
  readonly shorthand?: { readonly [word: string]: { readonly [field: string]: Json } };
  /** A text written for the whole object is the value of this field. */
  readonly textField?: string;
}

/** What an account has to pay for: any plan, or one for enterprises. */
export type PlanLevel = "paid" | "enterprise";

interface Common {
  /** Markdown, a sentence or two; with the link to Coze's page where a limit comes from. */
  readonly description: string;
  /** What is so in manifests only: words and references that they write in ways of their own. Markdown, sentences. */
  readonly inManifests?: string;
  /** `computed`: only Coze sets it. */
  readonly presence: "required" | "optional" | "computed";
  /** Coze works it out from other objects: that it is another one is no change of this object. */
  readonly derived?: true;
  /** A change means replacing the object; what Coze sets stays as it is for the object's whole life. */
  readonly immutable?: true;
  readonly sensitive?: true;
  /** `false`: Coze never returns it; `"sometimes"`: absent from some answers. Then the last applied value counts. */
  readonly readable?: false | "sometimes";
  /** It says how the file of the resource is read: the file's hash shows its effect, and by itself it is no difference. */
  readonly shownBy?: "file";
  /** Left out of a manifest, or taken out of one, it stays as it was last applied. For short texts that are no secret. */
  readonly sticky?: true;
  /** Only accounts on such a plan may set it; of some values alone, those. */
  readonly plan?: { readonly level: PlanLevel; readonly values?: readonly Json[] };
  /** The API takes the field only when creating, or only when updating (then a second call follows the creation). */
  readonly settable?: "create" | "update";
  /** `false`: the API has no way to unset it. */
  readonly clearable?: false;
  /** What Coze holds when nothing was set; also what a field goes back to when it is taken out of a manifest. */
  readonly default?: Json;
  /** Top-level field names that can't be given together with this one. */
  readonly conflictsWith?: readonly string[];
  /**
   * Says when a wanted and a live value mean the same; by default they must be equal in the shape's own terms. Of a
   * field that Coze never returns it is given what was last applied, in remembered form.
   */
  readonly equal?: (want: Json, live: Json) => boolean;
}

export type Field = Shape & Common;
export type Fields = { readonly [name: string]: Field };

/** A local file in the hands of a kind: read it, or have it uploaded (once per content). */
export interface FileHandle extends FileContent {
  /** The file's own name, without folders. */
  readonly name: string;
  read(): Promise<Uint8Array>;
  /** Uploads unless the same content already was, and returns Coze's file id. */
  upload(): Promise<string>;
}

/** The kind of the objects that a value of a shape is an id of, where manifests may look one up. */
export function kindLookedUp(shape: Shape): string | undefined {
  if (shape.type === "ref") return shape.kind;
  return shape.type === "string" ? shape.lookup : undefined;
}

type ValueOf<S extends Shape> = S extends { type: "string" | "ref" }
  ? string
  : S extends { type: "enum"; values: readonly (infer V)[] }
    ? S extends { open: true }
      ? string
      : V
    : S extends { type: "integer" | "number" }
      ? number
      : S extends { type: "boolean" }
        ? boolean
        : S extends { type: "file" }
          ? FileHandle
          : S extends { type: "list"; items: infer I extends Shape }
            ? readonly ValueOf<I>[]
            : S extends { type: "map"; values: infer V extends Shape }
              ? { readonly [key: string]: ValueOf<V> }
              : S extends { type: "map" }
                ? { readonly [key: string]: Json }
                : S extends { type: "object"; fields: infer F extends Fields }
                  ? Spec<F>
                  : never;

type Named<F extends Fields, P extends Field["presence"]> = {
  [N in keyof F]: F[N]["presence"] extends P ? N : never;
}[keyof F];

type Flat<T> = { [K in keyof T]: T[K] } & {};

/** What users write, with references resolved to ids and files to handles. */
export type Spec<F extends Fields> = Flat<
  { readonly [N in Named<F, "required">]: ValueOf<F[N]> } & {
    readonly [N in Named<F, "optional">]?: ValueOf<F[N]>;
  }
>;

/** What Coze shows of an object: any field may be absent from an answer; files never come back. */
export type Live<F extends Fields> = Flat<{ readonly [N in keyof F]?: LiveValue<F[N]> }>;

type LiveValue<S extends Shape> = S extends { type: "file" }
  ? never
  : S extends { type: "object"; fields: infer F extends Fields }
    ? Live<F>
    : S extends { type: "list"; items: { type: "object"; fields: infer F extends Fields } }
      ? readonly Live<F>[]
      : ValueOf<S>;

/**
 * What an id of Coze's may look like, for fields that hold one: parts of addresses are made of ids, where `..` or a
 * slash would lead elsewhere.
 */
export const idText = {
  pattern: "^[A-Za-z0-9_-]{1,64}$",
  patternHint: () => say("core/id"),
} as const;

const pattern = new RegExp(idText.pattern, "u");

/** Whether a text can be an id. */
export const isId = (text: string): boolean => pattern.test(text);
