import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { createConsole } from "../cli/console.ts";
import { executable } from "../support/process.ts";

const project = `apiVersion: cozeform/v1
kind: Project
name: desk
environments:
  dev: {}
`;

/** A bot, a dataset and others with a fault of nearly every keyword of the schema. */
const manifests = `apiVersion: cozeform/v2
kind: Workspace
metadata: {name: Desk, for_each: 3, lifecycle: {prevent_destroy: "yes"}}
spec: {name: "", organisation: "1", toString: 1}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq, depends_on: [nothing, nothing]}
spec: {workspace: {id: "1", lookup: {name: a}}, name: [a], format: html}
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec:
  workspace: desk
  name: ${"x".repeat(60)}
  prompt: {file: 3}
  nmae: x
  model: {id: abc, temperature: 9, top_p: "high", max_tokens: 1.5}
  datasets: [faq, faq]
  workflows: x
  onboarding: {suggested_questions: [a, a, b]}
checks: [{name: a, say: hi, input: {}, expect: {text: 1, within: 0}}, {say: hi}]
---
apiVersion: cozeform/v1
kind: Document
metadata: {name: page}
spec: {dataset: faq, source: {url: "no address"}, chunking: {strategy: custom, max_tokens: 1}}
---
apiVersion: cozeform/v1
kind: CallbackApp
metadata: {name: events}
spec: {workspace: desk, name: x, url: "no address", events: [{toString: 1}, {toString: 1}, 3]}
---
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: someone}
spec: {user_id: 12, role: boss}
---
apiVersion: cozeform/v1
kind: Workflow
metadata: {name: flow}
spec: {}
---
apiVersion: cozeform/v1
kind: Copy
metadata: {name: copy}
spec: {source: 3, from: {}, type: what}
`;

const entry = `{"kind":"Workspace","status":"odd","spec":{},"dependencies":[""],"id":"?"}`;
const state = (resources: string) =>
  `{"format":1,"lineage":"a","serial":0,"environment":"dev","endpoint":"https://api.coze.cn","resources":${resources},"files":{}}\n`;
const journal = ".cozeform/dev.journal";

type Case = readonly [string, string, { readonly [file: string]: string }];

const cases: readonly Case[] = [
  ["manifests", "validate", { "all.yaml": manifests }],
  ["manifests, for programs", "validate --format json", { "all.yaml": manifests }],
  [
    "a project file",
    "validate",
    {
      "cozeform.yaml":
        "apiVersion: x\nkind: Project\nnmae: desk\nmanifests: [a, a, 3]\nenvironments:\n  dev: {protect: 1, auth: {app_id: x}, endpoint: y, variables: {a: [1]}}\n  '?': {}\n",
    },
  ],
  [
    "the user's configuration",
    "validate",
    { "config/cozeform/config.yaml": "allow_host: [a]\nlang: fr\nallow_env: x\n" },
  ],
  [
    "a file of faults",
    "emulator --faults faults.yaml",
    { "faults.yaml": "faults:\n  - {fault: lost, calls: {}}\n  - {operation: [], status: 1}\n  - 3\n" },
  ],
  [
    "a file of edits",
    "emulator edit edits.yaml",
    { "edits.yaml": "edits:\n  - {bot: 3, set: {}}\n  - {dataset: {name: a}, rename: 1}\n  - {}\n" },
  ],
  [
    "an OAuth app",
    "emulator --oauth-app app.yaml",
    { "app.yaml": "app_id: 1\nkind: owner\npublic_key: x\npermissions: [1]\n" },
  ],
  ["a state", "state list", { ".cozeform/dev.state.json": state(`{"Workspace.desk":${entry}}`) }],
  ["a state without a part", "state list", { ".cozeform/dev.state.json": `{"format":1}\n` }],
  ["the head of a journal", "state list", { [journal]: '{"format":2,"lineage":"a"}\n' }],
  [
    "a line of a journal",
    "state list",
    {
      [journal]: `{"format":1,"lineage":"a","serial":0,"endpoint":"https://api.coze.cn"}\n{"note":"x","entries":{"Workspace.desk":${entry}}}\n{"note":"y"}\n`,
    },
  ],
];

test.each(cases)("the command says of faults what its sources say: %s", async (_, line, files) => {
  const console = createConsole({ "cozeform.yaml": project, ...files });
  const env = { XDG_CONFIG_HOME: `${console.directory}/config`, COZE_API_TOKEN: "pat_of_no_account" };
  const { code, out, err } = await console.sh(line, { env });
  expect(code).not.toBe(0);
  const run = spawnSync(process.execPath, [executable, ...line.split(" ")], {
    cwd: console.directory,
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  expect({ code: run.status, out: run.stdout, err: run.stderr }).toEqual({ code, out, err });
});
