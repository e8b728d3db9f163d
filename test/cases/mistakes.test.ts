import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { kinds } from "../../src/kinds/index.ts";
import { loadProject } from "../../src/manifest/load.ts";
import { brief, withDirectory } from "../manifest/toy-project.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

const directory = join(import.meta.dirname, "mistakes");

test.each(["dev", "prod"])(
  "ten mistakes in a project are ten problems, each in its place (%s)",
  async (environment) => {
    const { diagnostics, resources } = await loadProject({ directory, kinds, env: {}, environment });
    expect(diagnostics.map(brief)).toEqual([
      "cozeform.yaml:8:20 secret-in-clear",
      "manifests/bots.yaml:6:9 wrong-length",
      "manifests/bots.yaml:19:19 missing-file",
      "manifests/bots.yaml:22:21 unknown-reference",
      "manifests/bots.yaml:26:5 unknown-key",
      "manifests/bots.yaml:39:27 cycle",
      "manifests/callbacks.yaml:15:16 yaml-syntax",
      "manifests/knowledge/documents.yaml:20:43 wrong-type",
      "manifests/knowledge/documents.yaml:24:19 duplicate-address",
      "manifests/workspace.yaml:8:13 unset-variable",
    ]);
    // The manifests without a mistake are all there, those that only refer to a faulty one among them.
    expect(resources.map(({ address }) => address)).toEqual([
      "Bot.complaints",
      "CallbackApp.events",
      "Dataset.complaints",
      "Dataset.faq",
      "Dataset.policies",
      'Document.faq["发票.txt"]',
      'Document.faq["退货.txt"]',
      'WorkspaceMember.desk["2069720456012"]',
      'WorkspaceMember.desk["4114791485511"]',
    ]);
  },
);

test("cozeform validate tells all ten, sends nothing and ends with 3", async () => {
  const { code, out, err } = await run(["validate", directory], false);
  expect(err).toBe(readFileSync(join(directory, "output.txt"), "utf8"));
  expect({ code, out }).toEqual({ code: 3, out: "" });
});

test("on a terminal each mistake stands under its line, but for the secret", async () => {
  const { code, err } = await run(["validate", directory, "--no-color"], true);
  expect(code).toBe(3);
  expect(err.match(/^ +\| +\^+$/gmu)).toHaveLength(9);
  expect(err).not.toContain("pat_");
});

async function run(line: readonly string[], terminal: boolean) {
  const [out, err] = [capture(terminal), capture(terminal)];
  const io: Io = {
    cwd: directory,
    env: {},
    stdin: Readable.from([]),
    stdout: out.stream,
    stderr: err.stream,
    clock: createVirtualClock(),
    fetch: async () => {
      throw new Error("validate asked Coze");
    },
    random: () => 0.5,
    onInterrupt: () => () => {},
    onCrash: () => () => {},
  };
  const code = await main(line, io);
  return { code, out: out.text(), err: err.text() };
}

function capture(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 40 });
  const chunks: string[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join("") };
}

test("what the real kinds' fields say of themselves reaches their messages", async () => {
  const manifest = (kind: string, spec: string) =>
    `apiVersion: cozeform/v1\nkind: ${kind}\nmetadata: {name: a}\nspec: ${spec}\n`;
  const connector = (config: string) => `publish: {connectors: [api, {id: "77", config: ${config}}]}`;
  const files = {
    "bot.yaml": manifest("Bot", `{workspace: {id: "1"}, name: a, ${connector('{device_id: "d1"}')}}`),
    "callback.yaml": manifest(
      "CallbackApp",
      "{name: a, callback_url: 'https://a.b/c', events: [bot.publishd]}",
    ),
    "document.yaml": manifest("Document", '{dataset: {id: "1"}, name: a, source: {file: a.zip}}'),
    "fine.yaml": manifest(
      "Bot",
      `{workspace: {id: "1"}, name: a, ${connector("{device_id: '${var.device}'}")}}`,
    ).replace("{name: a}", "{name: fine}"),
    "a.zip": "a",
  };
  const { diagnostics } = await withDirectory(files, (root) =>
    loadProject({ directory: root, kinds, env: {}, variables: { device: "d1" } }),
  );
  expect(diagnostics.map(brief)).toEqual([
    "bot.yaml:4:98 secret-in-clear",
    "callback.yaml:4:57 unknown-word",
    "document.yaml:4:52 bad-file",
  ]);
  expect(diagnostics[1]).toMatchObject({ severity: "warning", hint: "did you mean bot.published?" });
  expect(diagnostics[2]?.message).toMatch(
    /^a\.zip must be a document \(\.pdf .*\) or an image \(\.jpg .*\)$/u,
  );
});
