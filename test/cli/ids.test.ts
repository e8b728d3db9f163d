import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole, smallProject } from "./console.ts";

const wanted = "an id of up to 64 letters, digits, - and _";
const dataset = (workspace: string) => `\
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec:
  workspace: ${workspace}
  name: faq
  format: text
`;
const member = (user: string) => `\
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: ann}
spec:
  workspace: {id: "1"}
  user_id: "${user}"
  role: member
`;
const project = (environment: string) => `\
apiVersion: cozeform/v1
kind: Project
environments:
  prod:
    ${environment}
`;

test.each([
  ["a reference", "a.yaml", dataset('{id: "../9"}'), `a.yaml:5:19  spec.workspace.id must be ${wanted}`],
  [
    "the holder of a lookup",
    "a.yaml",
    `${dataset('{id: "1"}')}---
apiVersion: cozeform/v1
kind: Document
metadata: {name: d}
spec:
  dataset: {lookup: {name: faq, workspace: {id: "1/2"}}}
  name: d
  source: {url: "https://a.example/"}
`,
    `a.yaml:13:49  spec.dataset.lookup.workspace.id must be ${wanted}`,
  ],
  ["a user", "a.yaml", member("1".repeat(65)), "a.yaml:6:12  spec.user_id must be a user id of digits"],
  [
    "a key of ids",
    "cozeform.yaml",
    project('ids: {"../1": "2"}'),
    `cozeform.yaml:5:11  environments.prod.ids.../1 isn't ${wanted}`,
  ],
  [
    "a value of ids",
    "cozeform.yaml",
    project('ids: {"1": "../2"}'),
    "cozeform.yaml:5:16  environments.prod.ids.1 must be an id of digits, in quotes",
  ],
])("%s that is no id is refused where it is written", async (_what, file, text, line) => {
  const { sh } = createConsole({ [file]: text });
  const { code, err } = await sh("validate");
  expect(err).toContain(line);
  expect(code).toBe(3);
});

test("an id of a reference may come from a variable, and is checked then", async () => {
  const files = {
    "a.yaml": dataset('{id: "${' + 'var.space}"}'),
    "cozeform.yaml": project("variables: {space: 1/2}"),
  };
  const { sh } = createConsole(files);
  expect((await sh("validate")).err).toContain(`spec.workspace.id must be ${wanted}`);
  expect(await sh("validate --var space=7_a")).toMatchObject({ code: 0, err: "" });
});

test("a state whose ids could lead elsewhere isn't used", async () => {
  const { sh, write, directory } = createConsole(smallProject);
  expect((await sh("apply --auto-approve")).code).toBe(0);
  const file = ".cozeform/default.state.json";
  const state = JSON.parse(readFileSync(join(directory, file), "utf8"));
  state.resources["Dataset.faq"].id = "../bots/1";
  write({ [file]: JSON.stringify(state) });
  const { code, err } = await sh("plan");
  expect(err).toContain(`resources.Dataset.faq.id must be ${wanted}`);
  expect(code).not.toBe(0);
});

test("a key of a megabyte fills no screen", async () => {
  const { sh } = createConsole({ "a.yaml": `${dataset('{id: "1"}')}  ? ${"x".repeat(1_000_000)}\n  : 1\n` });
  for (const typed of [undefined, "\n"]) {
    const { code, err } = await sh("validate", typed === undefined ? {} : { typed, env: { NO_COLOR: "1" } });
    expect(err).toMatch(/a\.yaml:8:5\s+unknown key\s+"x+…\s+\(999,\d\d\d more\s+characters\)/);
    expect(err.length).toBeLessThan(1500);
    expect(code).toBe(3);
  }
});
