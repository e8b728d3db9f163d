import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "@jest/globals";
import { readPrivateKey } from "../../src/coze/auth.ts";
import { restoreLineBreaks } from "../../src/secrets/detection.ts";
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
  expect((readPrivateKey(restoreLineBreaks(text), "key.pem") as KeyObject).equals(privateKey)).toBe(true);
});

const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

test.each([
  ["", "the private key in key.pem is empty"],
  [publicPem, "the key in key.pem is a public key, which can't sign"],
  [
    privateKey.export({ type: "pkcs8", format: "pem", ...locked }).toString(),
    "the private key in key.pem is encrypted with a password",
  ],
  [
    privateKey.export({ type: "pkcs1", format: "pem", ...locked }).toString(),
    "the private key in key.pem is encrypted with a password",
  ],
  ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "the private key in key.pem isn't in PEM form"],
  ["pat_abcdef", "the private key in key.pem isn't in PEM form"],
  [
    privateKey
      .export({ type: "pkcs1", format: "pem", ...locked })
      .toString()
      .replaceAll("\n", " "),
    "the private key in key.pem is encrypted with a password",
  ],
  [privatePem.replaceAll("\n", "").slice(0, 900), "the private key in key.pem is damaged: it can't be read"],
  [privatePem.slice(0, 900), "the private key in key.pem is damaged: it can't be read"],
  [privatePem.replace("MII", "AAA"), "the private key in key.pem is damaged: it can't be read"],
  [
    pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    "the private key in key.pem isn't an RSA key, the only type that Coze accepts",
  ],
  [
    pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey),
    "the private key in key.pem has 1024 bits; at least 2048 are required",
  ],
])("a text that is no such key is told from one: %#", (text, message) => {
  const found = readPrivateKey(restoreLineBreaks(text), "key.pem");
  expect(found).toEqual({ message, hint: expect.any(String) });
  const middle = text.slice(2, 8);
  if (text !== "" && !text.startsWith("--")) expect(JSON.stringify(found)).not.toContain(middle);
});
