import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createRedaction, learnFromEnvironment } from "../../src/secrets/redaction.ts";

const key = [
  "-----BEGIN PRIVATE KEY-----",
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
  "VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDu",
  "-----END PRIVATE KEY-----",
];
const pem = `${key.join("\n")}\n`;

const knowing = (...secrets: readonly string[]) => {
  const redaction = createRedaction();
  redaction.add(...secrets);
  return redaction;
};

describe("a known secret is in no text", () => {
  test.each<[string, string, string, string]>([
    ["as it is", "h1dden-value", "token h1dden-value!", "token [secret]!"],
    [
      "with signs of regular expressions",
      "h1.d*e+(n)[-]$|^\\v",
      "a h1.d*e+(n)[-]$|^\\v, h1xd",
      "a [secret], h1xd",
    ],
    ["twice", "h1dden-value", "h1dden-valueh1dden-value", "[secret][secret]"],
    ["within a word", "h1dden-value", "xh1dden-valuex", "x[secret]x"],
    ["cut short by dots", "h1dden-value", "h1dden-va… and h1dden-v...", "[secret]… and [secret]..."],
    ["in JSON", 'h1dden "value"', 'a {"b":"h1dden \\"value\\""}', 'a {"b":"[secret]"}'],
    [
      "in JSON within JSON",
      'h1dden"value',
      '"{\\"a\\":\\"h1dden\\\\\\"value\\"}"',
      '"{\\"a\\":\\"[secret]\\"}"',
    ],
    ["with a blank that reports escape", "h1dden\u00a0value", 'a "h1dden\\u00a0value"', 'a "[secret]"'],
    ["with a tag that reports escape", "h1dden\u{e0041}value", "h1dden\\u{e0041}value", "[secret]"],
    ["with a tag that JSON escapes", "h1dden\u{e0041}value", '"h1dden\\udb40\\udc41value"', '"[secret]"'],
    ["in a URL", "h1dden value/1", "?q=h1dden%20value%2F1&r=h1dden+value%2F1", "?q=[secret]&r=[secret]"],
    ["in a URL in small letters", "h1dden/value", "h1dden%2fvalue", "[secret]"],
    ["in base64", "h1dden-value", `Basic ${btoa("h1dden-value")}`, "Basic [secret]"],
    ["in base64 behind a byte", "h1dden-value", btoa(":h1dden-value"), "Om[secret]Q=="],
    ["in base64 behind two bytes", "h1dden-value", btoa("a:h1dden-value"), "YTp[secret]U="],
    ["a key", pem, `key: ${pem}.`, "key: [secret]\n."],
    ["a key without line breaks", pem, key.join(""), "[secret]"],
    ["a key in JSON", pem, JSON.stringify({ key: pem }), '{"key":"[secret]\\n"}'],
    ["one line of a key", pem, `at ${key[1]}`, "at [secret]"],
    ["a key given with \\n", key.join("\\n"), `key: ${pem}.`, "key: [secret]\n."],
    [
      "a word that stands alone",
      "hunterpassword",
      "no hunterpassword: hunterpassword",
      "no [secret]: [secret]",
    ],
    ["a number that stands alone", "31415926", "75314159260001, 31415926", "75314159260001, [secret]"],
    [
      "a word behind an escape",
      "hunterpassword",
      "\\nhunterpassword %20hunterpassword",
      "\\n[secret] %20[secret]",
    ],
    [
      "a word in colours",
      "hunterpassword",
      "\u001b[1mhunterpassword\u001b[22m",
      "\u001b[1m[secret]\u001b[22m",
    ],
  ])("%s", (_title, secret, text, expected) => {
    expect(knowing(secret).redact(text)).toBe(expected);
  });

  test.each<[string, string[], string, string]>([
    ["one holds the other", ["alpha-123", "x-alpha-123-y"], "x-alpha-123-y alpha-123", "[secret] [secret]"],
    ["they overlap", ["abcd-1234", "1234-efgh"], "<abcd-1234-efgh>", "<[secret]>"],
    ["they begin alike", ["abcd-1234-1", "abcd-1234-22"], "abcd-1234-22 abcd-1234-1", "[secret] [secret]"],
    ["one is left when the other is gone", ["qq-first-1", "ab[secret]cd"], "abqq-first-1cd", "[secret]"],
  ])("%s", (_title, secrets, text, expected) => {
    expect(knowing(...secrets).redact(text)).toBe(expected);
    expect(knowing(...[...secrets].reverse()).redact(text)).toBe(expected);
  });
});

test.each([
  ["spaces", " "],
  ["nothing", ""],
])("a key given with %s for its line breaks is known with them, and each of its lines", (_title, joint) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const whole = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const lines = whole.trim().split("\n");
  const redaction = knowing(lines.join(joint));
  for (const other of ["\n", "\r\n", "\\n", " ", ""]) {
    expect(redaction.redact(`<${lines.join(other)}>`)).toBe("<[secret]>");
  }
  expect(redaction.redact(`at ${lines[2]}`)).toBe("at [secret]");
  expect(redaction.redact(JSON.stringify({ whole }))).toBe('{"whole":"[secret]\\n"}');
});

describe("other text stays as it is", () => {
  test.each<[string, string[], string]>([
    ["a short value is no secret", ["prod", "1", "1234567", "客服"], "prod 1 1234567 客服"],
    ["a word isn't found within others", ["password"], "passwords, mypassword, password_1"],
    ["nor as a key of JSON", ["operation"], '{"operation":"create_bot"}'],
    ["a beginning is no secret unless cut short", ["workspace-key-1"], "workspace-kept, workspace-."],
    ["the ends of a key are no secret", [pem], `begin with ${key[0]}, end with ${key[3]}`],
    ["what stands for a secret", ["[secret]", "[secret"], "[secret] [secret]"],
  ])("%s", (_title, secrets, text) => {
    expect(knowing(...secrets).redact(text)).toBe(text);
  });
});

const secret = fc.string({ minLength: 8, maxLength: 40, unit: "grapheme" }).filter((value) => {
  const inMark = "[secret]".includes(value.trim());
  return [...value.trim()].length >= 8 && !/^\p{L}+$/u.test(value.trim()) && !inMark;
});
const text = fc.string({ maxLength: 60, unit: "grapheme" });

/** How a value may be written in what leaves a program. */
const writings: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => JSON.stringify(value).slice(1, -1),
  (value) => encodeURIComponent(Buffer.from(value).toString()),
  (value) => Buffer.from(value).toString("base64"),
  (value) => Buffer.from(value).toString("base64url"),
];

test("text with secrets in any writing has none of them afterwards, and redacting again changes nothing", () => {
  const pieces = fc.array(fc.tuple(text, fc.nat(3), fc.nat(writings.length - 1)), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), pieces, (secrets, parts) => {
      const { redact } = knowing(...secrets);
      const written = (which: number, how: number): string =>
        writings[how]?.((secrets[which % secrets.length] ?? "").trim()) ?? "";
      const before = parts.map(([around, which, how]) => around + written(which, how)).join("");
      const after = redact(before);
      const found = parts.filter(([, which, how]) => after.includes(written(which, how)));
      expect(found).toEqual([]);
      expect(redact(after)).toBe(after);
    }),
    { numRuns: 2000 },
  );
});

test("text without a secret stays as it is", () => {
  const other = fc.string({ maxLength: 200, unit: fc.constantFrom(...'abcdefg 客服{}":,\n') });
  const digits = fc.string({ minLength: 8, unit: fc.constantFrom(..."0123456789-_") });
  fc.assert(
    fc.property(fc.array(digits, { maxLength: 10 }), other, (secrets, before) => {
      expect(knowing(...secrets).redact(before)).toBe(before);
    }),
  );
});

test("values in JSON are redacted, keys are not", () => {
  const value = { "h1dden-value": ["h1dden-value", 1, null, { a: "x h1dden-value" }], is: true };
  expect(knowing("h1dden-value").redactValue(value)).toEqual({
    "h1dden-value": ["[secret]", 1, null, { a: "x [secret]" }],
    is: true,
  });
});

test("ten thousand secrets cost a text no more than one", () => {
  const redaction = createRedaction();
  for (let index = 0; index < 10_000; index += 1) redaction.add(`secret-${index}-${index * 7919}`);
  const line = "Bot.support: created in 0.4s (7532000000000000001)\n".repeat(1000);
  expect(redaction.redact(`${line}secret-77-609763${line}`)).toBe(`${line}[secret]${line}`);
});

test("a value that holds the mark, or a text that is made of it, costs no more than others", () => {
  const secrets = createRedaction();
  secrets.add("[secret]x", "kq7-Z81xv0-value");
  const redacted = secrets.redact(`[secret]${"x".repeat(20_000)} kq7-Z81xv0-value`);
  expect(redacted).toMatch(/^\[secret\]x+ \[secret\]$/u);
});

test("a cut counts only where most of a secret stands there", () => {
  const secrets = createRedaction();
  secrets.add("pat_Zx9kQwErTyUiOpAsDfGhJkLzXcVbNm12");
  for (const guess of ["pat_Zx9kQw…", "pat_Zx9kQ..", "cGF0X1p4.."]) expect(secrets.redact(guess)).toBe(guess);
  expect(secrets.redact("pat_Zx9kQwErTyUiOpAsDfGhJk…")).toBe("[secret]…");
});

test("what lets into a proxy is a secret: its password, or a user name alone", () => {
  const secrets = createRedaction();
  learnFromEnvironment(secrets, {
    https_proxy: "http://visible-user:pass%40word-1@proxy.example:3128",
    HTTP_PROXY: "token%40alone-2@proxy.example:3128",
  });
  const sent = btoa("token@alone-2:");
  expect(secrets.redact(`visible-user pass@word-1 pass%40word-1 token@alone-2 token%40alone-2 ${sent}`)).toBe(
    "visible-user [secret] [secret] [secret] [secret] [secret]jo=",
  );
});
