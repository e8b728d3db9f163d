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

test("a token in the text of a prompt's file is told where the manifest names the file", async () => {
  const { sh } = createConsole({
    "desk.yaml": manifests(workspace, published({ file: "prompt.md" }, { device: "${env.DEVICE}" })),
    "prompt.md": `你是售后助手\n${token}\n`,
  });
  const { code, out, err } = await sh("validate", { ...terminal, env: { ...terminal.env, DEVICE: "d" } });
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toBe(`\
desk.yaml:17:11  a secret would be shown here: a token or key, or a value that a
  sensitive field has too
  hint: leave it out here, or give each of the two fields a value of its own

1 error
`);
});

test("a value of a sensitive field may stand nowhere else", async () => {
  const { sh, emulator } = createConsole({
    "desk.yaml": manifests(workspace, published("see ${var.device}", { device: "${var.device}" })),
  });
  const secret = "d3vice-9f8e7d6c5b4a";
  const { code, err } = await sh(`plan --var device=${secret}`);
  expect(code).toBe(3);
  expect(err).toMatch(/^desk\.yaml:16:11 {2}a secret would be shown here/);
  expect(err).not.toContain(secret);
  expect(emulator.requests).toEqual([]);
  // What is too short to be told from other text is as good as public.
  expect(await sh("plan --var device=d1")).toMatchObject({ code: 0 });
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
cozeform.yaml:6:15  the endpoint holds a user name or password and a query
  hint: give the address alone, such as https://api.coze.cn; how to sign in
        stands under auth

1 error
`,
  });
  write({ "cozeform.yaml": projectFile('"${env.ENDPOINT}"') });
  const { code, err } = await sh("validate", { env: { ENDPOINT: "https://api.coze.cn/#hunter2000" } });
  expect(code).toBe(3);
  expect(err).toContain("cozeform.yaml:6:15  the endpoint holds a fragment");
  expect(await sh("validate --endpoint https://me:hunter2000@api.coze.cn")).toEqual({
    code: 3,
    out: "",
    err: `\
error: option '--endpoint <url>' argument 'https://…@api.coze.cn' is invalid
  hint: write the address alone, without user, password and query
`,
  });
});
