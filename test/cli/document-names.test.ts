import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

/** The four lines that the documentation shows. */
const lines = `\
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: {files: k/**}}
spec: {dataset: faq, name: "\${each.name}", source: {file: "\${each.path}"}}
`;

async function applyDesk(files: { readonly [name: string]: string }) {
  const desk = createConsole({ ...files, "desk.yaml": smallManifests, "docs.yaml": lines });
  const apply = async () => {
    const from = desk.emulator.requests.length;
    expect(await desk.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
    return desk.emulator.requests
      .slice(from)
      .flatMap(({ writes, operation = "" }) => (writes ? [operation] : []));
  };
  const names = () => [...desk.emulator.world.documents.values()].map(({ name }) => name).sort();
  const ids = () =>
    Object.fromEntries([...desk.emulator.world.documents.values()].map(({ id, name }) => [name, id]));
  const rename = (from: string, to: string) =>
    renameSync(join(desk.directory, from), join(desk.directory, to));
  expect(await apply()).toContain("create_knowledge_files");
  return { ...desk, apply, names, ids, rename };
}

describe("the documented lines, in a real tree", () => {
  test("take Chinese names in any form, equal names in several folders, and links", async () => {
    const desk = createConsole({
      "k/退货/说明.md": "a",
      "k/发货/说明.md": "b",
      "k/e\u0301te\u0301.md": "c",
      "other/linked.md": "d",
      "desk.yaml": smallManifests,
      "docs.yaml": lines,
    });
    symlinkSync("../other", join(desk.directory, "k/link"));
    symlinkSync("../other/linked.md", join(desk.directory, "k/alias.md"));
    expect(await desk.sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    expect([...desk.emulator.world.documents.values()].map(({ name }) => name).sort()).toEqual(
      ["alias.md", "linked.md", "été.md", "发货/说明.md", "退货/说明.md"].sort(),
    );
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("are one name with an ending that Coze appends, also in an export", async () => {
    const desk = await applyDesk({ "k/手册.docx": "a", "k/b.pdf": "b", "k/v.1.1": "c", "k/d.md.md": "d" });
    expect(desk.names()).toEqual(["b.pdf.pdf", "d.md.md", "v.1.1", "手册.docx.docx"]);
    expect(await desk.apply()).toEqual([]);
    const { code, out } = await desk.sh("export -w 客服空间 -o out");
    const named = ["b.pdf", "d.md.md", "v.1.1", "手册.docx", "docx.docx", "pdf.pdf"];
    expect({ code, named: named.filter((name) => out.includes(name)) }).toEqual({
      code: 0,
      named: named.slice(0, 4),
    });
  });
});

describe("content that is found under another key keeps its document", () => {
  test("when a file or folder is renamed, also where several have one content", async () => {
    const desk = await applyDesk({ "k/a/1.md": "甲", "k/a/2.md": "同", "k/a/3.md": "同" });
    const before = desk.ids();
    desk.rename("k/a", "k/b");
    expect(await desk.apply()).toEqual([]);
    desk.rename("k/b/1.md", "k/b/一.md");
    expect(await desk.apply()).toEqual(["modify_knowledge_files"]);
    expect(desk.ids()).toEqual({ "2.md": before["2.md"], "3.md": before["3.md"], "一.md": before["1.md"] });
    desk.rename("k/b/2.md", "k/b/4.md");
    desk.rename("k/b/3.md", "k/b/5.md");
    expect(await desk.apply()).toEqual(["modify_knowledge_files", "modify_knowledge_files"]);
    expect(Object.values(desk.ids()).sort()).toEqual(Object.values(before).sort());
  });

  test("when files change places, in a ring, or over one that goes", async () => {
    const desk = await applyDesk({ "k/a.md": "a", "k/b.md": "b", "k/c.md": "c", "k/d.md": "d" });
    const before = desk.ids();
    desk.write({ "k/a.md": "b", "k/b.md": "a" });
    expect(await desk.apply()).toEqual(["modify_knowledge_files", "modify_knowledge_files"]);
    expect(desk.ids()).toEqual({ ...before, "a.md": before["b.md"], "b.md": before["a.md"] });
    desk.write({ "k/a.md": "c", "k/b.md": "b", "k/c.md": "a" });
    expect(await desk.apply()).toEqual(Array(3).fill("modify_knowledge_files"));
    expect(desk.ids()).toEqual({
      "a.md": before["c.md"],
      "b.md": before["b.md"],
      "c.md": before["a.md"],
      "d.md": before["d.md"],
    });
    // c goes, and d takes its name.
    desk.rename("k/d.md", "k/c.md");
    expect((await desk.apply()).sort()).toEqual(["delete_knowdge_files", "modify_knowledge_files"]);
    expect(desk.ids()).toEqual({ "a.md": before["c.md"], "b.md": before["b.md"], "c.md": before["d.md"] });
    // b's content moves to a, and b gets another.
    desk.write({ "k/a.md": "b", "k/b.md": "新" });
    expect((await desk.apply()).sort()).toEqual(
      ["create_knowledge_files", "delete_knowdge_files", "modify_knowledge_files"].sort(),
    );
    expect(desk.names()).toEqual(["a.md", "b.md", "c.md"]);
    expect(desk.ids()["a.md"]).toBe(before["b.md"]);
  });

  test("when only one of two that change places is a target", async () => {
    const desk = await applyDesk({ "k/a.md": "a", "k/b.md": "b" });
    const before = desk.ids();
    desk.write({ "k/a.md": "b", "k/b.md": "a" });
    expect((await desk.run(["apply", "--auto-approve", "--target", 'Document.faq["a.md"]'])).code).toBe(0);
    expect(await desk.apply()).toEqual(["modify_knowledge_files"]);
    expect(desk.ids()).toEqual({ "a.md": before["b.md"], "b.md": before["a.md"] });
  });
});

test("of 2,000 texts of which 5 change, 5 are replaced in the fewest calls", async () => {
  const name = (index: number) => `k/${Math.floor(index / 100)}/${index}.md`;
  const texts = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [
      name(index),
      `---\ntitle: ${index}\n---\n# 第 ${index} 篇\n`,
    ]),
  );
  const desk = await applyDesk(texts);
  expect(desk.emulator.world.documents.size).toBe(2000);
  const changed = [3, 400, 777, 1200, 1999];
  desk.write(Object.fromEntries(changed.map((index) => [name(index), `# 新的第 ${index} 篇\n`])));
  const from = desk.emulator.requests.length;
  const { out } = await desk.sh("apply --auto-approve");
  expect(out).toContain("5 replaced");
  const calls = desk.emulator.requests.slice(from).map(({ operation }) => operation);
  expect(calls.filter((one) => one?.startsWith("list_"))).toHaveLength(2 + 20);
  expect(calls.filter((one) => !one?.startsWith("list_"))).toEqual([
    "create_knowledge_files",
    "get_dataset_progress",
    "get_dataset_progress",
    "delete_knowdge_files",
  ]);
  expect(desk.emulator.world.documents.size).toBe(2000);
});
