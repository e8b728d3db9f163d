import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";

/** A private key and the certificate of its public one, both as PEM, and the certificate's DER. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly der: Buffer;
}

/**
 * A certificate for `localhost` that is signed by itself and may sign, which is how hosts of plugins check it. Valid for
 * 30 days around `now`, in milliseconds: no plugin runs for longer.
 *
 * The libraries for this take longer to load than all the rest of a start, and what is made is one form with four blanks.
 */
export function createIdentity(now: number): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = describeHolder(publicKey, now);
  const der = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, privateKey)));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: new X509Certificate(der).toString(),
    der,
  };
}

/** The part of a certificate that is signed (RFC 5280, 4.1). */
function describeHolder(publicKey: KeyObject, now: number): Buffer {
  const version = tagged(0xa0, integer(Buffer.of(2)));
  // Behind a first byte from 1 to 127 the number is positive and in its shortest form.
  const serial = integer(Buffer.concat([Buffer.of(1), randomBytes(15)]));
  const name = sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from("localhost")))));
  const validity = sequence(time(now - day), time(now + 29 * day));
  const key = publicKey.export({ type: "spki", format: "der" });
  return sequence(version, serial, ecdsaWithSha256, name, validity, name, key, extensions());
}

function extensions(): Buffer {
  const keyUsage = bits(Buffer.of(0b10101100), 2); // signatures, keys' encipherment and agreement, certificates
  const purposes = sequence(oid("2b06010505070301"), oid("2b06010505070302")); // server, client
  const names = sequence(tagged(0x82, Buffer.from("localhost")));
  return tagged(
    0xa3,
    sequence(
      sequence(oid("551d0f"), yes, octets(keyUsage)),
      sequence(oid("551d25"), octets(purposes)),
      sequence(oid("551d13"), yes, octets(sequence(yes))),
      sequence(oid("551d11"), octets(names)),
    ),
  );
}

const day = 24 * 60 * 60 * 1000;

/** One value of DER (X.690, 8.1): its tag, the length of what it holds, what it holds. */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...items: Buffer[]) => tagged(0x30, ...items);
const integer = (bytes: Buffer) => tagged(0x02, bytes);
const octets = (bytes: Buffer) => tagged(0x04, bytes);
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, "hex"));
/** All bits but the last `unused`. */
const bits = (bytes: Buffer, unused = 0) => tagged(0x03, Buffer.of(unused), bytes);

const yes = Buffer.of(0x01, 0x01, 0xff);
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

/** Years have two digits until 2049, and must have four from then on (RFC 5280, 4.1.2.5). */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, "").slice(0, 14);
  return digits < "2050"
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(0x18, Buffer.from(`${digits}Z`));
}
