import { describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { createConsole, smallManifests } from "./console.ts";

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
        smallManifests +
        Object.entries(wanted)
          .map(([name, one]) => document(name, one))
          .join(""),
    });
  };
  write(chunking);
  const writesSince = (from: number) =>
    desk.emulator.requests.slice(from).flatMap(({ writes, operation = "" }) => (writes ? [operation] : []));
  const operationsSince = (from: number) =>
    desk.emulator.requests.slice(from).map(({ operation }) => operation);
  const count = () => desk.emulator.requests.length;
  return { ...desk, writeChunking: write, writesSince, operationsSince, count };
}

const dataset = { variants: ["dataset-chunking"] } as const;
const silent = { variants: ["dataset-chunking", "untold-chunking"] } as const;

describe("where chunking belongs to the dataset", () => {
  test("a replacement that changes nothing is told once, with its place and the next move, and not repeated", async () => {
    const desk = createDocuments({ a: byLines }, { world: dataset });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    desk.writeChunking({ a: byPages });
    const told = await desk.sh("apply --auto-approve");
    expect(told.code).toBe(1);
    expect(told.out.slice(told.out.indexOf("Failed"))).toMatchInlineSnapshot(`
"Failed (1):
+/- Document.a  Coze cuts this document as the dataset's other documents: {separator: "#", max_tokens: 500, remove_extra_spaces: false, remove_urls_emails:
      false}
      desk.yaml:18:13  chunking
      hint: a dataset that has documents keeps its chunking: write chunking as it is, or put the document into a dataset of its own

Apply incomplete: 1 replaced, 1 failed in 2.9s with 4 API calls.
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

  test("a replacement is looked at where its answer doesn't show the chunking, and told once", async () => {
    const desk = createDocuments({ a: byLines, b: byLines }, { world: silent });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    desk.writeChunking({ a: byPages, b: byPages });
    const from = desk.count();
    const told = await desk.sh("apply --auto-approve");
    expect([told.code, told.out]).toEqual([1, expect.stringContaining("Failed (2)")]);
    expect(told.out).toContain("Coze cuts this document as the dataset's other documents");
    expect(desk.operationsSince(from).filter((one) => one === "list_knowledge_files")).toHaveLength(2);
    const before = desk.count();
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.writesSince(before)).toEqual([]);
  });

  test("a new document whose answer doesn't show the chunking is replaced once", async () => {
    const desk = createDocuments({ a: byLines }, { world: silent });
    await desk.sh("apply --auto-approve");
    desk.writeChunking({ a: byLines, b: byPages });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect((await desk.sh("apply --auto-approve")).code).toBe(1);
    const before = desk.count();
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.writesSince(before)).toEqual([]);
  });

  test("a replacement that is taken costs one look and no complaint", async () => {
    const desk = createDocuments({ a: byLines }, { world: { variants: ["untold-chunking"] } });
    await desk.sh("apply --auto-approve");
    desk.writeChunking({ a: byPages });
    const from = desk.count();
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.operationsSince(from).filter((one) => one === "list_knowledge_files")).toHaveLength(2);
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

describe("a document that moderation rejects", () => {
  const first = "!!status 1000!!";

  test("fails each apply without a call about it until its content changes or --retry-refused is given", async () => {
    const desk = createDocuments({ a: "", b: "" });
    desk.write({ "a.txt": first });
    expect((await desk.sh("apply --auto-approve")).code).toBe(1);
    const before = desk.count();
    const planned = await desk.sh("plan");
    expect(planned.out).toContain(
      "Document.a  retry (moderation rejected its content; it is unchanged and isn't sent again)",
    );
    const again = await desk.sh("apply --auto-approve");
    expect(again.code).toBe(1);
    expect(again.out).toContain("moderation rejected its content");
    expect(again.out).toContain("change it; unchanged it is sent again only with --retry-refused");
    expect(desk.writesSince(before)).toEqual([]);

    expect((await desk.sh("apply --auto-approve --retry-refused")).code).toBe(1);
    expect(desk.writesSince(before)).toEqual(["create_knowledge_files", "delete_knowdge_files"]);
    expect(desk.emulator.world.documents.size).toBe(2);
    desk.write({ "a.txt": "退货" });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect([...desk.emulator.world.documents.values()].map(({ name }) => name)).toEqual(["b", "a"]);
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("as a change keeps the document that it was to replace, and is found by the next plan too", async () => {
    const desk = createDocuments({ a: "" });
    await desk.sh("apply --auto-approve");
    desk.write({ "a.txt": first });
    expect((await desk.sh("apply --auto-approve")).code).toBe(1);
    expect((await desk.sh("apply --auto-approve")).code).toBe(1);
    expect([...desk.emulator.world.documents.values()].map(({ ends_as }) => ends_as)).toEqual([
      undefined,
      1000,
    ]);
    desk.write({ "a.txt": "退货改好了" });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.emulator.world.documents.size).toBe(1);
  });

  test("later, after it was ready, isn't replaced by itself", async () => {
    const desk = createDocuments({ a: "" });
    await desk.sh("apply --auto-approve");
    const before = desk.count();
    for (const one of desk.emulator.world.documents.values()) one.ends_as = 1000;
    const again = await desk.sh("apply --auto-approve");
    expect([again.code, again.out]).toEqual([1, expect.stringContaining("Coze rejects its content")]);
    expect(desk.writesSince(before)).toEqual([]);
  });
});

test("a document that Coze fails to process is made again by each apply, which the plan says, in a few calls", async () => {
  const desk = createDocuments({ a: "", b: "" });
  desk.write({ "a.txt": "!!fail!!" });
  expect((await desk.sh("apply --auto-approve")).code).toBe(1);
  for (let time = 0; time < 3; time += 1) {
    const planned = await desk.sh("plan --detailed-exitcode");
    expect([planned.code, planned.out]).toEqual([
      2,
      expect.stringMatching(
        /\+\/- Document\.a {2}replace \d+ \(Coze failed to process it; it is made again\)\n/u,
      ),
    ]);
    const from = desk.count();
    const applied = await desk.sh("apply --auto-approve");
    expect([applied.code, applied.out]).toEqual([
      1,
      expect.stringContaining("Failed (1):\n+/- Document.a  "),
    ]);
    expect(desk.operationsSince(from)).toEqual([
      "list_workspace",
      "list_dataset",
      "list_knowledge_files",
      "create_knowledge_files",
      "get_dataset_progress",
      "get_dataset_progress",
      "delete_knowdge_files",
    ]);
    expect(desk.emulator.world.documents.size).toBe(2);
  }
  desk.write({ "a.txt": "退货" });
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
});

test("a text file of any kind is sent as txt under its own name; a binary one is refused offline", async () => {
  const files = {
    "k/读我.md": "# 退货",
    "k/b.CSV": "问,答\n",
    "k/c.html": "<p>退货</p>",
    "k/d.json": "{}",
    "k/e.rst": "退货",
    "k/f.log": "退货",
    "k/g.txt": "退货",
    "k/h.pdf": "%PDF-1.7",
  };
  const each = document("k").replace("{name: k}", '{name: k, for_each: {files: "k/*"}}');
  const manifest = `${smallManifests}${each.replace("name: k\n", 'name: "${each.name}"\n').replace("k.txt", '"${each.path}"')}`;
  const desk = createConsole({ ...files, "desk.yaml": manifest });
  const applied = await desk.sh("apply --auto-approve");
  expect([applied.code, applied.err]).toEqual([0, ""]);
  const sent = desk.emulator.requests.flatMap(({ operation, body }) =>
    operation === "create_knowledge_files" ? (body as { document_bases: SentDocument[] }).document_bases : [],
  );
  expect(sent.map(({ name, source_info }) => [name, source_info.file_type])).toEqual([
    ["b.CSV", "txt"],
    ["c.html", "txt"],
    ["d.json", "txt"],
    ["e.rst", "txt"],
    ["f.log", "txt"],
    ["g.txt", "txt"],
    ["h.pdf", "pdf"],
    ["读我.md", "txt"],
  ]);
  expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);

  desk.write({ "k/i.xlsx": "PK" });
  const refused = await desk.sh("validate");
  expect([refused.code, refused.out + refused.err]).toEqual([3, expect.stringContaining("k/i.xlsx must be")]);
});

interface SentDocument {
  readonly name: string;
  readonly source_info: { readonly file_type: string };
}

describe("a web page that Coze can't take", () => {
  const pages = (names: readonly string[]) =>
    smallManifests +
    names
      .map((name) => document(name).replace(`{file: ${name}.txt}`, `{url: "https://example.com/${name}"}`))
      .join("");

  test("fails alone, with its place, and the other pages of its call are made", async () => {
    const desk = createConsole(
      { "desk.yaml": pages(["a", "bad", "c"]) },
      {
        hooks: {
          before: ({ operation, body }) =>
            operation === "create_knowledge_files" && JSON.stringify(body).includes("/bad")
              ? Response.json({ code: 4305, msg: "invalid url" })
              : undefined,
        },
      },
    );
    const { code, out } = await desk.sh("apply --auto-approve");
    expect(code).toBe(1);
    expect(out.slice(out.indexOf("Failed"))).toMatch(
      /Document\.bad {2}create_knowledge_files, code 4305: Coze couldn't read a web page: invalid url\n {6}desk\.yaml:\d+:\d+ {2}source\.url\n/u,
    );
    expect([...desk.emulator.world.documents.values()].map(({ name }) => name)).toEqual(["a", "c"]);
  });

  test("because Coze fails for good costs few calls, and an error", async () => {
    const desk = createConsole({ "desk.yaml": pages(["a"]) });
    desk.emulator.faults.set([{ operation: "create_knowledge_files", fault: "server-error" }]);
    const { code, out } = await desk.sh("apply --auto-approve");
    expect([code, out]).toEqual([1, expect.stringContaining("code 5000")]);
    const tries = desk.emulator.requests.filter(({ operation }) => operation === "create_knowledge_files");
    expect(tries.length).toBeLessThanOrEqual(2);
  });
});
