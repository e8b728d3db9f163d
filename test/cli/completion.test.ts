import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { completionScript } from "../../src/cli/actions/completion.ts";
import { shells } from "../../src/cli/commands/completion.ts";
import { createConsole } from "./console.ts";

const project = {
  "cozeform.yaml":
    "apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: [manifests/*.yaml]\nenvironments:\n  dev: {}\n  prod: {}\ndefault_environment: dev\n",
  "manifests/desk.yaml": `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq, for_each: [退货, 发货]}
spec: {workspace: desk, name: "\${each.key}", format: text}
`,
};

const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["pl"], ["plan"]],
  [
    ["state", ""],
    ["list", "show", "mv", "rm", "pull", "push", "migrate", "unlock", "versions"],
  ],
  [["auth", ""], ["check"]],
  [["terr"], ["terraform"]],
  [["terraform", ""], ["install"]],
  [
    ["terraform", "install", "--h"],
    ["--host", "--help"],
  ],
  [
    ["auth", "check", "-e", ""],
    ["dev", "prod"],
  ],
  [["plan", "--form"], ["--format"]],
  [
    ["plan", "--format", ""],
    ["text", "json"],
  ],
  [["plan", "--format", "=", "j"], ["json"]],
  [["plan", "--format=j"], ["--format=json"]],
  [["--log-level", "d"], ["debug"]],
  [
    ["plan", "-e", ""],
    ["dev", "prod"],
  ],
  [
    ["plan", "-e", "prod", "--against", ""],
    ["dev", "prod"],
  ],
  [["plan", "--against=p"], ["--against=prod"]],
  [
    ["apply", "--target", "D"],
    ['Dataset.faq["发货"]', 'Dataset.faq["退货"]'],
  ],
  [["-e", "prod", "state", "show", ""], []],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [
    ["schema", "work"],
    ["workspace", "workspace-member"],
  ],
  [["plan", "ma"], []],
  [["__"], []],
  [["nonsense", ""], []],
];

test.each(cases)("after %j comes %j", async (words, expected) => {
  const { run } = createConsole(project);
  const { code, out, err } = await run(["__complete", "--", ...words]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.split("\n").flatMap((line) => line.split("\t")[0] || [])).toEqual(expected);
});

test("addresses come from the state of the environment that the line names", async () => {
  const { run } = createConsole(project);
  await run(["apply", "--emulator", "--auto-approve"]);
  const complete = async (...words: string[]) => (await run(["__complete", "--", ...words])).out;
  expect(await complete("state", "rm", "--emulator", "Work")).toBe("Workspace.desk\n");
  expect(await complete("state", "rm", "Workspace.desk", "--emulator", "Work")).toBe("Workspace.desk\n");
  expect(await complete("state", "rm", "Work")).toBe("");
});

test("a project that can't be read completes nothing and says nothing", async () => {
  const { run } = createConsole({ "cozeform.yaml": "[" });
  expect(await run(["__complete", "--", "state", "show", ""])).toEqual({ code: 0, out: "", err: "" });
});

test.each(shells)("the script for %s is printed as it is", async (shell) => {
  const { run } = createConsole();
  const { code, out } = await run(["completion", shell]);
  expect({ code, out }).toEqual({ code: 0, out: completionScript(shell) });
  expect(out).toContain("cozeform __complete --");
  expect(out).not.toContain("\\${");
});

test("bash can run its script, and quotes addresses", () => {
  const script = `
    cozeform() { printf 'Document.faq["a b.txt"]\\tone\\n'; }
    ${completionScript("bash")}
    COMP_WORDS=(cozeform state show Doc); COMP_CWORD=3; _cozeform; printf '%s\\n' "\${COMPREPLY[@]}"
    COMP_WORDS=(cozeform state show "'Doc"); COMP_CWORD=3; _cozeform; printf '%s\\n' "\${COMPREPLY[@]}"
  `;
  const out = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
  expect(out).toBe('Document.faq\\[\\"a\\ b.txt\\"\\]\nDocument.faq["a b.txt"]\n');
});
