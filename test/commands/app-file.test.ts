import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readAppFile } from "../../src/commands/app-file.ts";
import { serveEmulator } from "../../src/commands/emulator.ts";
import { createHost } from "../../src/commands/host.ts";
import { InvalidInput } from "../../src/core/diagnostic.ts";
import { signJwt } from "../emulator/jwt.ts";
import { privatePem, publicPem } from "../support/rsa-keys.ts";

function place(files: { readonly [name: string]: string }): string {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-app-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

async function problemsOf(text: string, files: { readonly [name: string]: string } = {}) {
  const directory = place({ "public.pem": publicPem, ...files, "app.yaml": text });
  const error = await readAppFile(join(directory, "app.yaml"), "app.yaml").catch((caught: unknown) => caught);
  if (!(error instanceof InvalidInput)) throw error;
  return error.diagnostics.map(({ at, message, hint }) => `${at?.line}:${at?.column} ${message} (${hint})`);
}

const good = 'app_id: "310000000002"\nkey_id: fingerprint\npublic_key: {file: public.pem}\n';

test("an app of a file, YAML or JSON, signs in at the emulator that is served", async () => {
  const json = { app_id: "310000000003", key_id: "fingerprint", public_key: { file: "public.pem" } };
  const directory = place({
    "public.pem": publicPem,
    "app.yaml": `${good}workspaces: []\n`,
    "app.json": JSON.stringify(json),
  });
  const apps = await Promise.all(["app.yaml", "app.json"].map((name) => readAppFile(join(directory, name))));
  const { url, close } = await serveEmulator(createHost(), { apps });
  try {
    const counts = [];
    for (const app of apps) {
      const jwt = await signJwt(app, Date.now(), { claims: { aud: new URL(url).hostname } });
      const exchanged = await fetch(`${url}/api/permission/oauth2/token`, {
        method: "POST",
        headers: { authorization: `Bearer ${jwt}` },
        body: JSON.stringify({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" }),
      });
      const { access_token } = (await exchanged.json()) as { readonly access_token: string };
      const headers = { authorization: `Bearer ${access_token}` };
      const listed = await fetch(`${url}/v1/workspaces`, { headers });
      const { data } = (await listed.json()) as { readonly data: { readonly total_count: number } };
      counts.push(data.total_count);
    }
    expect(counts).toEqual([0, 1]);
  } finally {
    await close();
  }
});

test("what is wrong with the file of an app is said at its place, all at once", async () => {
  expect(await problemsOf("app_id: 7\nkey: x\npublic_key: {file: no.pem}\n")).toEqual([
    '1:9 app_id: expected a text, found a number (quote it: "7")',
    '2:1 unknown key "key" (did you mean "key_id"?)',
    "3:20 there is no file no.pem (the path is relative to the app's file)",
  ]);
  expect(await problemsOf(`${good}kind: special\n`)).toEqual([
    '4:7 there is no kind "special" (known kinds: service, privileged)',
  ]);
  expect(await problemsOf(`${good}permissions: [listWorkspaces, readMember, foo]\n`)).toEqual([
    '4:15 no call that the emulator supports needs the permission "listWorkspaces" (did you mean listWorkspace?)',
    expect.stringMatching(
      /^4:43 no call that the emulator supports needs the permission "foo" \(remove it; known permissions: listWorkspace, /,
    ),
  ]);
  expect(await problemsOf(good, { "public.pem": privatePem })).toEqual([
    "3:20 the key in public.pem is a private one (openssl pkey -in private_key.pem -pubout gives its public half)",
  ]);
  expect(await problemsOf(good, { "public.pem": "x" })).toEqual([
    "3:20 the key in public.pem cannot be read (give it in PEM, from BEGIN PUBLIC KEY to END PUBLIC KEY)",
  ]);
  expect(await problemsOf(`${good}---\n${good}`)).toEqual([
    "5:1 an OAuth app file has one document (move it to a file of its own and pass --oauth-app twice)",
  ]);
  for (const text of ["", "- a\n", "a\n"]) {
    expect(await problemsOf(text)).toEqual([
      "1:1 an OAuth app file must be a map (set app_id, key_id and public_key: {file: public.pem})",
    ]);
  }
  await expect(readAppFile("/nowhere/app.yaml", "app.yaml")).rejects.toMatchObject({
    diagnostics: [
      { message: "there is no file app.yaml", hint: "a relative path begins at the current directory" },
    ],
  });
});

test("a private key in the file of an app is repeated nowhere", async () => {
  const text = `${good}name: |\n${privatePem.replace(/^/gm, "  ")}\n`;
  const directory = place({ "public.pem": publicPem, "app.yaml": text });
  const error = await readAppFile(join(directory, "app.yaml")).catch((caught: unknown) => caught);
  if (!(error instanceof InvalidInput)) throw error;
  expect(error.diagnostics.map(({ code }) => code)).toEqual(["secret-in-clear"]);
  const [, line = ""] = privatePem.split("\n");
  expect(JSON.stringify([error.diagnostics, [...error.sources]])).not.toContain(line);
});
