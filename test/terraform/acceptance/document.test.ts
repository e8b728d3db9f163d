import { acceptResource, contents } from "../../support/acceptance.ts";

const again = ["delete_knowdge_files", "create_knowledge_files"];
const cut = { separator: "\n\n", max_tokens: 500 };
const page = "https://shop.example.com/policies";

acceptResource({
  kind: "Document",
  seed(world) {
    const desk = world.addWorkspace({ name: "客服" }).id;
    const [policies = "", products = ""] = ["店铺政策", "商品"].map(
      (name) => world.addDataset({ space_id: desk, name }).id,
    );
    const pictures = world.addDataset({ space_id: desk, name: "图片", format_type: 2 }).id;
    return { policies, products, pictures };
  },
  base: ({ policies }) => ({ dataset: policies, name: "退换货", source: { file: "one.txt" } }),
  creation: {
    calls: ["create_knowledge_files"],
    shows: { status: "ready", slices: 1, characters: 11, unfinished: null },
  },
  cases: ({ products, pictures }) => ({
    dataset: { to: { dataset: products }, calls: again, replacedFor: ["dataset"] },
    name: { to: { name: "退货" }, calls: ["modify_knowledge_files"] },
    "source.file": {
      to: { source: { file: "two.txt" } },
      calls: again,
      replacedFor: ["source.file_sha256"],
    },
    "source.file (other content)": {
      to: {},
      files: { "one.txt": contents["two.txt"] },
      changes: ["source"],
      calls: again,
      replacedFor: ["source.file_sha256"],
    },
    "source.file (same content elsewhere)": {
      to: { source: { file: "copy.txt" } },
      files: { "copy.txt": contents["one.txt"] },
      calls: [],
    },
    "source.url": {
      from: { source: { url: page } },
      to: { source: { url: `${page}/2` } },
      calls: again,
      replacedFor: ["source.url"],
    },
    "source.url (in place of a file)": {
      to: { source: { url: page } },
      calls: again,
      replacedFor: ["source.file", "source.url"],
    },
    "source.refresh_hours": {
      from: { source: { url: page, refresh_hours: 24 } },
      to: { source: { url: page, refresh_hours: 72 } },
      calls: ["modify_knowledge_files"],
    },
    "source.refresh_hours (taken out)": {
      from: { source: { url: page, refresh_hours: 24 } },
      to: { source: { url: page } },
      calls: ["modify_knowledge_files"],
    },
    "source.encoding": {
      to: { source: { file: "gb.txt", encoding: "gb18030" } },
      calls: again,
      replacedFor: ["source.file_sha256"],
    },
    "source.front_matter": {
      from: { source: { file: "titled.md" } },
      to: { source: { file: "titled.md", front_matter: "keep" } },
      calls: again,
      replacedFor: ["source.file_sha256"],
    },
    "source.part": {
      to: { source: { file: "headings.md", part: "^" } },
      calls: again,
      replacedFor: ["source.file_sha256"],
    },
    "chunking.by": {
      from: { chunking: cut },
      to: { chunking: { by: "headings" } },
      calls: again,
      replacedFor: ["chunking.by", "chunking.max_tokens", "chunking.separator"],
    },
    "chunking.level": {
      from: { chunking: { by: "headings", level: 1 }, source: { file: "headings.md" } },
      to: { chunking: { by: "headings", level: 2 }, source: { file: "headings.md" } },
      changes: ["chunking", "source"],
      calls: again,
      replacedFor: ["source.file_sha256"],
    },
    "chunking.separator": {
      from: { chunking: cut },
      to: { chunking: { ...cut, separator: "#" } },
      calls: again,
      replacedFor: ["chunking.separator"],
    },
    "chunking.max_tokens": {
      from: { chunking: cut },
      to: { chunking: { ...cut, max_tokens: 800 } },
      calls: again,
      replacedFor: ["chunking.max_tokens"],
    },
    "chunking.remove_extra_spaces": {
      from: { chunking: cut },
      to: { chunking: { ...cut, remove_extra_spaces: true } },
      calls: again,
      replacedFor: ["chunking.remove_extra_spaces"],
    },
    "chunking.remove_urls_emails": {
      from: { chunking: cut },
      to: { chunking: { ...cut, remove_urls_emails: true } },
      calls: again,
      replacedFor: ["chunking.remove_urls_emails"],
    },
    caption: {
      from: { dataset: pictures, source: { file: "one.png" }, caption: "铸铁锅" },
      to: { caption: "铸铁炖锅" },
      calls: ["update_image_caption"],
    },
  }),
  imported: {
    ids: ({ policies }, id) => ({
      "its id": id,
      "dataset and id": `${policies}/${id}`,
      "dataset and name": `${policies}/退换货`,
    }),
    action: "update",
    warns: ["source.file is taken on trust"],
  },
  drifts: {
    "another name": {
      by: ({ documents }, id) => Object.assign(documents.get(id) ?? {}, { name: "谁改的" }),
      changes: ["name"],
      calls: ["modify_knowledge_files"],
    },
  },
  delete: ({ documents }, id) => void documents.delete(id),
  end: { calls: ["delete_knowdge_files"] },
});
