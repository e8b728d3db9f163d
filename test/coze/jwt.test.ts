import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "@jest/globals";
import { readPrivateKey } from "../../src/coze/auth.ts";
import { restoreLineBreaks } from "../../src/secrets/pem.ts";
import { privateKey, privatePem, publicPem } from "../support/rsa-keys.ts";

const pkcs1 = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const locked = { cipher: "aes-256-cbc", passphrase: "secret" };

test.each([
  ["as Coze gives it", privatePem],
  ["in the older form", pkcs1],
  ["with line breaks as two characters", privatePem.replaceAll("\n", "\\n")],
  ["with Windows line ends as four characters", privatePem.replaceAll("\n", "\\r\\n")],
  ["with spaces for line breaks", privatePem.replaceAll("\n", " ")],
  ["without its line breaks", privatePem.replaceAll("\n", "")],
  ["in the older form without its line breaks", pkcs1.replaceAll("\n", "")],
  ["with Windows line ends and blanks around", `\n ${privatePem.replaceAll("\n", "\r\n")} \n`],
])("a private key %s is read", (_title, text) => {
  expect((readPrivateKey(restoreLineBreaks(text)) as KeyObject).equals(privateKey)).toBe(true);
});

const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

test.each([
  ["", "is empty"],
  [publicPem, "is a public key, which signs nothing"],
  [privateKey.export({ type: "pkcs8", format: "pem", ...locked }).toString(), "is locked with a password"],
  [privateKey.export({ type: "pkcs1", format: "pem", ...locked }).toString(), "is locked with a password"],
  ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "isn't a private key in PEM form"],
  ["pat_abcdef", "isn't a private key in PEM form"],
  [
    privateKey
      .export({ type: "pkcs1", format: "pem", ...locked })
      .toString()
      .replaceAll("\n", " "),
    "is locked with a password",
  ],
  [privatePem.replaceAll("\n", "").slice(0, 900), "is damaged: no key can be read from it"],
  [privatePem.slice(0, 900), "is damaged: no key can be read from it"],
  [privatePem.replace("MII", "AAA"), "is damaged: no key can be read from it"],
  [
    pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    "isn't an RSA key, and Coze takes no other",
  ],
  [
    pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey),
    "has 1024 bits, and at least 2048 are needed",
  ],
])("a text that is no such key is told from one: %#", (text, problem) => {
  const found = readPrivateKey(restoreLineBreaks(text));
  expect(found).toEqual({ problem, hint: expect.any(String) });
  const middle = text.slice(2, 8);
  if (text !== "" && !text.startsWith("--")) expect(JSON.stringify(found)).not.toContain(middle);
});
