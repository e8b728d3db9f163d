import {
  choice,
  flag,
  integer,
  numberWithin,
  objectSchema,
  type Rules,
  required,
  type Schema,
  text,
  type Values,
} from "../http/params.ts";

/** The conditions on the calls that a rule applies to; all must hold. Times are in milliseconds. */
export const callFields = {
  /** The first ones are skipped. */
  skip: integer(0),
  /** Applies to every nth of the others: 3 means the third, the sixth and so on. */
  every: integer(1),
  /** Drawn from the emulator's `random`. */
  probability: numberWithin(0, 1),
  /** Applies to at most so many. */
  times: integer(1),
  /** Counted from the time the rules were set; calls outside this interval aren't counted. */
  from_ms: integer(0),
  until_ms: integer(0),
  /** How long it applies, from the first call on. */
  for_ms: integer(1),
} as const;

/** When a fault happens: before the operation takes effect, the default, or once its effect is saved. */
const timed = { moment: choice("before", "after") } as const;

const seconds = integer(0);
const status = integer(200, 599);

/** Every fault with the fields of its rules, besides `operation` and `calls`. */
export const faultFields = {
  /** Refused without effect; the HTTP status is that of the code by default. */
  refuse: { code: required(integer(1)), status, msg: text(), retry_after: seconds },
  /** Refused as too many calls; by default with code 4013 and HTTP 429. */
  storm: { code: choice(4009, 4013, 4020), status: choice(200, 429), retry_after: seconds },
  /** The service fails with an envelope; by default HTTP 500 and code 5000. */
  "server-error": { status, code: integer(1), msg: text(), ...timed },
  /** A gateway answers with an HTML page; by default HTTP 502. */
  gateway: { status: choice(502, 503, 504), ...timed },
  /** The answer takes longer. */
  delay: { ms: required(integer(1)), ...timed },
  /** The connection is cut without an answer. */
  drop: timed,
  /** All tokens of apps and the token of this call expire; with `before`, this call is already refused. */
  "expire-tokens": timed,
  /** The answer is cut off in the middle, optionally inside a character. */
  truncate: { inside_character: flag },
  /** The answer has no body. */
  empty: {},
  /** A list always answers its first page. */
  "repeat-page": {},
  /** A list's total counts its page only. */
  "page-total": {},
  /** A list shows an older state: without newer objects and later changes, with objects removed since. */
  "list-lag": { ms: required(integer(1)) },
  /** Ids are JSON numbers with all their digits. */
  "number-ids": {},
  /** Times are texts. */
  "text-times": {},
  /** A success lacks a part of its envelope. */
  "leave-out": { part: required(choice("code", "data")) },
} as const satisfies Readonly<Record<string, Rules>>;

/** The name of a fault. */
export type FaultName = keyof typeof faultFields;

/** The words that a rule may have for several operations. */
export const operationWords = ["*", "reads", "writes"] as const;

interface Selection {
  /** Names of operations; "*" stands for all, "reads" and "writes" for those that don't or do change something. */
  readonly operation: string | readonly string[];
  readonly calls?: Readonly<Values<typeof callFields>> | undefined;
}

/** A fault as data: in which operations, in which of their calls, and what happens. */
export type FaultRule = {
  [F in FaultName]: Selection & { readonly fault: F } & Readonly<Values<(typeof faultFields)[F]>>;
}[FaultName];

const operationName = { type: "string", expected: "the name of an operation" };

const operationSchema: Schema = {
  if: { type: "array" },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { items: operationName, minItems: 1 },
  else: operationName,
};

/**
 * JSON Schema of a file of faults: a map with the list `faults`. Names of operations aren't checked. `expected`
 * says in words what a value must be.
 */
export const faultFileSchema: Schema = {
  type: "object",
  properties: { faults: { type: "array", items: ruleSchema(), expected: "a list of rules" } },
  required: ["faults"],
  additionalProperties: false,
  expected: "a map with the list faults",
};

function ruleSchema(): Schema {
  const names = Object.keys(faultFields);
  const choice = {
    operation: operationSchema,
    calls: { ...objectSchema(callFields), minProperties: 1 },
  };
  return {
    type: "object",
    properties: {
      operation: { expected: operationName.expected },
      fault: { enum: names, expected: `one of ${names.join(", ")}` },
    },
    required: ["operation", "fault"],
    allOf: Object.entries(faultFields).map(([name, fields]) => ({
      if: { type: "object", properties: { fault: { const: name } }, required: ["fault"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: objectSchema(fields, { fault: {}, ...choice }),
    })),
    expected: "a rule",
  };
}
