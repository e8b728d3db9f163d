import { english } from "./en/index.ts";

/** A text with `{{name}}` for each value that it takes, or one per plural form, chosen by `{{count}}`. */
export type Message = string | { readonly one?: string; readonly other: string };

/** The texts of one language: a translation has every key of the English one, and takes the same values. */
export type Catalogue = { readonly [Key in MessageKey]: Message };

export type MessageKey = keyof typeof english;

/** A key whose problem has a next move: its hint stands below the same key with `.hint`. */
export type ProblemKey = Extract<WithoutHint<MessageKey>, MessageKey>;

type WithoutHint<Key> = Key extends `${infer Base}.hint` ? Base : never;

/** A key whose text takes no values: data hold such keys for texts that are shown later. */
export type PlainKey = {
  [Key in MessageKey]: [NamesOf<Key>] extends [never] ? Key : never;
}[MessageKey];

type Names<Text> = Text extends string
  ? Text extends `${string}{{${infer Name}}}${infer Rest}`
    ? Name | Names<Rest>
    : never
  : Names<Text[keyof Text]>;

type NamesOf<Key extends MessageKey> = Names<(typeof english)[Key]>;

type Values<Name extends string> = [Name] extends [never]
  ? []
  : [
      values: {
        readonly [Each in Name]: Each extends "count"
          ? number
          : Each extends "commandLine" | `${string}CommandLine`
            ? CommandLine
            : string | number;
      },
    ];

/** A command line that can be pasted into a shell; `commandLine` in core makes it. */
export type CommandLine = string & { readonly commandLine: true };

let catalogue: Catalogue = english;
let language = "en-US";
// Made at their first use, since loading the data of languages takes as long as half the start.
let plurals: Intl.PluralRules | undefined;
let numbers: Intl.NumberFormat | undefined;

/** Changes the language of all texts from now on; only a program does so, once, before its first text. */
export function speak(name: string, texts: Catalogue): void {
  catalogue = texts;
  language = name;
  plurals = undefined;
  numbers = undefined;
}

/** The text of a key with its values; a value is inserted as it is, whatever it contains. */
export function say<Key extends MessageKey>(key: Key, ...[values]: Values<NamesOf<Key>>): string {
  return fill(catalogue[key], values ?? {});
}

/** A problem in words, and the next move. */
export interface Explained {
  readonly message: string;
  readonly hint: string;
}

/** A problem and the next move: the texts of a key and of its hint, with the values of both. */
export function explain<Key extends ProblemKey>(
  key: Key,
  ...[values]: Values<NamesOf<Key> | NamesOf<Extract<`${Key}.hint`, MessageKey>>>
): Explained {
  const hint = `${key}.hint` as MessageKey;
  return { message: fill(catalogue[key], values ?? {}), hint: fill(catalogue[hint], values ?? {}) };
}

/** Whether there is a text for a key that is put together, such as that of an error's code. */
export const hasText = (key: string): key is PlainKey => Object.hasOwn(english, key);

/** A number with the separators of the language. */
export function sayNumber(value: number): string {
  // Nothing separates three digits.
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value);
  numbers ??= new Intl.NumberFormat(language);
  return numbers.format(value);
}

function fill(message: Message, values: { readonly [name: string]: string | number }): string {
  const { count } = values;
  const form = typeof message === "string" ? message : pluralOf(message, Number(count));
  return form.replace(/\{\{(\w+)\}\}/gu, (_, name: string) =>
    name === "count" ? sayNumber(Number(count)) : String(values[name]),
  );
}

function pluralOf(message: Exclude<Message, string>, count: number): string {
  plurals ??= new Intl.PluralRules(language);
  return (plurals.select(count) === "one" ? message.one : undefined) ?? message.other;
}
