import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "@jest/globals";
import { createIdentity } from "../../../src/terraform/protocol/rpc/certificate.ts";

test.each([
  ["2026-11-23T04:05:06Z", "Nov 22 04:05:06 2026 GMT", "Dec 22 04:05:06 2026 GMT"],
  // Within its time the years begin to need four digits.
  ["2049-12-20T00:00:00Z", "Dec 19 00:00:00 2049 GMT", "Jan 18 00:00:00 2050 GMT"],
  ["2060-01-02T00:00:00Z", "Jan  1 00:00:00 2060 GMT", "Jan 31 00:00:00 2060 GMT"],
])("a certificate made at %s is what hosts ask for", (now, validFrom, validTo) => {
  const { key, cert, der } = createIdentity(Date.parse(now));
  const certificate = new X509Certificate(cert);
  expect(certificate.raw).toEqual(der);
  expect({
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: certificate.subjectAltName,
    signs: certificate.ca,
    purposes: certificate.keyUsage,
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
  }).toEqual({
    subject: "CN=localhost",
    issuer: "CN=localhost",
    names: "DNS:localhost",
    signs: true,
    purposes: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
    validFrom,
    validTo,
  });
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
});

test("no two certificates have a number or a key in common", () => {
  const [one, other] = [createIdentity(0), createIdentity(0)].map(({ cert }) => new X509Certificate(cert));
  expect(one?.serialNumber).not.toBe(other?.serialNumber);
  expect(one?.publicKey.equals(other?.publicKey as NonNullable<typeof other>["publicKey"])).toBe(false);
});
