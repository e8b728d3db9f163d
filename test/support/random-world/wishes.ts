import type { Json, Values } from "../../../src/core/value.ts";
import type { Files } from "../story.ts";
import { manifest, manifests } from "../story.ts";

/**
 * What a random project may hold: a fixed set of addresses, each wanted in one of its variants or not at all. A
 * variant is a number whose digits choose among the values of the fields.
 */
export type Wishes = ReadonlyMap<string, number>;

/** What a wish says, as an oracle and a manifest both read it. */
export interface Wanted {
  readonly address: string;
  readonly kind: string;
  readonly name: string;
  readonly spec: Values;
}

type Recipe = (digit: (base: number) => number, wanted: ReadonlyMap<string, Wanted>) => Values | undefined;

/** A digit of the variant after the other. */
function digitsOf(variant: number): (base: number) => number {
  let rest = variant;
  return (base) => {
    const digit = rest % base;
    rest = Math.floor(rest / base);
    return digit;
  };
}

const pick = <T>(digit: (base: number) => number, ...values: readonly [T, ...T[]]): T =>
  values[digit(values.length)] ?? values[0];

const optional = (name: string, value: Json | undefined): Values =>
  value === undefined ? {} : { [name]: value };

const spaceOf = (wanted: ReadonlyMap<string, Wanted>, address: string): Json | undefined =>
  wanted.get(address)?.spec.workspace;

const workspace =
  (name: string): Recipe =>
  (digit) => ({
    name: pick(digit, name, `${name}改名`),
    description: pick(digit, "客服", " 售后\r\n", "cafe\u0301 运营"),
  });

const member =
  (space: string, user: string): Recipe =>
  (digit, wanted) =>
    wanted.has(`Workspace.${space}`)
      ? { workspace: space, user_id: user, role: pick(digit, "member", "admin") }
      : undefined;

const dataset =
  (name: string, spaces: readonly [string, ...string[]]): Recipe =>
  (digit, wanted) => {
    const space = pick(digit, ...spaces);
    if (!wanted.has(`Workspace.${space}`)) return undefined;
    return {
      workspace: space,
      name: pick(digit, name, name, `${name.trim()}新`),
      format: "text",
      ...optional("description", pick(digit, undefined, "常见问题\r\n", "内部资料")),
      ...optional("icon", pick(digit, undefined, "icon-1.png", "icon-2.png")),
    };
  };

const document =
  (name: string, holder: string): Recipe =>
  (digit, wanted) =>
    wanted.has(`Dataset.${holder}`)
      ? { dataset: holder, name, source: { file: pick(digit, "text-1.txt", "text-2.txt", "text-3.txt") } }
      : undefined;

const bot =
  (name: string, space: string): Recipe =>
  (digit, wanted) => {
    if (!wanted.has(`Workspace.${space}`)) return undefined;
    const near = ["one", "two", "three"].filter((one) => spaceOf(wanted, `Dataset.${one}`) === space);
    const bound = near.filter(() => digit(2) === 1);
    const copied = ["flow"].filter((one) => spaceOf(wanted, `Copy.${one}`) === space && digit(2) === 1);
    return {
      workspace: space,
      name,
      prompt: pick(digit, "你是客服。", " 你是售后，\r\n先道歉。 ", "你是 cafe\u0301 导购 🛍️。\n"),
      ...optional("icon", pick(digit, undefined, "icon-1.png")),
      ...optional("workflows", copied.length > 0 ? copied.map((copy) => ({ copy })) : undefined),
      ...optional("knowledge", bound.length > 0 ? { datasets: bound } : undefined),
      ...optional(
        "publish",
        pick(digit, undefined, { connectors: ["api"] }, { connectors: ["api", "chat_sdk"] }),
      ),
    };
  };

const copy =
  (type: string, id: string, spaces: readonly [string, ...string[]]): Recipe =>
  (digit, wanted) => {
    const space = pick(digit, ...spaces);
    return wanted.has(`Workspace.${space}`)
      ? { type, source: { id }, workspace: space, revision: pick(digit, "1", "1", "2") }
      : undefined;
  };

const callback =
  (name: string): Recipe =>
  (digit) => ({
    name,
    callback_url: pick(digit, "https://hooks.example.com/a", "https://hooks.example.com/b"),
    ...optional("events", pick(digit, ["bot.published"], ["bot.published", "bot.deleted"], undefined)),
  });

/** Ids of what is there from the start, to be copied. */
export const originals = { workflow: "7511000000000000001", bot: "7511000000000000003" } as const;

/** In the order in which they may refer to each other. */
const recipes: { readonly [address: string]: Recipe } = {
  "Workspace.a": workspace("空间甲"),
  "Workspace.b": workspace("空间乙 cafe\u0301"),
  "WorkspaceMember.ann": member("a", "2000000000001"),
  "WorkspaceMember.bob": member("a", "2000000000002"),
  "WorkspaceMember.eve": member("b", "2000000000001"),
  "Dataset.one": dataset("知识一", ["a"]),
  "Dataset.two": dataset(" 知识二", ["a", "b"]),
  "Dataset.three": dataset("知识三", ["b"]),
  "Document.p": document("退货", "one"),
  "Document.q": document("换货", "one"),
  "Document.r": document("发货 ", "two"),
  "Document.s": document("维修", "three"),
  "Copy.flow": copy("workflow", originals.workflow, ["a", "b"]),
  "Copy.twin": copy("bot", originals.bot, ["a"]),
  "Bot.x": bot("助手甲", "a"),
  "Bot.y": bot("\u3000助手乙", "a"),
  "Bot.z": bot("助手丙", "b"),
  "CallbackApp.hooks": callback("通知"),
  "CallbackApp.audit": callback("审计 "),
};

export const addresses = Object.keys(recipes);

/** What the wishes come to: those that lack what they refer to are left out. */
export function readWishes(wishes: Wishes): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const [address, recipe] of Object.entries(recipes)) {
    const variant = wishes.get(address);
    const spec = variant === undefined ? undefined : recipe(digitsOf(variant), wanted);
    const [kind = "", name = ""] = address.split(".");
    if (spec) wanted.set(address, { address, kind, name, spec });
  }
  return wanted;
}

export const writeWishes = (wanted: ReadonlyMap<string, Wanted>): Files => ({
  "all.yaml": manifests(...[...wanted.values()].map(({ kind, name, spec }) => manifest(kind, name, spec))),
});
