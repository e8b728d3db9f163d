import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

/** A desk whose documents are made of files. */
function createDesk(files: { readonly [name: string]: string | Uint8Array }, documents: string) {
  const desk = createConsole({ ...files, "desk.yaml": smallManifests, "docs.yaml": documents });
  const sent = (from = 0) =>
    desk.emulator.requests.slice(from).flatMap(({ operation, body }) =>
      operation === "create_knowledge_files"
        ? (body as { document_bases: readonly SentDocument[] }).document_bases.map(
            ({ name, source_info }) => ({
              name,
              type: source_info.file_type,
              text: Buffer.from(source_info.file_base64 ?? "", "base64").toString("utf8"),
            }),
          )
        : [],
    );
  const writes = (from: number) =>
    desk.emulator.requests.slice(from).flatMap(({ writes, operation = "" }) => (writes ? [operation] : []));
  const settled = async () => {
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  };
  return { ...desk, sent, writes, settled, count: () => desk.emulator.requests.length };
}

interface SentDocument {
  readonly name: string;
  readonly source_info: { readonly file_type?: string; readonly file_base64?: string };
}

/** A manifest with a document for each item; `source` and `more` are added to its spec. */
const documents = (
  forEach: string,
  { source = 'file: "${each.path}"', more = "", name = "${each.name}" } = {},
) => `\
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: ${forEach}}
spec: {dataset: faq, name: "${name}", source: {${source}}${more}}
`;

const all = '{files: "k/**"}';

describe("text is sent as text, whatever its ending", () => {
  test("in UTF-8, with its name and ending in Coze's list; front matter and HTML's tags aren't", async () => {
    const desk = createDesk(
      {
        "k/LICENSE": "许可\r\n",
        "k/a.md": "\ufeff---\r\ntitle: 退货\r\ntags: [a]\r\n---\r\n\r\n# 退货\r\n七天\r\n",
        "k/b.weird": "未知的结尾",
        "k/c.htm":
          "<html><head><title>x</title><style>p{}</style></head><body><h2>问 &amp; 答</h2><p>七天<br>内</p><ul><li>一</li></ul><table><tr><td>a</td><td>b</td></tr></table><pre># x</pre><script>1</script></body></html>",
        "k/d.txt": Buffer.from("bfcdb7fed6facad6a1a3c4e3bac3", "hex"),
        "k/e.md": "---\n退货\n---\n正文\n",
        "k/~$a.docx": "left",
        "k/Thumbs.db": "left",
        "k/a.md~": "left",
      },
      documents(all, { source: 'file: "${each.path}", encoding: gb18030' }),
    );
    expect(await desk.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    expect(desk.sent()).toEqual([
      { name: "LICENSE", type: "txt", text: "许可\n" },
      { name: "a.md", type: "txt", text: "# 退货\n七天\n" },
      { name: "b.weird", type: "txt", text: "未知的结尾" },
      {
        name: "c.htm",
        type: "txt",
        text: "## 问 & 答\n\n七天\n内\n\n- 一\n\na   b\n\n```\n# x\n```\n",
      },
      { name: "d.txt", type: "txt", text: "客服助手。你好" },
      { name: "e.md", type: "txt", text: "---\n退货\n---\n正文\n" },
    ]);
    await desk.settled();

    // What isn't sent is no change, nor is another way of reading that gives the same text.
    desk.write({
      "k/a.md": "---\ntitle: 退换货\n---\n# 退货\n七天\n",
      "docs.yaml": documents(all, { source: 'file: "${each.path}", encoding: gbk, front_matter: omit' }),
    });
    await desk.settled();
    desk.write({
      "docs.yaml": documents(all, { source: 'file: "${each.path}", encoding: gbk, front_matter: keep' }),
    });
    const from = desk.count();
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.sent(from)).toEqual([
      { name: "a.md", type: "txt", text: "---\ntitle: 退换货\n---\n# 退货\n七天\n" },
    ]);
    await desk.settled();
  });

  test("named by the title in its front matter, or else by the file", async () => {
    const desk = createDesk(
      {
        "k/a.md": '---\ntitle: "退货: 七天" # 标题\n---\n正文',
        "k/b.md": "+++\ntitle = '包邮'\n+++\n正文",
        "k/c.md": "正文",
      },
      documents(all, { name: "${each.title}" }),
    );
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(desk.sent().map(({ name }) => name)).toEqual(["退货: 七天", "包邮", "c.md"]);
  });

  test("of nothing but blanks is empty, as is a page without words", async () => {
    const desk = createDesk(
      {
        "k/a.html": "<html><head><title>x</title></head><body><script>var x</script></body></html>",
        "k/b.md": "\n\n",
        "k/c.md": "---\ntitle: x\n---\n",
        "k/d.txt": "\ufeff \t\r\n\u3000\u00a0",
        "k/e": "\n",
        "k/f.txt": "",
        "k/g.txt": " .",
      },
      documents(all),
    );
    const items = ["a.html", "b.md", "c.md", "d.txt", "e", "f.txt"]
      .map((key) => `Document.faq["${key}"]`)
      .join(", ");
    for (const command of ["validate", "apply --auto-approve"]) {
      const { code, err } = await desk.sh(command);
      expect({ code, err }).toEqual({
        code: 3,
        err: `docs.yaml:4:59  k/a.html is empty (6 items: ${items})\n1 error\n`,
      });
    }
    expect(desk.count()).toBe(0);
  });

  test("the title is read in the encoding of the text", async () => {
    const texts = ["---\ntitle: ", "\n---\n"].map((text) => Buffer.from(text));
    const word = Buffer.from("cdcbbbf5", "hex");
    const desk = createDesk(
      {
        "k/a.md": Buffer.concat(
          [...texts, word].flatMap((one, index) => (index === 0 ? [one, word] : [one])),
        ),
      },
      documents(all, {
        source: 'file: "${each.path}", encoding: "${var.encoding}"',
        name: "${each.title}",
      }),
    );
    expect((await desk.sh("apply --auto-approve --var encoding=gb18030")).err).toBe("");
    expect(desk.sent()).toEqual([{ name: "退货", type: "txt", text: "退货" }]);
    // The beginning of a text that is divided is named by the text's own title, and its sections by theirs.
    const sections = ["a", "b", "c"].map((title) => `# ${title}\n${"x".repeat(6 * 2 ** 20)}\n`);
    desk.write({
      "k/a.md": `---\ntitle: 大\n---\n前言\n${sections.join("")}`,
      "docs.yaml": documents('{files: "k/*", split: true}', { name: "${each.title}" }),
    });
    const { out } = await desk.sh("plan");
    for (const name of ["大", "a", "b", "c"]) expect(out).toMatch(new RegExp(`name: .*"?${name}"?$`, "mu"));
  });

  test("what can't be sent is told with the way out", async () => {
    const desk = createDesk(
      {
        "k/a.xlsx": "PK",
        "k/b.pptx": "PK",
        "k/c.bin": Buffer.from([1, 0, 2]),
        "k/d": Buffer.from("bfcdb7fed6facad6a1a3c4e3bac3", "hex"),
        "k/~$e.docx": "x",
      },
      `${documents('{files: "k/[abcd]*"}')}---\n${documents("[k/~$e.docx]", { source: "file: k/~$e.docx", name: "e" }).replace("{name: faq", "{name: one")}`,
    );
    const { code, err } = await desk.sh("validate");
    const kinds = "must be a document (.pdf .doc .docx, or any text) or an image (.jpg .jpeg .png .webp)";
    expect({
      code,
      err: err.replaceAll(/ or an image \(.*?\)/gu, " or an image (.jpg .jpeg .png .webp)"),
    }).toEqual({
      code: 3,
      err: `\
docs.yaml:4:59  k/a.xlsx ${kinds} (Document.faq["a.xlsx"])  hint: save it as csv, or as pdf
docs.yaml:4:59  k/b.pptx ${kinds} (Document.faq["b.pptx"])  hint: save it as pdf or docx
docs.yaml:4:59  k/c.bin ${kinds} (Document.faq["c.bin"])  hint: convert the file, or use another one
docs.yaml:4:59  k/d isn't UTF-8 text; it looks like GB18030 (Document.faq["d"])  hint: write encoding: gb18030 beside the file, or save it as UTF-8: iconv -f GB18030 -t UTF-8 k/d > converted
docs.yaml:9:48  k/~$e.docx is what another program left here, not a document (Document.one["k/~$e.docx"])  hint: name the file that it was made from
5 errors
`,
    });
    desk.write({
      "docs.yaml": documents('{files: "k/d"}', { source: 'file: "${each.path}", encoding: gb1803' }),
    });
    expect((await desk.sh("validate")).err).toContain("docs.yaml:4:59  there is no encoding called gb1803");
    desk.write({
      "docs.yaml": documents('{files: "k/d"}', { source: 'file: "${each.path}", encoding: iso-2022-jp' }),
    });
    expect((await desk.sh("validate")).err).toContain("k/d is neither UTF-8 text nor text in iso-2022-jp");
  });
});

describe("chunks that begin at headings", () => {
  const text = "前言\n\n# 一\n\n```sh\n# 不是\n```\n\n二\n---\n\n### 三\n\n<!--\n# 不是\n-->\n";
  const byHeadings = ", chunking: {by: headings, level: 2}";

  test("have a separator before each heading down to the level, and no perpetual difference", async () => {
    const desk = createDesk({ "k/a.md": text, "k/b.csv": "# a,b\n" }, documents(all, { more: byHeadings }));
    expect(await desk.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    expect(desk.sent().map((one) => one.text)).toEqual([
      "前言\n\n<!-- cut -->\n# 一\n\n```sh\n# 不是\n```\n\n<!-- cut -->\n二\n---\n\n### 三\n\n<!--\n# 不是\n-->\n",
      "# a,b\n",
    ]);
    const { body } =
      desk.emulator.requests.find(({ operation }) => operation === "create_knowledge_files") ?? {};
    expect(body).toMatchObject({
      chunk_strategy: { chunk_type: 1, separator: "<!-- cut -->", max_tokens: 2000 },
    });
    await desk.settled();
    const from = desk.count();
    desk.write({ "docs.yaml": documents(all, { more: ", chunking: {by: headings, level: 3}" }) });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    // Only the text with a heading of that level is another one.
    expect(desk.sent(from).map(({ name }) => name)).toEqual(["a.md"]);
    await desk.settled();
    desk.write({ "docs.yaml": documents(all, { more: ', chunking: {separator: "#", max_tokens: 300}' }) });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    await desk.settled();
  });

  test("are those of the whole dataset, where Coze cuts all of its documents alike", async () => {
    const world = { variants: ["dataset-chunking"] } as const;
    const desk = createConsole(
      { "k/a.md": text, "desk.yaml": smallManifests, "docs.yaml": documents(all, { more: byHeadings }) },
      { world },
    );
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    desk.write({ "k/b.md": text.replace("前言", "序") });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("must be the same for all documents of a dataset", async () => {
    const one = (name: string, chunking: string) =>
      documents("[a]", { source: "file: k/a.md", more: chunking, name }).replace(
        "{name: faq",
        `{name: ${name}`,
      );
    const desk = createDesk(
      { "k/a.md": text },
      [one("a", byHeadings), one("b", byHeadings), one("c", ", chunking: {by: headings}"), one("d", "")].join(
        "---\n",
      ),
    );
    expect(await desk.sh("validate")).toMatchObject({
      code: 3,
      err: `\
docs.yaml:19:7  this document is cut in another way than Document.a["a"], and a dataset that is cut by headings is cut in one way (Document.d["a"])  hint: write the same chunking as at docs.yaml:4:67, or put it into a dataset of its own
1 error
`,
    });
    desk.write({ "docs.yaml": one("a", ", chunking: {level: 2}") });
    expect((await desk.sh("validate")).err).toContain("chunking needs a separator");
  });
});

describe("a text that is too large", () => {
  const section = (title: string, mebibytes: number, fill: string) =>
    `# ${title}\n${`${fill.repeat(1023)}\n`.repeat(mebibytes * 1024)}`;
  const split = documents('{files: "k/*", split: true}');

  test("is an error that names the way out, and goes as its sections then, of which only changed ones go again", async () => {
    const book = (...sections: readonly string[]) => `序言\n\n${sections.join("")}`;
    const [one, two, three] = [section("一", 4, "a"), section("二 {#two}", 4, "b"), section("三", 4, "c")];
    const desk = createDesk(
      { "k/big.md": book(one, two, three), "k/small.md": "小" },
      documents('{files: "k/*"}'),
    );
    expect(await desk.sh("validate")).toMatchObject({
      code: 3,
      err: 'docs.yaml:4:59  the file is too large: a text document must be smaller than 10 MB (Document.faq["big.md"] of k/big.md)  hint: split the file; manifests do it at its headings with metadata.for_each: {files: …, split: true}\n1 error\n',
    });
    desk.write({ "docs.yaml": split });
    expect(await desk.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    const names = () => [...desk.emulator.world.documents.values()].map(({ name }) => name).sort();
    expect(names()).toEqual(["big.md", "big.md#two", "big.md#一", "big.md#三", "small.md"].sort());
    // The record of requests holds the beginning of large bodies.
    const begun = desk.sent().map(({ text }) => text.split("\n")[0]);
    expect(begun.sort()).toEqual(["序言", "# 一", "# 二 {#two}", "# 三", "小"].sort());
    await desk.settled();

    // A section that is put in, and one that has another title, which is other content.
    const [added, renamed] = [section("新", 1, "d"), section("叁", 4, "c")];
    desk.write({ "k/big.md": book(one, added, two.replace("二", "贰"), renamed) });
    const from = desk.count();
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(
      desk
        .sent(from)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["big.md#two", "big.md#叁", "big.md#新"].sort());
    expect(names()).toEqual(
      ["big.md", "big.md#two", "big.md#一", "big.md#叁", "big.md#新", "small.md"].sort(),
    );
    await desk.settled();
  });

  test("without a heading at which it could be split is told by its section", async () => {
    const desk = createDesk(
      { "k/a.md": `${section("一", 11, "a")}`, "k/b.txt": "b".repeat(11 * 2 ** 20) },
      split,
    );
    expect((await desk.sh("validate")).err).toBe(`\
docs.yaml:3:41  a section of k/a.md is larger than 10 MB and has no heading at which it could be split: 一  hint: divide the section by headings
docs.yaml:3:41  k/b.txt is larger than 10 MB and has no heading at which it could be split  hint: divide the text by headings, or split the file
2 errors
`);
    desk.write({ "docs.yaml": documents('{files: "k/*", split: yes please}') });
    expect((await desk.sh("validate")).err).toContain("docs.yaml:3:55  split must be true or false");
  });
});

describe("web pages that files list", () => {
  const pages = documents("{sources: {sitemap: [a.xml], list: urls.txt}}", {
    source: 'url: "${each.value}"',
  });
  const sitemap = (body: string) =>
    `<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${body}</urlset>\n`;

  test("are a document each, and nothing is fetched", async () => {
    const desk = createDesk(
      {
        "a.xml": sitemap(
          "<url><loc>https://example.com/a?x=1&amp;y=2</loc><image:image><image:loc>https://i</image:loc></image:image></url>\n<!-- <loc>https://no</loc> -->\n<url><loc> <![CDATA[https://example.com/%E9%80%80]]> </loc></url>\n",
        ),
        "urls.txt": "# 帮助\r\nhttps://example.com/b/\r\n\r\nhttps://example.com/a?x=1&y=2\r\n",
      },
      pages,
    );
    expect(await desk.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    const { body } =
      desk.emulator.requests.find(({ operation }) => operation === "create_knowledge_files") ?? {};
    expect((body as { document_bases: unknown }).document_bases).toEqual(
      [
        ["example.com/退", "https://example.com/%E9%80%80"],
        ["example.com/a?x=1&y=2", "https://example.com/a?x=1&y=2"],
        ["example.com/b", "https://example.com/b/"],
      ].map(([name, web_url]) => ({ name, source_info: { web_url, document_source: 1 } })),
    );
    await desk.settled();
  });

  test("of one name are told apart by their last slash, their escapes and their scheme", async () => {
    const named = {
      "https://example.com/a": "example.com/a",
      "https://example.com/a/": "example.com/a/",
      "https://example.com/%E9%80%80": "example.com/%E9%80%80",
      "https://example.com/%e9%80%80": "example.com/%e9%80%80",
      "http://example.com/c": "http://example.com/c",
      "https://example.com/c": "https://example.com/c",
      "https://example.com/d//": "https://example.com/d//",
      "http://example.com/d//": "http://example.com/d//",
      "https://example.com/d/": "example.com/d",
      "https://example.com/%E9%80%80/b/": "example.com/退/b",
    };
    const desk = createDesk(
      { "urls.txt": Object.keys(named).join("\n") },
      pages.replace("sitemap: [a.xml], ", ""),
    );
    const { code, err } = await desk.sh("apply --auto-approve");
    expect({ code, err }).toEqual({
      code: 0,
      err: "",
    });
    const made = [...desk.emulator.world.documents.values()].map(({ name, web_url }) => [web_url, name]);
    expect(Object.fromEntries(made)).toEqual(named);
    await desk.settled();
  });

  test("are told by file and line where they are none", async () => {
    const desk = createDesk(
      {
        "a.xml": sitemap("<url><loc>/relative</loc></url>\n"),
        "urls.txt": "https://example.com\n  ftp://x\nhttps://exa mple.com\n",
      },
      pages,
    );
    const hint = "isn't the address of a web page  hint: write a whole address: https://example.com/page";
    expect(await desk.sh("validate")).toMatchObject({
      code: 3,
      err: `a.xml:3:11  "/relative" ${hint}\nurls.txt:2:3  "ftp://x" ${hint}\nurls.txt:3:1  "https://exa mple.com" ${hint}\n3 errors\n`,
    });
    desk.write({ "a.xml": "<sitemapindex></sitemapindex>", "urls.txt": "# nothing\n" });
    const { err } = await desk.sh("validate");
    expect(err).toContain("docs.yaml:3:54  a.xml lists other sitemaps, not web pages");
    expect(err).toContain("docs.yaml:3:68  urls.txt lists no web page");
  });
});
