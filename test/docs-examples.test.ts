import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole } from "./cli/console.ts";

const docs = resolve(import.meta.dirname, "../docs");

/** The YAML blocks of a page that begin with the given text. */
function blocksOf(page: string, beginning: string): readonly string[] {
  const text = readFileSync(join(docs, page), "utf8");
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gmsu)].map(([, block = ""]) => block);
  return blocks.filter((block) => block.startsWith(beginning));
}

test("the settings in state.md are valid", async () => {
  const blocks = blocksOf("state.md", "# cozeform.yaml\napiVersion:");
  expect(blocks.length).toBe(3);
  for (const block of blocks) {
    const { sh } = createConsole({ "cozeform.yaml": block, "desk.yaml": workspace });
    expect(await sh("validate -e prod")).toMatchObject({ code: 0, err: "" });
  }
});

const header = "apiVersion: cozeform/v1\nkind: Project\nname: docs\n";
const workspace = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: { name: desk }
spec: { name: 客服中心, description: 客服 }
`;

test.each(["signing-in.md", "limits.md", "promotion.md"])("the settings in %s are valid", async (page) => {
  const blocks = blocksOf(page, "environments:");
  expect(blocks.length).toBe(1);
  const { sh } = createConsole({ "cozeform.yaml": header + blocks[0], "desk.yaml": workspace });
  expect(await sh("validate -e prod")).toEqual({
    code: 0,
    out: "Valid: 1 resource in environment prod.\n",
    err: "",
  });
});

/** What the manifests of kinds.md name. */
const knowledge = {
  "dataset.yaml": workspace
    .replace("kind: Workspace", "kind: Dataset")
    .replace("name: desk", "name: faq")
    .replace(/spec: .*/u, "spec: { workspace: desk, name: 常见问题, format: text }"),
  "knowledge/退货.md": "七天内可以退货。",
  "web/sitemap.xml": "<urlset><url><loc>https://shop.example.com/a</loc></url></urlset>",
  "web/pages.txt": "https://shop.example.com/b\n",
};

test.each([
  { page: "kinds.md", environment: "default", count: 3, files: knowledge, resources: 7 },
  { page: "promotion.md", environment: "prod", count: 1, files: {}, resources: 3 },
])("the manifests in $page are valid", async ({ page, environment, count, files, resources }) => {
  const blocks = blocksOf(page, "apiVersion:");
  expect(blocks.length).toBe(count);
  const environments = `environments: { ${environment}: {}, dev: { variables: { suffix: -dev } } }\n`;
  const { sh } = createConsole({
    "cozeform.yaml": header + environments,
    "desk.yaml": workspace,
    "page.yaml": blocks.join("---\n"),
    ...files,
  });
  expect(await sh(`validate -e ${environment} --var suffix=`)).toEqual({
    code: 0,
    out: `Valid: ${resources} resources in environment ${environment}.\n`,
    err: "",
  });
});
