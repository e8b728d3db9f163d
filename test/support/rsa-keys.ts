import { generateKeyPairSync } from "node:crypto";

/** The RSA keys of an OAuth app, made anew for each run of the tests. */
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

export const privateKey = pair.privateKey;
/** PKCS #8, as Coze's page gives it. */
export const privatePem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
export const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();

/** An OAuth app as the emulator knows it. */
export const emulatedApp = { app_id: "1138000000000001", key_id: "fingerprint-1", public_key: publicPem };
