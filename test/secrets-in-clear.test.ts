import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "@jest/globals";
import { createConsole } from "./cli/console.ts";
import { manifest, manifests } from "./support/story.ts";

const terminal = { typed: "", env: { NO_COLOR: "1" } };
const token = "pat_Xq7vN2mWz8Kc4Rb1Td6Yh9Jp3Ls5Gf0A";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const published = (prompt: object | string, config: object) =>
  manifest("Bot", "support", {
    workspace: "desk",
    name: "售后助手",
    prompt,
    publish: { connectors: ["api", { id: "7000000000000001", config }] },
  } as never);

test("a token in the text of a prompt's file is told at its place in that file", async () => {
  const { sh } = createConsole({
    "desk.yaml": manifests(
      workspace,
      published({ file: "./prompts/desk.md" }, { device: "${env.COZE_DEVICE}" }),
    ),
    "prompts/desk.md": `你是售后助手\n令牌: ${token}\n`,
  });
  const { code, out, err } = await sh("validate", {
    ...terminal,
    env: { ...terminal.env, COZE_DEVICE: "d" },
  });
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toBe(`\
prompts/desk.md:2:5  this is a Coze token in plain text
  hint: revoke it if anyone else has seen this file, then remove it: this text
        is sent to Coze as it is, and plans show it

1 error
`);
});

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const documents = (contents: Readonly<Record<string, string | Buffer>>) => ({
  ...contents,
  "desk.yaml": manifests(
    workspace,
    manifest("Dataset", "facts", { workspace: "desk", name: "资料", format: "text" }),
    ...Object.keys(contents).map((file, index) =>
      manifest("Document", `d${index}`, { dataset: "facts", name: file, source: { file } }),
    ),
  ),
});

test("a token or key in a document's file is told at its place in that file, and not quoted", async () => {
  const { sh } = createConsole(
    documents({ "docs/keys.txt": `示例\n\n${pem}`, "docs/faq.txt": `# 问答\nUse ${token}, then ${token}\n` }),
  );
  const { code, out, err } = await sh("validate", terminal);
  const hint = `\
  hint: revoke it if anyone else has seen this file, then remove it: this file's
        text is sent to Coze
`;
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toBe(`\
docs/faq.txt:2:5  this is a Coze token in plain text
${hint}
docs/faq.txt:2:48  this is a Coze token in plain text
${hint}
docs/keys.txt:3:1  this is a private key in plain text
${hint}
3 errors
`);
});

test("a document is searched as it is sent: decoded and without tags; what is only in that is told at its beginning", async () => {
  const [head, tail] = [token.slice(0, 12), token.slice(12)];
  const { sh } = createConsole({
    "desk.yaml": manifests(
      workspace,
      manifest("Dataset", "facts", { workspace: "desk", name: "资料", format: "text" }),
      manifest("Document", "wide", {
        dataset: "facts",
        name: "wide",
        source: { file: "wide.txt", encoding: "utf-16le" },
      }),
      ...["tags.html", "front.md"].map((file) =>
        manifest("Document", file.replace(/\..*/u, ""), { dataset: "facts", name: file, source: { file } }),
      ),
    ),
    "wide.txt": Buffer.from(`\ufeff问\r\n用 ${token}\r\n电话 13907185526\r\n`, "utf16le"),
    "tags.html": `<p>令牌</p>\n<p>${head}<b>${tail}</b></p>\n<p>${token}</p>`,
    "front.md": `---\ntoken: ${token}\n---\n# 问\n`,
  });
  const { code, err } = await sh("validate", terminal);
  const places = err
    .split("\n")
    .flatMap((line) => /^(\S+:\d+:\d+) {2}(.*)/u.exec(line)?.slice(1).join(" ") ?? []);
  expect(code).toBe(3);
  expect(places).toEqual([
    "front.md:2:8 this is a Coze token in plain text",
    "tags.html:1:1 this is a Coze token in plain text",
    "tags.html:3:4 this is a Coze token in plain text",
    "wide.txt:2:3 this is a Coze token in plain text",
    "wide.txt:3:4 warning: this looks like a mobile number of a person",
  ]);
});

test("a document may show what tokens and keys look like, what is no text isn't searched, and the largest text is", async () => {
  const { sh } = createConsole(
    documents({
      "howto.txt": `pat_xxxxxxxxxxxxxxxxxxxxxxxx, pat_your_token_goes_here_1\n-----BEGIN PRIVATE KEY-----\nMIIEvQ…\n`,
      "packed.pdf": Buffer.concat([Buffer.from([0]), Buffer.from(token)]),
    }),
  );
  expect(await sh("validate", terminal)).toMatchObject({ code: 0, err: "" });
  const large = createConsole(documents({ "large.txt": `问\n${"问".repeat(6_000_000)}${token}` }));
  const { code, err } = await large.sh("validate", terminal);
  expect({ code, err: err.split("\n")[0] }).toEqual({
    code: 3,
    err: "large.txt:2:6000001  this is a Coze token in plain text",
  });
});

test("a value of a sensitive field may stand nowhere else", async () => {
  const { sh, emulator } = createConsole({
    "desk.yaml": manifests(workspace, published("see ${var.device}", { device: "${var.device}" })),
  });
  const secret = "d3vice-9f8e7d6c5b4a";
  const { code, err } = await sh(`plan --var device=${secret}`);
  expect(code).toBe(3);
  expect(err).toMatch(/^desk\.yaml:16:11 {2}this is a secret in plain text/);
  expect(err).not.toContain(secret);
  expect(emulator.requests).toEqual([]);
  // What is too short to be told from other text is as good as public.
  expect(await sh("plan --var device=d1")).toMatchObject({ code: 0 });
});

test("a token or a value of a sensitive field is told in a check, too", async () => {
  const checked = (say: string) =>
    `${published("帮", { device: "${var.device}" })}checks:\n  - {name: hello, say: "${say}", expect: x}\n`;
  const secret = "d3vice-9f8e7d6c5b4a";
  for (const say of ["${env.COZE_OTHER_TOKEN}", "see ${var.device}"]) {
    const { sh, emulator } = createConsole({ "desk.yaml": manifests(workspace, checked(say)) });
    const env = { NO_COLOR: "1", COZE_OTHER_TOKEN: token };
    const { code, err } = await sh(`plan --var device=${secret}`, { typed: "", env });
    expect(code).toBe(3);
    expect(err).toMatch(/^desk\.yaml:24:5 {2}this is a secret in plain text/);
    expect(err).not.toContain(secret);
    expect(err).not.toContain(token);
    expect(emulator.requests).toEqual([]);
  }
});

test("an endpoint holds nothing but an address, and what else it held isn't shown", async () => {
  const projectFile = (endpoint: string) => `\
apiVersion: cozeform/v1
kind: Project
name: desk
environments:
  dev:
    endpoint: ${endpoint}
`;
  const { sh, write } = createConsole({
    "cozeform.yaml": projectFile("https://me:hunter2000@api.coze.cn?sign=a1b2c3d4e5"),
    "desk.yaml": workspace,
  });
  expect(await sh("validate", terminal)).toEqual({
    code: 3,
    out: "",
    err: `\
cozeform.yaml:6:15  the endpoint contains a user name or password, a query
  hint: write the address alone, such as https://api.coze.cn; credentials belong
        under auth

1 error
`,
  });
  write({ "cozeform.yaml": projectFile('"${var.endpoint}"') });
  const { code, err } = await sh("validate", {
    env: { COZEFORM_VAR_endpoint: "https://api.coze.cn/#hunter2000" },
  });
  expect(code).toBe(3);
  expect(err).toContain("cozeform.yaml:6:15  the endpoint contains a fragment");
  expect(await sh("validate --endpoint https://me:hunter2000@api.coze.cn")).toEqual({
    code: 3,
    out: "",
    err: `\
error: option '--endpoint <url>' argument 'https://…@api.coze.cn' is invalid
  hint: write the address alone, without user, password and query
`,
  });
});

test("of many tokens in one file the first ten are placed, and the rest is counted", async () => {
  const text = `${token}\n`.repeat(14);
  const source = { dataset: "faq", name: "p", source: { file: "p.md" } };
  const { sh } = createConsole({
    "desk.yaml": manifests(
      workspace,
      published({ file: "q.md" }, {}),
      manifest("Dataset", "faq", { workspace: "desk", name: "问", format: "text" }),
      manifest("Document", "p", source as never),
    ),
    "p.md": text,
    "q.md": text,
  });
  const { err } = await sh("validate");
  for (const file of ["p.md", "q.md"]) {
    const told = err.split("\n").filter((line) => line.startsWith(`${file}:`));
    expect(told).toHaveLength(10);
    expect(told.filter((line) => line.includes(" more in "))).toEqual([told[9]]);
    expect(told[9]).toContain(`in plain text, and 4 more in ${file}`);
  }
});
