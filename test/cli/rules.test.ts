import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { rules } from "../../src/manifest/problems.ts";
import { manifest, manifests } from "../support/story.ts";
import { createConsole } from "./console.ts";

const plain = { env: { NO_COLOR: "1" } };
const token = ["pat", "Xq7vN2mWz8Kc4Rb1Td6Yh9Jp3Ls5Gf0A"].join("_");
const phone = ["139", "0718", "5526"].join("");

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const project = (checks: string) => `apiVersion: cozeform/v1\nkind: Project\nname: desk\nchecks: ${checks}\n`;

/** A bot with these lines in its metadata; its description is on the line before the last. */
const bot = (allow: string, description: string, prompt = "帮") => `\
apiVersion: cozeform/v1
kind: Bot
metadata:
  name: support
${allow}spec:
  workspace: desk
  name: 售后
  prompt: ${prompt}
  description: ${description}
`;

const allowing = (entry: string) => `  allow:\n    - ${entry}\n`;
const dated = `{rule: secret-in-clear, reason: "token of the public sandbox", expires: 2999-12-31}`;

test("every rule is documented, and every warning of manifests belongs to one", () => {
  const root = path.resolve(import.meta.dirname, "../..");
  const page = readFileSync(path.join(root, "docs/rules.md"), "utf8");
  const documented = [...page.matchAll(/^\| `([a-z-]+)` /gmu)].map(([, rule]) => rule);
  expect(documented.sort()).toEqual([...rules, "secret-in-clear"].sort());
  const files = readdirSync(path.join(root, "src/manifest"), { recursive: true, encoding: "utf8" });
  const warned = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(path.join(root, "src/manifest", file), "utf8"))
    .flatMap((text) => [...text.matchAll(/code: "([a-z-]+)",\s+severity: "warning"/gu)])
    .map(([, code]) => code);
  expect(warned.length).toBeGreaterThan(5);
  expect(rules).toEqual(expect.arrayContaining(warned as string[]));
});

describe("a rule has the level that the project file gives it", () => {
  const files = (checks: string) => ({
    "cozeform.yaml": project(checks),
    "desk.yaml": manifests(workspace, bot("", `电话 ${phone}`)),
  });

  test("a warning by default, which --strict makes 3", async () => {
    const { sh } = createConsole(files("{}"));
    const { code, err } = await sh("validate", plain);
    expect(code).toBe(0);
    expect(err).toBe(`\
desk.yaml:17:19  warning: this looks like a mobile number of a person  hint: remove it, or write it like 138****8000; if it may stand here, say why: metadata.allow with rule: personal-data and a reason
1 warning
`);
    expect(await sh("validate --strict", plain)).toMatchObject({ code: 3 });
    const { out } = await sh("validate --format json", plain);
    expect(JSON.parse(out).diagnostics).toMatchObject([
      { severity: "warning", code: "personal-data", rule: "personal-data", file: "desk.yaml", line: 17 },
    ]);
  });

  test("an error, of validate and of plan", async () => {
    const { sh, emulator } = createConsole(files("{personal-data: error}"));
    expect(await sh("validate", plain)).toMatchObject({ code: 3 });
    expect(await sh("plan", plain)).toMatchObject({ code: 3 });
    const { out } = await sh("validate --format json", plain);
    expect(JSON.parse(out).diagnostics).toMatchObject([{ severity: "error", rule: "personal-data" }]);
    expect(emulator.requests).toEqual([]);
  });

  test("off, then nothing is said", async () => {
    const { sh } = createConsole(files("{personal-data: off}"));
    expect(await sh("validate --strict", plain)).toMatchObject({ code: 0, err: "" });
  });

  test("also for files that no pattern matches", async () => {
    const { sh } = createConsole({
      "cozeform.yaml": `${project("{unmatched-manifest: error}")}manifests: [desk.yaml]\n`,
      "desk.yaml": workspace,
      "other.yaml": bot("", "d"),
    });
    const { code, err } = await sh("validate", plain);
    expect({ code, first: err.split("  ")[0] }).toEqual({ code: 3, first: "other.yaml:1:1" });
  });
});

test("names that aren't rules, and rules that have no level, are told at their places", async () => {
  const { sh } = createConsole({
    "cozeform.yaml": project(
      "{secret-in-clear: warn, personal-dat: off, cycle: off, yaml-warning: loud, unknown-rule: off}",
    ),
    "desk.yaml": manifests(workspace, bot(allowing("{rule: personal_data, reason: x}"), "d")),
  });
  const { code, err } = await sh("validate", plain);
  expect(code).toBe(3);
  expect(err).toBe(`\
cozeform.yaml:4:10  secret-in-clear is always an error, not warn  hint: take this line out; where a text isn't a secret, its manifest says so: metadata.allow with rule, reason and expires
cozeform.yaml:4:33  no rule is called "personal-dat"  hint: did you mean "personal-data"?
cozeform.yaml:4:52  "cycle" is always an error  hint: correct what it reports; only rules that warn have levels and allowances
cozeform.yaml:4:78  checks.yaml-warning must be one of off, warn, error; found "loud"
cozeform.yaml:4:84  no rule is called "unknown-rule"  hint: did you mean "unknown-word"?
desk.yaml:14:14  no rule is called "personal_data"  hint: did you mean "personal-data"?
6 errors
`);
});

describe("a secret in clear is allowed with a reason and an end", () => {
  test("in the manifest, and every plan says so", async () => {
    const { sh, emulator } = createConsole({
      "desk.yaml": manifests(workspace, bot(allowing(dated), `用 ${token} 试`)),
    });
    expect(await sh("validate --strict", plain)).toMatchObject({ code: 0, err: "" });
    const first = await sh("plan", plain);
    const note = "secret-in-clear is allowed until 2999-12-31: token of the public sandbox";
    expect(first.out).toContain(note);
    expect(await sh("apply --auto-approve", plain)).toMatchObject({ code: 0 });
    expect([...emulator.world.bots.values()].map(({ draft }) => draft.description)).toEqual([
      `用 ${token} 试`,
    ]);
    const second = await sh("plan", plain);
    expect(second.out).toContain("No changes");
    expect(second.out).toContain(note);
  });

  test("in the text, the document and the patch that the manifest gets", async () => {
    const { sh } = createConsole({
      "cozeform.yaml": `${project("{}")}environments: {dev: {patches: [patch.yaml]}}\nmanifests: [desk.yaml]\n`,
      "desk.yaml": manifests(
        workspace,
        bot(allowing(dated), "d", "{template: prompt.md}"),
        manifest("Dataset", "faq", { workspace: "desk", name: "资料", format: "text" }),
        `apiVersion: cozeform/v1\nkind: Document\nmetadata: {name: faq, for_each: {files: docs/*.txt}, allow: [${dated}]}\nspec: {dataset: faq, name: "\${each.name}", source: {file: "\${each.path}"}}\n`,
      ),
      "prompt.md": `令牌 \${file:part.md}\n`,
      "part.md": `${token}\n`,
      "docs/a.txt": `令牌 ${token}\n`,
      "docs/b.txt": "问\n",
      "patch.yaml": bot("", `用 ${token} 试`),
    });
    expect(await sh("validate --strict", plain)).toMatchObject({ code: 0, err: "" });
    const { out } = await sh("plan", plain);
    // Once for all items of a manifest.
    expect(out.match(/secret-in-clear is allowed/gu)).toHaveLength(2);
  });

  test("in what templates and bodies of Markdown put in, by all the manifests that do", async () => {
    const files = (other: string) => ({
      "cozeform.yaml": `${project("{}")}manifests: [desk.yaml, {glob: "bots/*.md", kind: Bot}]\n`,
      "desk.yaml": manifests(
        workspace,
        bot(allowing("{rule: personal-data, reason: public}"), "d", "{template: prompt.md}"),
      ),
      "bots/two.md": `---\nmetadata: {allow: [${other}]}\nspec: {workspace: desk, name: 二}\n---\n\n\${file:phone.md}\n`,
      "prompt.md": "电话 ${file:part.md}\n",
      "part.md": "${file:phone.md}",
      "phone.md": "13907185526\n",
    });
    const both = createConsole(files("{rule: personal-data, reason: public}"));
    expect(await both.sh("validate --strict", plain)).toMatchObject({ code: 0, err: "" });
    const one = createConsole(files(""));
    const { err } = await one.sh("validate --strict", plain);
    expect(err.match(/^\S+:\d+:\d+/gmu)).toEqual(["phone.md:1:1"]);
  });

  test("in one item of a for_each, by a patch of it", async () => {
    const patch = (rule: string) =>
      `apiVersion: cozeform/v1\nkind: Bot\nmetadata: {name: 'support["b"]', allow: [{rule: ${rule}, reason: public}]}\nspec: {description: 电话 ${phone}}\n`;
    const { sh, write } = createConsole({
      "cozeform.yaml": `${project("{}")}environments: {dev: {patches: [patch.yaml]}}\nmanifests: [desk.yaml]\n`,
      "desk.yaml": manifests(workspace, bot("  for_each: [a, b]\n", "d").replace("售后", "${each.key}")),
      "patch.yaml": patch("personal-data"),
    });
    expect(await sh("validate --strict", plain)).toMatchObject({ code: 0, err: "" });
    expect((await sh("plan", plain)).out.match(/personal-data is allowed/gu)).toHaveLength(1);
    write({ "patch.yaml": patch("personal-dat") });
    const { err } = await sh("validate", plain);
    expect(err.match(/^patch\.yaml:\d+:\d+/gmu)).toEqual(["patch.yaml:3:49", "patch.yaml:4:24"]);
  });

  test("not in another manifest of the same file, nor where another one names the same text", async () => {
    const { sh } = createConsole({
      "desk.yaml": manifests(
        workspace,
        bot(allowing(dated), "d", "{file: prompt.md}"),
        bot("", `用 ${token} 试`, "{file: prompt.md}")
          .replace("name: support", "name: other")
          .replace("售后", "二"),
      ),
      "prompt.md": `令牌 ${token}\n`,
    });
    const { code, err } = await sh("validate", plain);
    expect(code).toBe(3);
    expect(err.match(/^\S+/gmu)).toEqual(["desk.yaml:29:18", "prompt.md:1:4", "2"]);
  });

  test("not once it has expired, and not without an end", async () => {
    for (const [entry, place, message] of [
      [
        "{rule: secret-in-clear, reason: x, expires: 2001-02-03}",
        "desk.yaml:14:51",
        "this allowance expired on 2001-02-03",
      ],
      ["{rule: secret-in-clear, reason: x}", "desk.yaml:14:7", "secret-in-clear is allowed without an end"],
      ["{rule: secret-in-clear, reason: x, expires: 2999-02-31}", "desk.yaml:14:51", "2999-02-31"],
      ["{rule: secret-in-clear, reason: x, expires: soon}", "desk.yaml:14:51", "soon"],
      ["{rule: secret-in-clear, expires: 2999-12-31}", "desk.yaml:14:7", "reason is missing"],
    ] as const) {
      const { sh } = createConsole({
        "desk.yaml": manifests(workspace, bot(allowing(entry), `用 ${token} 试`)),
      });
      const { code, err } = await sh("validate", plain);
      expect(code).toBe(3);
      expect(err).toContain(`${place}  `);
      expect(err).toContain(message);
    }
  });

  test("not when it is the token of the run", async () => {
    const { sh } = createConsole({
      "desk.yaml": manifests(workspace, bot(allowing(dated), `用 ${token} 试`)),
    });
    const { code } = await sh("validate", { env: { ...plain.env, COZE_API_TOKEN: token } });
    expect(code).toBe(3);
  });
});

test("personal data in a project file is allowed by the level of its rule, which the hint names", async () => {
  const variables = `environments: {dev: {variables: {phone: "${phone}"}}}\n`;
  const { sh, write } = createConsole({
    "cozeform.yaml": `${project("{}")}${variables}`,
    "desk.yaml": workspace,
  });
  const { err } = await sh("validate", plain);
  expect(err.replaceAll(/\s+/gu, " ")).toContain("for the project: checks: {personal-data: off}");
  expect(err).not.toContain("metadata.allow");
  write({ "cozeform.yaml": `${project("{personal-data: off}")}${variables}` });
  expect(await sh("validate --strict", plain)).toMatchObject({ code: 0, err: "" });
});

test("an allowance of nothing is a warning, unless errors hide what it allows", async () => {
  const unused = manifests(workspace, bot(allowing("{rule: personal-data, reason: x}"), "d"));
  const { sh, write } = createConsole({ "desk.yaml": unused });
  const { code, err } = await sh("validate", plain);
  expect({ code, err }).toEqual({
    code: 0,
    err: "desk.yaml:14:14  warning: nothing here needs this allowance of personal-data  hint: remove it\n1 warning\n",
  });
  write({ "desk.yaml": unused.replace("name: 售后", "nam: 售后") });
  expect((await sh("validate", plain)).err).not.toContain("allowance");
});
