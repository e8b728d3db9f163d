import { describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { createConsole } from "./console.ts";

const project = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec: {workspace: desk, name: 常见问题, format: text}
`;

const document = (name: string, chunking = "") => `\
---
apiVersion: cozeform/v1
kind: Document
metadata: {name: ${name}}
spec:
  dataset: faq
  name: ${name}
  source: {file: ${name}.txt}
${chunking === "" ? "" : `  chunking: ${chunking}\n`}`;

const byLines = '{separator: "#", max_tokens: 500}';
const byPages = '{separator: "@", max_tokens: 800}';

/** A desk with documents, each cut in its own way. */
function createDocuments(chunking: { readonly [name: string]: string }, emulation: EmulatorOptions = {}) {
  const desk = createConsole({}, emulation);
  const write = (wanted: { readonly [name: string]: string }): void => {
    for (const name of Object.keys(wanted)) desk.write({ [`${name}.txt`]: `${name} 的内容` });
    desk.write({
      "desk.yaml":
        project +
        Object.entries(wanted)
          .map(([name, one]) => document(name, one))
          .join(""),
    });
  };
  write(chunking);
  const writesSince = (from: number) =>
    desk.emulator.requests.slice(from).flatMap(({ writes, operation = "" }) => (writes ? [operation] : []));
  return { ...desk, writeChunking: write, writesSince, count: () => desk.emulator.requests.length };
}

const dataset = { variants: ["dataset-chunking"] } as const;

describe("where chunking belongs to the dataset", () => {
  test("a replacement that changes nothing is told once, with its place and the next move, and not repeated", async () => {
    const desk = createDocuments({ a: byLines }, { world: dataset });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    desk.writeChunking({ a: byPages });
    const told = await desk.sh("apply --auto-approve");
    expect(told.code).toBe(1);
    expect(told.out.slice(told.out.indexOf("Failed"))).toMatchInlineSnapshot(`
"Failed (1):
+/- Document.a  Coze cuts this document as the dataset's other documents:
      {"separator":"#","max_tokens":500,"remove_extra_spaces":false,"remove_urls_emails":false}
      desk.yaml:18:13  chunking
      hint: a dataset that has documents keeps its chunking: write chunking as it is, or put the document into a dataset of its own

Apply incomplete: nothing done, 1 failed in 2.9s with 4 API calls.
Completed steps are saved; run again to continue.
"
`);
    expect(desk.emulator.world.documents.size).toBe(1);
    const before = desk.count();
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.writesSince(before)).toEqual([]);

    desk.writeChunking({ a: '{separator: "$", max_tokens: 900}' });
    expect((await desk.sh("apply --auto-approve")).code).toBe(1);
    desk.writeChunking({ a: byLines });
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test.each([
    ["another chunking", byPages, 1],
    ["the same chunking", byLines, 0],
    ["no chunking of its own", "", 0],
  ])("a new document with %s", async (_, chunking, code) => {
    const desk = createDocuments({ a: byLines }, { world: dataset });
    await desk.sh("apply --auto-approve");
    desk.writeChunking({ a: byLines, b: chunking });
    expect((await desk.sh("apply --auto-approve")).code).toBe(code);
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("chunking that is taken out is told to stay, and one that Coze decides itself as well", async () => {
    const desk = createDocuments({ a: byLines, b: byLines }, { world: dataset });
    await desk.sh("apply --auto-approve");
    desk.writeChunking({ a: byLines, b: "" });
    const told = await desk.sh("apply --auto-approve");
    expect([told.code, told.out]).toEqual([
      1,
      expect.stringContaining("Coze cuts this document as the dataset's"),
    ]);
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);

    const own = createDocuments({ a: "" }, { world: dataset });
    await own.sh("apply --auto-approve");
    own.writeChunking({ a: "", b: byLines });
    const automatic = await own.sh("apply --auto-approve");
    expect([automatic.code, automatic.out]).toEqual([
      1,
      expect.stringContaining("Coze cuts this document by itself"),
    ]);
    expect((await own.sh("plan --detailed-exitcode")).code).toBe(0);
  });
});
