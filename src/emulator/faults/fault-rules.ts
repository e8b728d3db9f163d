import {
  choice,
  flag,
  integer,
  numberWithin,
  type Rules,
  required,
  text,
  type Values,
} from "../http/params.ts";

/** Which calls of its operations a rule meets: those that pass every condition. Times are in milliseconds. */
export const callFields = {
  /** The first ones pass unharmed. */
  skip: integer(0),
  /** Of the others every nth is met: 3 means the third, the sixth and so on. */
  every: integer(1),
  /** Drawn from the emulator's `random`. */
  probability: numberWithin(0, 1),
  /** At most so many are met. */
  times: integer(1),
  /** Since the rules were set; calls outside these moments aren't even counted. */
  from_ms: integer(0),
  until_ms: integer(0),
  /** From the first call that is met, only for so long. */
  for_ms: integer(1),
} as const;

/** A fault strikes before the operation takes effect, the default, or once its effect is saved. */
const struck = { moment: choice("before", "after") } as const;

const seconds = integer(0);
const status = integer(200, 599);

/** Every fault, with the fields that its rules take beside `operation` and `calls`. */
export const faultFields = {
  /** Refused without effect; the HTTP status is the code's own unless given. */
  refuse: { code: required(integer(1)), status, msg: text(), retry_after: seconds },
  /** Refused for coming too often: code 4013 and HTTP 429, unless the rule says otherwise. */
  storm: { code: choice(4009, 4013, 4020), status: choice(200, 429), retry_after: seconds },
  /** The service fails, with an envelope: HTTP 500 and code 5000. */
  "server-error": { status, code: integer(1), msg: text(), ...struck },
  /** A gateway answers with a page of HTML: HTTP 502. */
  gateway: { status: choice(502, 503, 504), ...struck },
  /** The answer takes longer. */
  delay: { ms: required(integer(1)), ...struck },
  /** The connection is cut without an answer. */
  drop: struck,
  /** Every token that an app was given and the one of this call end; struck before, this call is refused already. */
  "expire-tokens": struck,
  /** The answer ends in its middle, on wish inside a character. */
  truncate: { inside_character: flag },
  /** The answer has no body. */
  empty: {},
  /** A list answers its first page whichever is asked for. */
  "repeat-page": {},
  /** A list's total counts its page only. */
  "page-total": {},
  /** A list shows what was there so long ago: nothing newer, no later change, and what was removed since. */
  "list-lag": { ms: required(integer(1)) },
  /** Ids come as bare JSON numbers, with all their digits. */
  "number-ids": {},
  /** Times come as texts. */
  "text-times": {},
  /** A success lacks a part of its envelope. */
  "leave-out": { part: required(choice("code", "data")) },
} as const satisfies Readonly<Record<string, Rules>>;

/** The name of a fault. */
export type FaultName = keyof typeof faultFields;

/** Words that stand for several operations in a rule. */
export const operationWords = ["*", "reads", "writes"] as const;

interface Choice {
  /** Names of operations; "*" stands for all, "reads" and "writes" for those that change nothing or something. */
  readonly operation: string | readonly string[];
  readonly calls?: Readonly<Values<typeof callFields>>;
}

/** One thing that goes wrong, as data: at which operations, at which of their calls, and how. */
export type FaultRule = {
  [F in FaultName]: Choice & { readonly fault: F } & Readonly<Values<(typeof faultFields)[F]>>;
}[FaultName];
