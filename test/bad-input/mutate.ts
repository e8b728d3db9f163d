import { seed } from "../support/sample.ts";

/** Numbers from 0 up to 1, the same for the same seed. */
export type Random = () => number;

/** The chance of one case: it follows from the run's seed, its group and its index. */
export function randomOf(group: string, index: number): Random {
  let state = seed;
  for (const character of `${group} ${index}`)
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;

/** A mutated file: its bytes, or a directory in its place, or nothing at all. */
export type Mutant = Uint8Array | "directory" | "gone";

type TextChange = (text: string, random: Random) => string;

/** What stands for a value of YAML and was not thought of. */
const oddYaml: readonly string[] = [
  ...["null", "~", "true", "no", "0", "-1", "007", "1.10", "1e999", "-.inf", "0x1F", "1_000", "2024-01-01"],
  ...[
    "99999999999999999999",
    "0.1e-400",
    '""',
    "''",
    "' '",
    '"\\0"',
    '"\\u202e"',
    '"\\ud800"',
    "[]",
    "{}",
    "[[]]",
  ],
  ...[
    "[{}]",
    "{a: b}",
    "{? [a]: b}",
    "[a, b: c]",
    "{<<: 5}",
    "{<<: [*x]}",
    "!!binary aGk=",
    "!!set {a, b}",
    "!!omap [a: 1]",
  ],
  ...[
    "!!timestamp 2024-01-01",
    "!own x",
    "!<tag:yaml.org,2002:str> 5",
    "!!int x",
    "&a [*a]",
    "*missing",
    "&a",
    "*",
    "@x",
    "`x`",
    "%x",
    "|",
    ">",
    "|2\n x",
  ],
  ...[
    "'",
    '"',
    "- x",
    "? x",
    ": x",
    "[",
    "{",
    "]",
    "}",
    "a: b: c",
    "# x",
    "'${'",
    "'${}'",
    "'${var}'",
    "'${var.}'",
    "'${var.__proto__}'",
  ],
  ...[
    "'${env.__proto__}'",
    "'${env.constructor}'",
    "'${each.value}'",
    "'${each.value.a.b.c}'",
    "'${var.x'",
    "'$${var.x}'",
    "'$$${var.x}'",
    "'${var.${var.x}}'",
    "'${var.x}${var.n}'",
    "${var.n}",
    "${var.none}",
    "'${ var.x }'",
  ],
  ...[
    "../../../../etc/passwd",
    "/etc/passwd",
    "C:\\windows",
    "k/../../x",
    "k",
    ".",
    "..",
    "k/",
    "./k/a.txt",
    "'k/\\0'",
    "~/x",
    "file:///etc/passwd",
  ],
  ...[
    "'**/**/**/**/**/*'",
    "'{a,{b,{c,{d,e}}}}*'",
    "'[z-a]*'",
    "'!(*)'",
    "'+(+(a+)+)b'",
    "'*(*(*(a|b)))c'",
    "'@((((('",
    "'**'",
    "'!**'",
    "'{1..99999999}'",
    "'[[:alpha:]]'",
    "'\\\\'",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "{__proto__: {name: x}}",
    "{constructor: 1, toString: 2}",
    "{file: prompts/none.md}",
    "{file: [a]}",
    "{file: /dev/zero}",
    "{id: 123}",
    "{id: ''}",
    "{lookup: {}}",
    "{lookup: {name: [a]}}",
    "{files: 5}",
    "{env: PATH}",
  ],
  ...[
    "pat_0123456789abcdefghijklmnop",
    "'sat_abcdefghijklmnopqrstuvwxyz'",
    "'-----BEGIN PRIVATE KEY-----'",
    "客服".repeat(300),
    "😀".repeat(50),
    "مرحبا\u202eabc",
    "a".repeat(70_000),
    "[".repeat(200),
    "{a: ".repeat(200),
    "- ".repeat(200),
    `[${"1,".repeat(500)}]`,
  ],
];

/** What stands for a value of JSON, or nearly. */
const oddJson: readonly string[] = [
  ...[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e999",
    "99999999999999999999",
    "1e-400",
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    "[]",
    "{}",
    "[[]]",
    "[null]",
    '{"a":{}}',
  ],
  ...[
    "NaN",
    "Infinity",
    "undefined_",
    "'x'",
    "// x",
    "/* x */ 1",
    "01",
    "+1",
    ".5",
    '"\\x"',
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    '{"__proto__":{"id":"1"}}',
    '{"constructor":1,"toString":2}',
    '{"$ref":"Bot.x"}',
    '{"$ref":5}',
  ],
  ...[
    '{"$lookup":5}',
    '{"$digest":5}',
    '{"$digest":"x","sensitive":true}',
    '{"$file":5}',
    '{"$file":"../x","sha256":"","size":-1}',
    '"Bot.support"',
    '"Bot.x[\\"a\\"]"',
    '"../../x"',
    '"ready"',
    '"unknown"',
    '"pat_0123456789abcdefghijklmnop"',
  ],
  ...[
    `"${"长".repeat(5000)}"`,
    "[".repeat(300),
    "[".repeat(60) + "]".repeat(60),
    '{"a":'.repeat(300),
    `[${"1,".repeat(999)}1]`,
  ],
];

const splice = (text: string, from: number, length: number, put: string): string =>
  text.slice(0, from) + put + text.slice(from + length);

/** One of the places where a pattern matches. */
function matchOf(text: string, pattern: RegExp, random: Random): RegExpExecArray | undefined {
  const found = [...text.matchAll(pattern)];
  return found.length > 0 ? (pick(random, found) as RegExpExecArray) : undefined;
}

const replaceMatch =
  (pattern: RegExp, put: (random: Random, found: string) => string): TextChange =>
  (text, random) => {
    const match = matchOf(text, pattern, random);
    return match ? splice(text, match.index, match[0].length, put(random, match[0])) : text;
  };

const changeLines =
  (change: (lines: string[], at: number, random: Random) => void): TextChange =>
  (text, random) => {
    const lines = text.split("\n");
    change(lines, below(random, lines.length), random);
    return lines.join("\n");
  };

const pieces = [
  ..."\n\t {}[]'\":,-&*|>?!%@#\\`",
  ...[
    "\u0000",
    "\u0007",
    "\u001b[31m",
    "\u200b",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\r",
    "\r\n",
    "😀",
    "客",
    "é",
  ],
  ...[
    "---\n",
    "...\n",
    "%YAML 1.1\n---\n",
    "<<: *x",
    "&x ",
    "*x ",
    "!!str ",
    "${",
    "${var.x}",
    "$${",
    "}",
    ": ",
    "- ",
    "__proto__",
    "constructor: 1\n",
    "hasOwnProperty",
  ],
];

const anywhere: readonly (readonly [string, TextChange])[] = [
  [
    "insert a piece",
    (text, random) => splice(text, below(random, text.length), below(random, 4), pick(random, pieces)),
  ],
  ["cut the end", (text, random) => text.slice(0, below(random, text.length))],
  ["cut the beginning", (text, random) => text.slice(below(random, text.length))],
  ["delete a line", changeLines((lines, at) => void lines.splice(at, 1))],
  ["double a line", changeLines((lines, at) => void lines.splice(at, 0, lines[at] ?? ""))],
  [
    "swap lines",
    changeLines((lines, at, random) => {
      const other = below(random, lines.length);
      [lines[at], lines[other]] = [lines[other] ?? "", lines[at] ?? ""];
    }),
  ],
  [
    "indent a line",
    changeLines((lines, at, random) => {
      lines[at] = pick(random, [" ", "  ", "\t", "      "]) + lines[at];
    }),
  ],
  [
    "double a part",
    (text, random) => {
      const [from, length] = [below(random, text.length), below(random, 200)];
      return splice(text, from, 0, text.slice(from, from + length));
    },
  ],
  ["delete a part", (text, random) => splice(text, below(random, text.length), below(random, 60), "")],
  [
    "end lines otherwise",
    (text, random) => text.replaceAll("\n", pick(random, ["\r\n", "\r", "\n\n", "\u2028"])),
  ],
  [
    "rename a key",
    replaceMatch(/(?<![\w$])[\w$]+(?="?:)/gu, (random, found) =>
      pick(random, [
        "__proto__",
        "constructor",
        "toString",
        "",
        "键",
        "K".repeat(2000),
        found.toUpperCase(),
        found.slice(1),
        `${found}s`,
        "kind",
        "spec",
        "name",
        "id",
      ]),
    ),
  ],
  [
    "change a number",
    replaceMatch(/\d+/gu, (random) => pick(random, ["0", "-1", "9".repeat(30), "1e400", "0.5", "", "００"])),
  ],
  ["nothing is left", () => ""],
];

const ofYaml: readonly (readonly [string, TextChange])[] = [
  ...anywhere,
  ["odd value", replaceMatch(/(?<=[\w"]: )[^\n]+/gu, (random) => pick(random, oddYaml))],
  [
    "odd value inside",
    replaceMatch(/(?<=[:,[{] ?)[^\s,:[\]{}]+(?=[,\]} ])/gu, (random) => pick(random, oddYaml)),
  ],
  ["odd document", (text, random) => `${text}\n---\n${pick(random, oddYaml)}\n`],
  [
    "odd key",
    replaceMatch(
      /^ *(?=\w+:)/gmu,
      (random, found) => `${found}${pick(random, oddYaml)}: ${pick(random, oddYaml)}\n${found}`,
    ),
  ],
  [
    "values swapped",
    (text, random) => {
      const one = matchOf(text, /(?<=: )[^\n]+/gu, random);
      const other = matchOf(text, /(?<=: )[^\n]+/gu, random);
      return one && other ? splice(text, one.index, one[0].length, other[0]) : text;
    },
  ],
  [
    "aliases of aliases",
    (text, random) => {
      const times = 2 + below(random, 12);
      const bomb = Array.from(
        { length: times },
        (_, index) =>
          `b${index}: &b${index} [${
            index === 0
              ? "x"
              : Array(9)
                  .fill(`*b${index - 1}`)
                  .join(", ")
          }]`,
      );
      return pick(random, [`${text}${bomb.join("\n")}\n`, `${bomb.join("\n")}\n${text}`]);
    },
  ],
  [
    "a nest",
    (text, random) => {
      const depth = pick(random, [20, 90, 110, 1000, 5000]);
      return replaceMatch(/(?<=\w: )[^\n]+/gu, () =>
        pick(random, [
          "[".repeat(depth) + "]".repeat(depth),
          "{a: ".repeat(depth) + "}".repeat(depth),
          "- ".repeat(depth),
        ]),
      )(text, random);
    },
  ],
];

const ofJson: readonly (readonly [string, TextChange])[] = [
  ...anywhere,
  [
    "odd value",
    replaceMatch(/(?<=": ?)(?:"(?:[^"\\\n]|\\.)*"|[\w.-]+|\[\]|\{\})/gu, (random) => pick(random, oddJson)),
  ],
  [
    "odd value",
    replaceMatch(/(?<=": ?)(?:"(?:[^"\\\n]|\\.)*"|[\w.-]+|\[\]|\{\})/gu, (random) => pick(random, oddJson)),
  ],
  [
    "odd member",
    replaceMatch(
      /\{(?=\s*")/gu,
      (random) =>
        `{"${pick(random, ["__proto__", "id", "kind", "status", "format", "x", ""])}": ${pick(random, oddJson)},`,
    ),
  ],
  [
    "key twice",
    replaceMatch(
      /"\w+": ?(?:"[^"\n]*"|\d+),/gu,
      (random, found) => found + found.replace(/: ?.*,$/u, `: ${pick(random, oddJson)},`),
    ),
  ],
  [
    "values swapped",
    (text, random) => {
      const one = matchOf(text, /(?<=": ?)"(?:[^"\\\n]|\\.)*"/gu, random);
      const other = matchOf(text, /(?<=": ?)"(?:[^"\\\n]|\\.)*"/gu, random);
      return one && other ? splice(text, one.index, one[0].length, other[0]) : text;
    },
  ],
  ["comment", (text, random) => splice(text, text.indexOf("\n", below(random, text.length)), 0, " // x")],
];

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

type ByteChange = (bytes: Buffer, random: Random) => Mutant;

const ofBytes: readonly (readonly [string, ByteChange])[] = [
  [
    "flip a byte",
    (bytes, random) => {
      const at = below(random, bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
      return bytes;
    },
  ],
  [
    "flip bytes",
    (bytes, random) => {
      for (let left = 1 + below(random, 8); left > 0; left -= 1)
        bytes[below(random, bytes.length)] = below(random, 256);
      return bytes;
    },
  ],
  ["cut bytes", (bytes, random) => bytes.subarray(0, below(random, bytes.length))],
  ["zeros", (bytes, random) => bytes.fill(0, below(random, bytes.length))],
  ["byte order mark", (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])],
  [
    "UTF-16",
    (bytes, random) => {
      const wide = Buffer.from(`${pick(random, ["", "\ufeff"])}${bytes}`, "utf16le");
      return random() < 0.5 ? wide : wide.swap16();
    },
  ],
  ["Latin-1", (bytes) => Buffer.concat([bytes, Buffer.from([0x0a, 0x23, 0xe9, 0x0a])])],
  ["directory", () => "directory"],
  ["gone", () => "gone"],
];

/** Does something to a file that its reader may not have thought of; says what. */
export function mutate(
  text: string,
  form: "yaml" | "json",
  random: Random,
): { readonly mutant: Mutant; readonly done: readonly string[] } {
  if (random() < 0.12) {
    const [name, change] = pick(random, ofBytes);
    return { mutant: change(Buffer.from(text, "utf8"), random), done: [name] };
  }
  const changes = form === "yaml" ? ofYaml : ofJson;
  let changed = text;
  const done: string[] = [];
  for (let left = random() < 0.7 ? 1 : 2 + below(random, 3); left > 0; left -= 1) {
    const [name, change] = pick(random, changes);
    changed = change(changed, random);
    done.push(name);
  }
  return { mutant: bytesOf(changed), done };
}
