import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { findSecrets, maskSecrets } from "../../src/secrets/detection.ts";
import { openFileSearch, openSourceSearch, searchFile } from "../../src/secrets/file-search.ts";
import { findPersonalData } from "../../src/secrets/personal-data.ts";

const hex = "0123456789abcdef";
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const word = `${upper}${upper.toLowerCase()}0123456789`;

let state = 20;
const next = (below: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((state / 2_147_483_648) * below);
};

/** Text that chance has made: put together here, so that no scanner takes this file for a leak. */
const random = (length: number, of = word): string =>
  Array.from({ length }, (_, index) => (index === 3 && of !== upper ? "7" : of[next(of.length)])).join("");

const guid = [8, 4, 4, 4, 12].map((length) => random(length, hex)).join("-");
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The words of each vendor, and a secret as that vendor makes them. */
const planted: readonly (readonly [what: string, around: (secret: string) => string, secret: string])[] = [
  ["a Coze token", (s) => s, ["pat", random(64)].join("_")],
  ["a Coze token", (s) => `令牌：${s}。`, ["sat", random(64)].join("_")],
  ["an OpenAI key", (s) => `OPENAI_API_KEY=${s}`, ["sk", "proj", random(120)].join("-")],
  ["an OpenAI key", (s) => `key: "${s}"`, ["sk", "svcacct", random(60)].join("-")],
  ["a key of a model's API", (s) => `用 ${s} 调用`, ["sk", random(48)].join("-")],
  ["a key of a model's API", (s) => `DEEPSEEK_API_KEY: ${s}`, ["sk", random(32, hex)].join("-")],
  ["a key of a model's API", (s) => s, ["sk", "or", "v1", random(64, hex)].join("-")],
  ["an Anthropic key", (s) => s, ["sk", "ant", "api03", random(95)].join("-")],
  [
    "an access key of AWS",
    (s) => `aws_access_key_id = ${s}`,
    `${["AK", "IA"].join("")}${random(16, `${upper}234567`)}`,
  ],
  ["an access key of AWS", (s) => s, `${["AS", "IA"].join("")}${random(16, `${upper}234567`)}`],
  ["what its name says is a secret", (s) => `aws_secret_access_key = ${s}`, random(40, `${word}/+`)],
  ["an access key of Volcengine", (s) => `AccessKeyId: ${s}`, `${["AK", "LT"].join("")}${random(43)}`],
  ["what its name says is a secret", (s) => `SecretAccessKey: ${s}`, `${random(58)}==`],
  ["an access key of Alibaba Cloud", (s) => s, `${["LT", "AI"].join("")}${random(20)}`],
  ["what its name says is a secret", (s) => `AccessKeySecret: ${s}`, random(30)],
  ["an access key of Tencent Cloud", (s) => `"SecretId": "${s}"`, `${["AK", "ID"].join("")}${random(32)}`],
  ["what its name says is a secret", (s) => `"SecretKey": "${s}"`, random(32)],
  ["a key of Baidu AI Cloud", (s) => s, `bce-v3/${["AL", "TAK"].join("")}-${random(21)}`],
  ...["p", "o", "u", "s", "r"].map(
    (letter) => ["a GitHub token", (s: string) => s, [`gh${letter}`, random(36)].join("_")] as const,
  ),
  ["a GitHub token", (s) => s, ["github", "pat", random(22), random(59)].join("_")],
  ["a GitLab token", (s) => s, ["glpat", random(20)].join("-")],
  ["a Slack token", (s) => s, ["xoxb", "2712345671", "2712345672", random(24)].join("-")],
  ["what its name says is a secret", (s) => `FEISHU_APP_SECRET=${s}`, random(32)],
  ["what its name says is a secret", (s) => `| App Secret | appSecret: ${s} |`, random(32)],
  [
    "the address of a chat bot that anyone can post to",
    (s) => `https://open.feishu.cn/open-apis/bot/v2/hook/${s}`,
    guid,
  ],
  [
    "the address of a chat bot that anyone can post to",
    (s) => `https://oapi.dingtalk.com/robot/send?access_token=${s}`,
    random(64, hex),
  ],
  [
    "the address of a chat bot that anyone can post to",
    (s) => `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${s}`,
    guid,
  ],
  [
    "the address of a chat bot that anyone can post to",
    (s) => `https://hooks.slack.com/services/${s}`,
    `T${random(8)}/B${random(8)}/${random(24)}`,
  ],
  ["a secret of DingTalk", (s) => `加签 ${s}`, `SEC${random(64, hex)}`],
  ["a Google key", (s) => s, `${["AI", "za"].join("")}${random(35)}`],
  ["a Stripe key", (s) => s, ["sk", "live", random(24)].join("_")],
  ["a Stripe key", (s) => s, ["rk", "test", random(24)].join("_")],
  ["an npm token", (s) => s, ["npm", random(36)].join("_")],
  ["a Hugging Face token", (s) => s, ["hf", random(34)].join("_")],
  ["a SendGrid key", (s) => s, ["SG", random(22), random(43)].join(".")],
  ["a PyPI token", (s) => s, ["pypi", `AgEIcHlwaS5vcmc${random(60)}`].join("-")],
  [
    "a JSON Web Token",
    (s) => `Authorization: Bearer ${s}`,
    [base64url({ alg: "HS256", typ: "JWT" }), base64url({ sub: "u7" }), random(43)].join("."),
  ],
  ["what its name says is a secret", (s) => `curl -H 'Authorization: Bearer ${s}'`, random(40)],
  ["a password in an address", (s) => `postgres://desk:${s}@db.internal:5432/desk`, "Hunter2!000"],
  ["a password in an address", (s) => `redis://:${s}@cache:6379`, "q%40Wz81"],
];

describe("the secrets of common vendors are found, in manifests and in documents", () => {
  test.each(planted)("%s (%#)", (what, around, secret) => {
    const text = around(secret);
    const offset = text.indexOf(secret);
    expect(findSecrets(text)).toEqual([{ rule: "secret-in-clear", offset, length: secret.length, what }]);
    expect(searchFile("a.md", Buffer.from(`问\n${text}\n`))).toEqual([
      { rule: "secret-in-clear", what, at: { file: "a.md", line: 2, column: offset + 1 } },
    ]);
    // Behind a line break that YAML and JSON write as an escape.
    expect(findSecrets(`"a\\n${text}"`).map(({ what: name }) => name)).toEqual([what]);
    expect(maskSecrets(`say ${text}!`)).not.toContain(secret);
  });
});

describe("what stands for a secret is none", () => {
  const masked = planted
    .filter(([what]) => what !== "a password in an address" && !what.startsWith("the address"))
    .flatMap(([what, around, secret]) => {
      const [head = ""] = /^(?:.*[_-](?=[^_-]*$)|.{4})/u.exec(secret) ?? [];
      const begin = secret.slice(0, 16);
      return [`${begin}****`, `${begin}...`, `${head}xxxxxxxxxxxxxxxxxxxxxxxx`, `${head}<your-key>`].map(
        (sample) => [what, around(sample)] as const,
      );
    });
  test.each([
    ...masked,
    ["a word", "sk-..."],
    ["a word", "API key: sk-your-api-key-goes-here-2024"],
    ["AWS's own sample", `aws_access_key_id = ${["AKIA", "IOSFODNN7EXAMPLE"].join("")}`],
    [
      "AWS's own sample",
      `aws_secret_access_key = ${["wJalrXUtnFEMI/K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/")}`,
    ],
    ["the alphabet", "sk-abcdefghijklmnopqrstuvwxyz123456"],
    ["digits in a row", "api_key: 1234567890abcdef1234567890"],
    ["a variable", "api_key: process.env.OPENAI_API_KEY_2"],
    ["a variable of a shell", "postgres://desk:$PGPASSWORD@db/desk"],
    ["a placeholder", "postgres://user:password@localhost/db, redis://:****@h, amqp://a:<password>@h"],
    ["a name with numbers", "access_token: coze_token_of_2024_prod"],
    ["an address", "https://api.coze.cn/v1/workflow/run?workflow_id=7532000000000000001"],
    ["a mail address", "mailto:someone@example.com, https://h/a:b@c"],
    [
      "the sample of the pages on JWT",
      [base64url({ alg: "HS256" }), base64url({ sub: "1234567890" }), random(43)].join("."),
    ],
    ["prose", "The secret: keep it simple. 密钥是一把钥匙。 Token = 4 characters"],
    ["a hash", `sha256 ${random(64, hex)}, commit ${random(40, hex)}`],
  ])("%s: %s", (_what, text) => {
    expect([...findSecrets(text), ...searchFile("a.md", Buffer.from(text))]).toEqual([]);
  });
});

test("private keys of every kind are found", () => {
  const body = random(64);
  for (const kind of ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "]) {
    const key = `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`;
    expect(searchFile("k", Buffer.from(key))).toHaveLength(1);
    expect(findSecrets(key)).toHaveLength(1);
  }
  const pgp = `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${body}\n-----END PGP PRIVATE KEY BLOCK-----`;
  expect(findSecrets(pgp)).toHaveLength(1);
  expect(searchFile("k", Buffer.from(pgp))).toHaveLength(1);
  const { publicKey } = generateKeyPairSync("ed25519");
  expect(findSecrets(publicKey.export({ type: "spki", format: "pem" }).toString())).toEqual([]);
});

/** A number with the check digit that makes it right. */
function withCheckDigit(digits: string, isRight: (whole: string) => boolean): string {
  const whole = [..."0123456789X"].map((digit) => `${digits}${digit}`).find(isRight);
  if (whole === undefined) throw new Error("no check digit fits");
  return whole;
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const isCard = (digits: string): boolean =>
  "10X98765432"[weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0) % 11] ===
  digits[17];
const isLuhn = (digits: string): boolean =>
  !digits.includes("X") &&
  [...digits]
    .reverse()
    .map((digit, at) =>
      at % 2 === 0 ? Number(digit) : ((Number(digit) * 2) % 10) + Math.floor(Number(digit) / 5),
    )
    .reduce((sum, digit) => sum + digit, 0) %
    10 ===
    0;

const card = withCheckDigit("31011519880317264", isCard);
const unionPay = withCheckDigit("621700234508817394", isLuhn);
const visa = withCheckDigit("453912748803651", isLuhn);
const groupsOf4 = (digits: string): string => digits.replaceAll(/(.{4})(?=.)/gu, "$1 ");

describe("numbers of people", () => {
  test.each([
    ["a mobile number", "电话：13907185526。", 3],
    ["a mobile number", "+86 139-0718-5526", 4],
    ["a mobile number", "8613907185526", 2],
    ["a mobile number", "**139 0718 5526**", 2],
    ["an identity-card number", `身份证 ${card}`, 4],
    ["an identity-card number", `${card.slice(0, 6)} ${card.slice(6, 14)} ${card.slice(14)}`, 0],
    ["a bank-card number", `卡号 ${unionPay}`, 3],
    ["a bank-card number", groupsOf4(unionPay), 0],
    ["a bank-card number", `Visa ${groupsOf4(visa)}`, 5],
  ])("%s in %s", (what, text, offset) => {
    expect(findPersonalData(text)).toMatchObject([{ rule: "personal-data", what, offset }]);
  });

  test.each([
    ["the operators' sample", "13800138000, 139 0013 9000"],
    ["counting up", "13912345678, 13887654321"],
    ["zeros and ones", "13800000000, 18611111111, 13988888888"],
    ["a mask", "139****5526, 13907185***, 1390718xxxx, 13907185526…"],
    ["an id of Coze", "7532000000000000001, 20697204560126543, 1706077826"],
    ["a time", "1732012345678, 17320123456"],
    ["part of a longer number", "3.13907185526, 213907185526, a13907185526, 139071855267"],
    ["a card with a wrong check digit", `${card.slice(0, 17)}${card.endsWith("0") ? "1" : "0"}`],
    ["a card of no day", "310115198813172641, 310115198802302641"],
    ["the standard's sample", "11010519491231002X"],
    ["a number with a wrong check digit", `${unionPay.slice(0, 18)}${(Number(unionPay[18]) + 1) % 10}`],
    ["the samples of payment services", "4242 4242 4242 4242, 4111111111111111, 5555555555554444"],
    ["a short number", "10086, 400-820-8820, 021-12345678"],
  ])("%s is none: %s", (_what, text) => {
    expect(findPersonalData(text)).toEqual([]);
  });
});

test("a large file that is read in parts has the same findings at the same places, wherever the parts end", () => {
  const [, , secret = ""] = planted[3] ?? [];
  const filler = `${"没有秘密的一行。no secrets here\n".repeat(700)}`;
  const text = `${filler}a ${secret} b\n${filler}电话 13907185526\n${filler}${secret}`;
  const bytes = Buffer.from(text);
  const whole = searchFile("a.md", bytes);
  expect(whole).toMatchObject([
    { rule: "secret-in-clear", at: { line: 701, column: 3 } },
    { rule: "secret-in-clear", at: { line: 2103, column: 1 } },
    { rule: "personal-data", at: { line: 1402, column: 4 } },
  ]);
  for (const size of [1000, 4096, 65_536, 7919]) {
    const search = openFileSearch("a.md");
    for (let from = 0; from < bytes.length; from += size) search.add(bytes.subarray(from, from + size));
    expect(search.end()).toEqual(whole);
  }
});

test("what is found in the parts of a file is placed in the file, and what the file itself lacks at its beginning", () => {
  const [, , secret = ""] = planted[3] ?? [];
  const source = `# 甲\n问\n# 乙\n用 ${secret}\n# 丙\n${secret} 13907185526\n`;
  const search = openSourceSearch("a.md", source);
  const placesIn = (part: string) => search.findInPart(part).map(({ at }) => `${at.line}:${at.column}`);
  expect(placesIn("# 甲\n问\n")).toEqual([]);
  expect(placesIn(`# 乙\n用 ${secret}\n`)).toEqual(["4:3"]);
  expect(placesIn(`# 丙\n${secret} 13907185526\n`)).toEqual(["6:1", `6:${secret.length + 2}`]);
  expect(placesIn("13907185527")).toEqual(["1:1"]);
});
