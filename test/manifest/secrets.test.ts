import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { arbitrarySpec } from "../support/arbitrary-spec.ts";
import { box } from "./toy-kinds.ts";
import { brief, type Files, loadFiles, manifest } from "./toy-project.ts";

const token = "pat_Zx81kQw0aLm2NnBv7cXy";
const key = ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQ", "-----END PRIVATE KEY-----"];

describe("a secret in clear is reported and never shown", () => {
  test.each<[string, string, string[]]>([
    ["a token in any text", manifest("Box", "b", [`name: ${token}`]), ["5:9 secret-in-clear"]],
    ["a token in a comment", manifest("Box", "b", [`name: b # ${token}`]), ["5:13 secret-in-clear"]],
    [
      "a token as a key",
      manifest("Box", "b", ["name: b", `${token}: b`]),
      ["6:3 secret-in-clear", "6:3 unknown-key"],
    ],
    ["a token where a word belongs", manifest(token, "b", ["name: b"]), ["2:7 secret-in-clear"]],
    [
      "a private key",
      manifest("Box", "b", ["name: |", ...key.map((line) => `  ${line}`)]),
      ["6:5 secret-in-clear"],
    ],
    [
      "a private key that is cut short",
      manifest("Box", "b", ["name: |", "  -----BEGIN RSA PRIVATE KEY-----", "  MIIEvQIBADANBgkqhkiG9w0BAQ"]),
      ["6:5 secret-in-clear"],
    ],
    [
      "a sensitive field",
      manifest("Box", "b", ["name: b", "key: MIIEvQIBADANBgkqhkiG9w0BAQ"]),
      ["6:8 secret-in-clear"],
    ],
    [
      "a field within a sensitive one",
      manifest("Box", "b", ["name: b", "locks: {front: MIIEvQIBADANBgkqhkiG9w0BAQ}"]),
      ["6:18 secret-in-clear"],
    ],
    [
      "values of a sensitive map, each",
      manifest("Box", "b", [
        "name: b",
        "settings: {device: MIIEvQA, pin: 1234, deep: {list: [MIIEvQB, true, null, '']}}",
      ]),
      ["6:22 secret-in-clear", "6:36 secret-in-clear", "6:56 secret-in-clear"],
    ],
  ])("%s", async (_title, yaml, expected) => {
    const { diagnostics, sources } = await loadFiles({ "b.yaml": yaml });
    expect(diagnostics.map(brief)).toEqual(expected.map((one) => `b.yaml:${one}`));
    const shown = JSON.stringify([diagnostics, [...sources]]);
    expect(shown).not.toContain(token);
    expect(shown).not.toContain("MIIEvQ");
    expect(sources.get("b.yaml")).toHaveLength(yaml.length);
  });

  test.each<[string, Files, string]>([
    ["out of the environment", {}, "${env.KEY}"],
    ["out of a variable", {}, "${var.key}"],
    ["as a part of a text", {}, "Bearer ${env.KEY}"],
  ])("but a sensitive field may come %s", async (_title, files, text) => {
    const yaml = manifest("Box", "b", ["name: b", `key: ${text}`]);
    const options = { env: { KEY: "MIIEvQ" }, variables: { key: "MIIEvQ" } };
    const { diagnostics, resources } = await loadFiles({ "b.yaml": yaml, ...files }, options);
    expect(diagnostics).toEqual([]);
    expect(resources[0]?.spec.key).toContain("MIIEvQ");
  });

  test("and so may the values of a sensitive map", async () => {
    const yaml = manifest("Box", "b", [
      "name: b",
      "settings: {device: '${var.device}', key: '${env.KEY}', part: 'a ${var.device}', on: true}",
    ]);
    const options = { env: { KEY: "MIIEvQ" }, variables: { device: "d1" } };
    const { diagnostics, resources } = await loadFiles({ "b.yaml": yaml }, options);
    expect(diagnostics).toEqual([]);
    expect(resources[0]?.spec.settings).toEqual({ device: "d1", key: "MIIEvQ", part: "a d1", on: true });
    const clear = await loadFiles({ "b.yaml": yaml.replace("${var.device}", "d1") }, options);
    expect(clear.diagnostics).toMatchObject([{ hint: expect.stringContaining("${env.COZE_NAME}") }]);
    expect(clear.diagnostics[0]?.hint).toContain("${var.NAME}");
  });

  test("an item of for_each is no better place for it", async () => {
    const yaml = manifest("Box", "b", ["name: b", 'key: "${each.value}"']).replace(
      "{name: b}",
      "{name: b, for_each: {x: hush, y: '${env.KEY}'}}",
    );
    const { diagnostics, sources } = await loadFiles({ "b.yaml": yaml }, { env: { KEY: "MIIEvQ" } });
    expect(diagnostics.map(brief)).toEqual(["b.yaml:3:35 secret-in-clear"]);
    expect(sources.get("b.yaml")).toContain("{x: ****, y: '${env.KEY}'}");
  });

  test("what comes out of the environment is in no message", async () => {
    const env = { KEY: "hush".repeat(10) };
    const yaml = manifest("Thing", "t", [
      "box: ${env.KEY}",
      "name: ${env.KEY}",
      "color: ${env.KEY}",
      "code: ${env.KEY}",
      "site: ${env.KEY}",
    ]);
    const { diagnostics } = await loadFiles({ "b.yaml": yaml }, { env });
    expect(diagnostics).toHaveLength(5);
    expect(JSON.stringify(diagnostics)).not.toContain("hush");
  });
});

test("specs made for tests hold no value of a sensitive field", () => {
  const specs = arbitrarySpec(box, { optional: "all" });
  fc.assert(
    fc.property(specs, (spec) => {
      expect(Object.keys(spec)).toEqual(["name"]);
    }),
    { numRuns: 20 },
  );
});
