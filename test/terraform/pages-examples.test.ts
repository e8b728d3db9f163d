import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { functionSchemas } from "../../src/terraform/schema/provider-schema.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";
import { terraformPages } from "./pages-stage.ts";

const examples = resolve(import.meta.dirname, "../../examples");
const read = (path: string): string => readFileSync(join(examples, path), "utf8");

/** Files that examples name, beside them. */
const beside = {
  "icon.png": "an image",
  "prompts/support.md": "你是客服。",
  "knowledge/退换货规则.txt": "七天无理由退货。",
  "manifests/faq.yaml":
    "apiVersion: cozeform/v1\nkind: Dataset\nmetadata: {name: faq}\nspec: {workspace: desk, name: 常见问题, format: text}\n",
  "all.yaml":
    "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: {name: desk}\nspec: {name: 客服空间, description: 客服}\n",
};

const home = process.cwd();
afterEach(() => process.chdir(home));

const { schema } = terraformPages();
const wanted = [
  "provider/provider.tf",
  ...Object.keys(schema.resources).flatMap((type) => [
    `resources/${type}/import.sh`,
    `resources/${type}/resource.tf`,
  ]),
  ...Object.keys(schema.dataSources).map((type) => `data-sources/${type}/data-source.tf`),
  ...Object.keys(functionSchemas).map((name) => `functions/${name}/function.tf`),
];

test("there is an example of everything, and no other", () => {
  const found = ["provider", "resources", "data-sources", "functions"].flatMap((folder) =>
    readdirSync(join(examples, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.\w+$/u.test(file))
      .map((file) => `${folder}/${file}`),
  );
  expect(found.sort()).toEqual([...wanted].sort());
});

const configurations = wanted.filter((path) => path.endsWith(".tf"));

terraformTest(
  "Terraform and the provider find nothing wrong with any example, and show what it is of",
  async () => {
    for (const path of configurations) {
      const text = read(path);
      const file = path.startsWith("provider/") ? "terraform.tf" : "main.tf";
      const story = await createTerraformStory({ files: { ...beside, [file]: text } });
      // Paths of files are relative to where the provider runs, and that is this process.
      process.chdir(story.directory);
      const { diagnostics } = JSON.parse((await story.run("validate", "-json")).stdout);
      expect([path, diagnostics]).toEqual([path, []]);
      const [folder, name = ""] = path.split("/");
      const block = { resources: `resource "${name}" `, "data-sources": `data "${name}" ` }[folder ?? ""];
      expect(text).toContain(
        block ?? (folder === "functions" ? `provider::coze::${name}(` : 'provider "coze"'),
      );
    }
  },
);

terraformTest("of misspelt attributes Terraform says what the provider's page says", async () => {
  const bot = (line: string) => ({
    "main.tf": `resource "coze_bot" "it" {\n  workspace = "7351411234567890123"\n  name      = "客服"\n  ${line}\n}\n`,
  });
  const story = await createTerraformStory({ files: bot("") });
  const complaintsAbout = async (line: string) => {
    story.write(bot(line));
    const { diagnostics } = JSON.parse((await story.run("validate", "-json")).stdout);
    return diagnostics.map(({ detail }: { readonly detail: string }) => detail);
  };
  expect(terraformPages().pages["index.md"]).toContain('`model = { id = "…", temprature = 0.3 }`');
  expect(await complaintsAbout('model = { id = "1", temprature = 0.3 }')).toEqual([]);
  expect(await complaintsAbout('model = { idd = "1" }')).toEqual([
    'Inappropriate value for attribute "model": attribute "id" is required.',
  ]);
  expect(await complaintsAbout('modell = { id = "1" }')).toEqual([
    'An argument named "modell" is not expected here. Did you mean "model"?',
  ]);
});

test.each(wanted.filter((path) => path.endsWith(".sh")))("%s imports what its example declares", (path) => {
  const [, type = "", name = ""] = /^terraform import '?(\w+)\.(\w+)/mu.exec(read(path)) ?? [];
  expect(path.split("/")[1]).toBe(type);
  expect(read(path.replace("import.sh", "resource.tf"))).toContain(`resource "${type}" "${name}" {`);
});
