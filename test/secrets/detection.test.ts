import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findSecrets } from "../../src/secrets/detection.ts";
import { searchFile } from "../../src/secrets/file-search.ts";

const body = "Zx9kQwErTyUiOpAsDfGhJkLzXcVbNm12";

/** As long as a token's. */
const whole = body.repeat(2);

/** The offsets in a manifest and the columns in a document's file where a text of one line holds a secret. */
const find = (text: string) => ({
  manifest: findSecrets(text).map(({ offset }) => offset),
  file: searchFile("a.md", Buffer.from(text)).map(({ at }) => at.column - 1),
});

const nothing = { manifest: [], file: [] };

describe("samples in documentation are no secrets", () => {
  test.each([
    ["a token cut off by stars", `Authorization: Bearer pat_${body}****'`],
    ["by three of them", `pat_${body}***`],
    ["by two", `pat_${body}**`],
    ["by one", `pat_${body}*`],
    ["by stars that Markdown escapes", `pat_${body}\\*\\*\\*\\*`],
    ["by full-width stars", `pat_${body}＊＊＊`],
    ["by dots of a password field", `pat_${body}••••`],
    ["by an ellipsis", `pat_${body}…`],
    ["by three full stops", `sat_${body}...`],
    ["by dots in brackets", `pat_${body}[...]`],
    ["by a word in brackets", `pat_${body}（省略）`],
    ["by one in angle brackets", `pat_${body}‹省略>`],
    ["by one of English", `pat_${body}<redacted>`],
    ["by Chinese full stops", `pat_${body}。。。`],
    ["by waves", `pat_${body}~~~`],
    ["by a line", `pat_${body}____`],
    ["by a line of its last characters", `pat_${whole.slice(0, 60)}----`],
    ["by hyphens", `pat_${body}----`],
    ["by Y", `pat_${body}YYYYYY`],
    ["by groups of X", "pat_Zx9kQwErTyUiOpAs-XXXX-XXXX-Nm12"],
    ["in emphasis", `**pat_${body}****** is yours`],
    ["a token of x alone", "pat_xxxxxxxxxxxxxxxxxxxxxxxx"],
    ["of X alone", "czu_XXXXXXXXXXXXXXXXXXXX"],
    ["one that ends in x", `pat_${body}xxxx`],
    ["one with x in its middle", "pat_Zx9kQwErxxxxxxxxJkLzXcVbNm12"],
    ["one that begins with x", "pat_xxxx1234567890123456"],
    ["one that counts", "pat_1234567890abcdef1234"],
    ["zeros", "pat_A1b00000000000000000"],
    ["words", "pat_your_personal_access_token"],
    ["words in capitals", "PAT=pat_YOUR_ACCESS_TOKEN_HERE"],
    ["words in braces", "{{pat_replace_this_by_your_token}}"],
    ["a name in angle brackets", "pat_<token>"],
    ["a name in braces", "pat_{{token}}"],
    ["a variable", `pat_$${"{TOKEN_OF_THIS_BOT}"}`],
    ["a key of x", "-----BEGIN PRIVATE KEY-----\nxxxxxxxxxxxxxxxxxx\n-----END PRIVATE KEY-----"],
    ["a key of dots", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"],
    ["a key cut off", `-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADAN****\n-----END RSA PRIVATE KEY-----`],
    ["a key that is described", "-----BEGIN PRIVATE KEY-----\n<your key>\n-----END PRIVATE KEY-----"],
    ["a key that is never ended", "-----BEGIN PRIVATE KEY-----\\nxxxxxxxxxxxxxxxx and so on"],
  ])("%s", (_what, text) => {
    expect(find(text)).toEqual(nothing);
  });
});

describe("what may be a secret is one, whatever stands around it", () => {
  test.each([
    ["alone", `pat_${body}`, 0],
    ["at the end of a sentence", `It is pat_${body}.`, 6],
    ["in bold", `**pat_${body}**`, 2],
    ["in bold with its name", `**token: pat_${body}**`, 9],
    ["in italics", `*pat_${body}*`, 1],
    ["in bold italics", `***pat_${body}***`, 3],
    ["in a comment", `/* pat_${body}*/`, 3],
    ["behind a masked one", `pat_${body}**** pat_${body}`, 41],
    ["in angle brackets", `<pat_${body}>`, 1],
    ["before a placeholder", `pat_${body} <your name>`, 0],
    ["before a tag", `<b>pat_${body}</b>`, 3],
    ["before a line break of HTML", `pat_${body}<br>`, 0],
    ["before a remark in brackets", `pat_${body}(mine)`, 0],
    ["struck through", `~~pat_${body}~~`, 2],
    ["whole, before three full stops", `pat_${whole}...`, 0],
    ["whole, before an ellipsis", `pat_${whole}…`, 0],
    ["whole, before a star", `pat_${whole}*`, 0],
    ["whole, before four", `pat_${whole}****`, 0],
    ["whole, before a title", `pat_${whole}### x`, 0],
    ["whole, before a factor", `pat_${whole}×2`, 0],
    ["whole, before a line", `pat_${whole}----`, 0],
    ["whole, before an omission", `pat_${whole}[...]`, 0],
  ])("%s", (_what, text, offset) => {
    expect(find(text)).toEqual({ manifest: [offset], file: [offset] });
  });

  test("a private key, whatever its line breaks became, and with samples around it", () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const key = privateKey.trim();
    const [begin = ""] = key.split("\n");
    for (const text of [key, key.replaceAll("\n", "\\n"), key.replaceAll("\n", " "), key.slice(0, 900)]) {
      expect(find(`${text}\nand so on ... <your key> ****`)).toEqual({ manifest: [0], file: [0] });
    }
    expect(find(`${begin}\n...`)).toEqual(nothing);
    const ssh = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz`;
    expect(find(`${ssh}\n-----END OPENSSH PRIVATE KEY-----`)).toEqual({ manifest: [0], file: [0] });
  });
});

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"];

const tokens = fc
  .tuple(
    fc.constantFrom("pat_", "sat_", "czs_", "czu_"),
    fc.array(fc.constantFrom(...letters), { minLength: 61, maxLength: 61 }),
    fc.tuple(fc.constantFrom(..."QRS"), fc.constantFrom(..."qrs"), fc.constantFrom(..."789")),
  )
  .map(([prefix, some, mixed]) => prefix + some.join("") + mixed.join(""));

test("a random token is always found, and never once it is masked", () => {
  const around = fc.constantFrom(
    "",
    "'",
    '"',
    " ",
    "\n",
    ",",
    "。",
    "）",
    ";",
    "...",
    "…",
    "*",
    "### x",
    "×2",
  );
  const masks = fc.constantFrom(
    "****",
    "***",
    "******",
    "…",
    "...",
    "xxxxxx",
    "XXXXXXXX",
    "\\*\\*\\*",
    "[...]",
    "____",
    "~~~",
  );
  fc.assert(
    fc.property(tokens, around, masks, fc.integer({ min: 20, max: 60 }), (token, next, mask, kept) => {
      expect(find(`a ${token}${next}`)).toEqual({ manifest: [2], file: [2] });
      expect(find(`a ${token.slice(0, kept)}${mask}${next}`)).toEqual(nothing);
    }),
  );
});
