import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { loadProject } from "../../src/manifest/load.ts";
import { toyKinds } from "./toy-kinds.ts";
import { boxManifest, brief, loadFiles, manifest, withDirectory } from "./toy-project.ts";

const header = "apiVersion: cozeform/v1\nkind: Project\n";
const noted = (note: string) => manifest("Thing", "mug", ['box: {id: "1"}', "name: mug", note]);

describe("a project file", () => {
  const file = `${header}name: desk
manifests: [manifests/*.yaml]
default_environment: dev
environments:
  dev:
    auth: {token: {env: TOKEN}}
    variables: {greeting: hi, size: 3, region: "\${env.REGION}"}
  prod:
    endpoint: https://api.coze.com/
    auth: {jwt: {app_id: "1138", key_id: k, private_key: {file: keys/prod.pem}}}
    protect: true
    requests_per_second: 2.5
    variables: {greeting: "\${env.UNSET}"}
`;

  test("says what each environment is", async () => {
    const dev = await loadFiles(
      { "cozeform.yaml": file, "manifests/a.yaml": boxManifest },
      { env: { REGION: "cn" } },
    );
    expect(dev.diagnostics).toEqual([]);
    expect(dev).toMatchObject({
      name: "desk",
      environmentName: "dev",
      environment: {
        auth: { token: { env: "TOKEN" } },
        variables: { greeting: "hi", size: 3, region: "cn" },
        protect: false,
        patches: [],
      },
    });
    const prod = await loadFiles(
      { "cozeform.yaml": file },
      { environment: "prod", env: { UNSET: "now set" } },
    );
    expect(prod.environment).toEqual({
      endpoint: "https://api.coze.com",
      endpointAt: { file: "cozeform.yaml", line: 11, column: 15 },
      auth: {
        jwt: {
          app_id: "1138",
          key_id: "k",
          private_key: { file: "keys/prod.pem", at: { file: "cozeform.yaml", line: 12, column: 58 } },
          duration_seconds: 900,
        },
      },
      credentials: {},
      variables: { greeting: "now set" },
      protect: true,
      patches: [],
      ids: {},
      requests_per_second: 2.5,
    });
  });

  test("needs the variables of the chosen environment only", async () => {
    const load = (environment: string) =>
      loadFiles({ "cozeform.yaml": file, "manifests/a.yaml": boxManifest }, { environment });
    expect((await load("dev")).diagnostics.map(brief)).toEqual(["cozeform.yaml:9:49 unset-variable"]);
    expect((await load("prod")).diagnostics.map(brief)).toEqual(["cozeform.yaml:15:28 unset-variable"]);
  });

  test("keeps the types of variables; those of the command line win and become what a field wants", async () => {
    const files = {
      "cozeform.yaml": file,
      "manifests/t.yaml": manifest("Thing", "mug", [
        'box: {id: "1"}',
        'name: "${var.size}"',
        "size: ${var.size}",
        "weight: ${var.weight}",
        "shiny: ${var.shiny}",
        "note: ${var.greeting} ${var.size}",
      ]),
    };
    const variables = { greeting: "hello", weight: "1.50", shiny: "true" };
    const { diagnostics, resources } = await loadFiles(files, { variables, env: { REGION: "cn" } });
    expect(diagnostics).toEqual([]);
    expect(resources[0]?.spec).toMatchObject({
      name: "3",
      size: 3,
      weight: 1.5,
      shiny: true,
      note: "hello 3",
    });
    const wrong = await loadFiles(files, {
      variables: { ...variables, shiny: "maybe" },
      env: { REGION: "cn" },
    });
    expect(wrong.diagnostics.map(brief)).toEqual(["manifests/t.yaml:9:10 wrong-type"]);
  });

  test.each([
    ["localhost:8741", "write http://localhost:8741"],
    ["127.0.0.1:8741/base", "write http://127.0.0.1:8741/base"],
    ["api.coze.com", "write https://api.coze.com"],
    ["[::1]:8741", "write http://[::1]:8741"],
    ["ftp://api.coze.com", undefined],
    ["coze", undefined],
    ["${var.base}", "start it with http:// or https://"],
  ])("an endpoint %s is told with what is missing", async (endpoint, hint) => {
    const text = `apiVersion: cozeform/v1\nkind: Project\nenvironments: {a: {endpoint: "${endpoint}"}}\n`;
    const variables = { base: "10.0.0.1:80" };
    const { diagnostics } = await loadFiles({ "cozeform.yaml": text }, { variables });
    expect(diagnostics.map((one) => [one.code, one.hint])).toEqual([["malformed", hint]]);
  });

  test.each([
    ["an unknown key", "nme: a", "3:1 unknown-key"],
    [
      "no such environment by default",
      "default_environment: prd\nenvironments: {prod: {}}",
      "3:22 unknown-environment",
    ],
    ["an environment whose name is no file's", "environments: {../prod: {}}", "3:16 malformed"],
    ["no scheme", "environments: {a: {endpoint: api.coze.cn}}", "3:30 malformed"],
    [
      "both ways to sign in",
      "environments: {a: {auth: {token: {env: A}, jwt: {app_id: a, key_id: b, private_key: {env: C}}}}}",
      "3:44 exactly-one",
    ],
    [
      "a token in clear",
      "environments: {a: {auth: {token: pat_abcdefghijklmnop0123}}}",
      "3:34 secret-in-clear",
    ],
    [
      "a token in clear beneath its name",
      "environments: {a: {auth: {token: {env: pat_abcdefghijklmnop0123}}}}",
      "3:40 secret-in-clear",
    ],
    [
      "a token of another form in clear",
      "environments: {a: {auth: {token: s3cr3t}}}",
      "3:34 secret-in-clear",
    ],
    [
      "a key in clear",
      "environments: {a: {auth: {jwt: {app_id: '1', key_id: b, private_key: MIIEvQIBADANBgkq}}}}",
      "3:70 secret-in-clear",
    ],
    ["a token that isn't said where to find", "environments: {a: {auth: {token: COZE}}}", "3:34 wrong-type"],
    ["half a key", "environments: {a: {auth: {jwt: {app_id: a, private_key: {env: C}}}}}", "3:32 missing"],
    [
      "a number that loses digits",
      "environments: {a: {auth: {jwt: {app_id: 11380000000000000001, key_id: b, private_key: {env: C}}}}}",
      "3:41 digits-lost",
    ],
    [
      "a kind that there isn't, of another account",
      "environments: {a: {credentials: {b: {token: {env: B}, kinds: [Thimg]}}}}",
      "3:63 unknown-kind",
    ],
    [
      "a kind of two accounts",
      "environments: {a: {credentials: {b: {token: {env: B}, kinds: [Thing]}, c: {token: {env: C}, kinds: [Box, Thing]}}}}",
      "3:106 conflict",
    ],
    [
      "a kind twice",
      "environments: {a: {credentials: {b: {token: {env: B}, kinds: [Box, Box]}}}}",
      "3:68 duplicate-item",
    ],
    ["an account of no kind", "environments: {a: {credentials: {b: {token: {env: B}}}}}", "3:37 missing"],
    [
      "another account's token in clear",
      "environments: {a: {credentials: {b: {token: s3cr3t, kinds: [Box]}}}}",
      "3:45 secret-in-clear",
    ],
    [
      "an app for an organization and an enterprise",
      "environments: {a: {auth: {jwt: {app_id: a, key_id: b, private_key: {env: C}, organization_id: '1', enterprise_id: e}}}}",
      "3:100 conflict",
    ],
    [
      "a token of less than a minute",
      "environments: {a: {auth: {jwt: {app_id: a, key_id: b, private_key: {env: C}, duration_seconds: 30}}}}",
      "3:96 out-of-range",
    ],
    ["a variable that is a list", "environments: {a: {variables: {b: [c]}}}", "3:35 wrong-type"],
    ["a rate of nothing", "environments: {a: {requests_per_second: 0}}", "3:41 out-of-range"],
    ["a pattern outside", "manifests: [../*.yaml]", "3:13 outside-project"],
    ["a pattern of nothing", "manifests: [none/*.yaml]", "3:13 no-match"],
    ["a second document", "name: a\n---\nkind: Box", "5:1 not-a-manifest"],
  ])("%s is reported", async (_title, text, expected) => {
    const { diagnostics } = await loadFiles({ "cozeform.yaml": `${header}${text}\n` });
    expect(diagnostics.map(brief)).toEqual([`cozeform.yaml:${expected}`]);
  });
});

test.each([
  ["auth: {token: pat_abcdefghijklmnop0123}", "{env: COZE_NAME}"],
  ["auth: {token: s3cr3t}", "{env: COZE_NAME}"],
  ["variables: {token: pat_abcdefghijklmnop0123}", "${env.COZE_NAME}"],
])(
  "for the secret in %s the form is proposed that its place takes, and it isn't shown",
  async (text, form) => {
    const file = `${header}environments: {a: {${text}}}\n`;
    const { diagnostics, sources } = await loadFiles({ "cozeform.yaml": file });
    expect(diagnostics).toMatchObject([{ code: "secret-in-clear", hint: expect.stringContaining(form) }]);
    expect(JSON.stringify([diagnostics, [...sources]])).not.toMatch(/pat_|s3cr3t/u);
  },
);

test.each([
  ["YAML faults", "name: 'desk", "3:7 yaml-syntax"],
  ["a list for a map", undefined, "1:1 not-a-manifest"],
])("of a project file with %s nothing else is judged", async (_title, text, expected) => {
  const files = {
    "cozeform.yaml": text === undefined ? "- a\n" : `${header}${text}\n`,
    "t.yaml": noted("note: ${var.x}"),
  };
  const { diagnostics, resources } = await loadFiles(files, { environment: "prod" });
  expect([diagnostics.map(brief), resources]).toEqual([[`cozeform.yaml:${expected}`], []]);
});

describe("an environment is chosen", () => {
  const load = (text: string, environment?: string) =>
    loadFiles({ "cozeform.yaml": `${header}${text}\n` }, environment === undefined ? {} : { environment });

  test.each([
    ["", undefined, "default"],
    ["environments: {only: {}}", undefined, "only"],
    ["environments: {a: {}, default: {}}", undefined, "default"],
    ["default_environment: a\nenvironments: {a: {}, b: {}}", undefined, "a"],
    ["default_environment: a\nenvironments: {a: {}, b: {}}", "b", "b"],
  ])("%j with %j is %s", async (text, asked, expected) => {
    const { environmentName, diagnostics } = await load(text, asked);
    expect([environmentName, diagnostics]).toEqual([expected, []]);
  });

  test.each([
    ["environments: {prod: {}, dev: {}}", "prd", 'did you mean "prod"?'],
    ["environments: {prod: {}, dev: {}}", "staging", "known environments: prod, dev"],
    [
      "environments: {prod: {}, dev: {}}",
      undefined,
      "choose one with -e (prod, dev), or set default_environment in cozeform.yaml",
    ],
    ["name: a", "prod", "cozeform.yaml declares no environments; leave out the name"],
  ])("%j with %j is none", async (text, asked, hint) => {
    const { diagnostics } = await load(text, asked);
    expect(diagnostics).toMatchObject([{ code: "unknown-environment", hint }]);
  });

  test("and where there is none of that name, nothing else is judged by it", async () => {
    const files = {
      "cozeform.yaml": `${header}environments: {dev: {variables: {x: "\${env.X}"}}}\n`,
      "t.yaml": noted("note: ${var.x} ${var.y}"),
    };
    const { diagnostics, resources, environmentName } = await loadFiles(files, { environment: "prd" });
    expect(diagnostics.map(brief)).toEqual(["unknown-environment"]);
    expect([resources, environmentName]).toEqual([[], "prd"]);
  });

  test("but the file's own faults are told with it", async () => {
    const file = `${header}enviroments: {prod: {}}\n`;
    const { diagnostics } = await loadFiles({ "cozeform.yaml": file }, { environment: "prod" });
    expect(diagnostics.map(brief)).toEqual(["unknown-environment", "cozeform.yaml:3:1 unknown-key"]);
  });

  test("only where a project file declares it", async () => {
    const { diagnostics } = await loadFiles({ "a.yaml": boxManifest }, { environment: "prod" });
    expect(diagnostics).toMatchObject([
      {
        message: "there is no environment prod",
        hint: "no cozeform.yaml declares environments; leave out the name",
      },
    ]);
    const fine = await loadFiles({ "a.yaml": boxManifest }, { environment: "default" });
    expect(fine.diagnostics).toEqual([]);
  });
});

describe("a project below another", () => {
  const named = (name: string) => boxManifest.replaceAll("crate", name);
  const below = {
    "examples/start/cozeform.yaml": header,
    "examples/start/m/a.yaml": named("start"),
    "examples/start/more/cozeform.yaml": header,
    "examples/team/cozeform.yaml": header,
    "examples/team/b.yaml": "'not even YAML",
  };

  test("keeps its files", async () => {
    const { diagnostics, resources } = await loadFiles({
      ...below,
      "a.yaml": boxManifest,
      "examples/c.yaml": named("c"),
    });
    expect(diagnostics).toEqual([]);
    expect(resources.map(({ address }) => address)).toEqual(["Box.c", "Box.crate"]);
  });

  test("may be reached into", async () => {
    const { diagnostics, resources } = await loadFiles({
      ...below,
      "cozeform.yaml": `${header}manifests: [examples/start/**/*.yaml]\n`,
    });
    expect(diagnostics).toEqual([]);
    expect(resources.map(({ address }) => address)).toEqual(["Box.start"]);
  });

  test.each([
    ["nothing else", {}],
    ["files of other tools", { "compose.yaml": "services: {}\n", "a/chart.yaml": "name: x\n" }],
  ])("is proposed where there is %s", async (_title, others) => {
    await withDirectory({ ...below, ...others }, async (directory) => {
      const { diagnostics } = await loadProject({ directory, kinds: toyKinds, env: {} });
      const message = `no manifests in ${directory}`;
      const hint = "did you mean examples/start, examples/team?";
      expect(diagnostics).toEqual([{ code: "no-manifests", severity: "error", message, hint }]);
    });
  });

  test("isn't proposed where there is a manifest, or what may be one", async () => {
    const broken = await loadFiles({ ...below, "a.yaml": "kind: 'Box" });
    expect(broken.diagnostics.map(brief)).toEqual(["a.yaml:1:7 yaml-syntax"]);
    const both = await loadFiles({ ...below, "a.yaml": boxManifest, "compose.yaml": "services: {}\n" });
    expect(both.diagnostics.map(brief)).toEqual(["compose.yaml:1:1 not-a-manifest"]);
    const declared = await loadFiles({ ...below, "cozeform.yaml": header });
    expect(declared.diagnostics).toEqual([]);
  });
});

describe("a directory", () => {
  test("with nothing in it says how to begin", async () => {
    const { diagnostics } = await loadFiles({ "README.md": "hi" });
    const hint = "run cozeform init to begin a project; one with a cozeform.yaml may have no manifests";
    expect(diagnostics).toMatchObject([{ code: "no-manifests", severity: "error", hint }]);
  });

  test.each(["cozeform.yaml", ".cozeform/default.state.json"])("with %s needs no manifest", async (file) => {
    const { diagnostics, resources } = await loadFiles({ [file]: "" });
    expect([diagnostics, resources]).toEqual([[], []]);
  });

  test("without a project file has every default", async () => {
    await withDirectory(
      { "a.yaml": boxManifest, "deep/b.yml": boxManifest.replaceAll("crate", "case") },
      async (directory) => {
        const project = await loadProject({ directory, kinds: toyKinds, env: {} });
        expect(project).toMatchObject({
          name: path.basename(directory),
          directory,
          environmentName: "default",
        });
        expect(project.environment).toEqual({
          credentials: {},
          variables: {},
          protect: false,
          patches: [],
          ids: {},
        });
        expect(project.resources.map(({ address }) => address)).toEqual(["Box.case", "Box.crate"]);
      },
    );
  });

  test("is read but for hidden folders and packages", async () => {
    const { resources } = await loadFiles({
      ".github/workflow.yaml": "on: push\n",
      "node_modules/x/a.yaml": "a: b\n",
      "a.yaml": boxManifest,
    });
    expect(resources).toHaveLength(1);
  });

  test.each(["/no/such/directory", process.execPath])("%s that is none is reported", async (directory) => {
    const { diagnostics, resources } = await loadProject({ directory, kinds: toyKinds, env: {} });
    expect(diagnostics).toMatchObject([{ code: "unreadable" }]);
    expect(resources).toEqual([]);
  });

  test("can't be left through a link", async () => {
    const outside = await mkdtemp(path.join(tmpdir(), "outside-"));
    await writeFile(path.join(outside, "secret.md"), "secret");
    await withDirectory({ "t.yaml": noted("note: {file: link.md}") }, async (directory) => {
      await symlink(path.join(outside, "secret.md"), path.join(directory, "link.md"));
      await symlink(path.join(outside, "secret.md"), path.join(directory, "more.yaml"));
      const { diagnostics } = await loadProject({ directory, kinds: toyKinds, env: {} });
      expect(diagnostics.map(brief)).toEqual([
        "more.yaml:1:1 outside-project",
        "t.yaml:7:16 outside-project",
      ]);
    });
    await rm(outside, { recursive: true });
  });

  test("isn't left for folders that are linked, unless a pattern leads there", async () => {
    const project = `${header}manifests: [manifests/**/*.yaml]\n`;
    await withDirectory({ "hidden/a.yaml": boxManifest, "b.yaml": "" }, async (directory) => {
      await mkdir(path.join(directory, "manifests"));
      await symlink("../hidden", path.join(directory, "manifests", "more"));
      await symlink("..", path.join(directory, "manifests", "up"));
      const load = () => loadProject({ directory, kinds: toyKinds, env: {} });
      const whole = await load();
      expect([whole.diagnostics, whole.resources.length]).toEqual([[], 1]);
      expect([...whole.sources.keys()].sort()).toEqual(["b.yaml", "hidden/a.yaml"]);
      await rm(path.join(directory, "manifests", "up"));
      await writeFile(path.join(directory, "cozeform.yaml"), project);
      const chosen = await load();
      expect([chosen.diagnostics, chosen.resources.length]).toEqual([[], 1]);
      expect([...chosen.sources.keys()]).toContain("manifests/more/a.yaml");
    });
  });

  test("tells of links that lead nowhere", async () => {
    const project = `${header}manifests: [manifests/**/*.yaml]\n`;
    await withDirectory({ "manifests/a.yaml": boxManifest }, async (directory) => {
      await symlink("../gone.yaml", path.join(directory, "manifests", "b.yaml"));
      const load = () => loadProject({ directory, kinds: toyKinds, env: {} });
      const message = "manifests/b.yaml is a link to ../gone.yaml, which isn't there";
      expect((await load()).diagnostics).toMatchObject([{ message, hint: "repair the link or remove it" }]);
      await writeFile(path.join(directory, "cozeform.yaml"), project);
      expect((await load()).diagnostics).toMatchObject([{ message }]);
      await rm(path.join(directory, "manifests", "b.yaml"));
      await symlink("../gone", path.join(directory, "manifests", "more"));
      expect((await load()).diagnostics).toMatchObject([
        { message: "manifests/more is a link to ../gone, which isn't there", at: { line: 3, column: 13 } },
      ]);
    });
  });

  test("that is a root or a home holds too much without a project file", async () => {
    const root = await loadProject({ directory: "/", kinds: toyKinds, env: {} });
    expect(root.diagnostics).toMatchObject([
      { code: "too-large", message: "/ is too large for a project", hint: expect.any(String) },
    ]);
    await withDirectory({ "a.yaml": boxManifest }, async (directory) => {
      const load = () => loadProject({ directory, kinds: toyKinds, env: { HOME: directory } });
      expect((await load()).diagnostics.map(brief)).toEqual(["too-large"]);
      await writeFile(path.join(directory, "cozeform.yaml"), header);
      expect((await load()).diagnostics).toEqual([]);
    });
  });

  test.each([
    ["manifest/**/*.yaml", "did you mean manifests/**/*.yaml?"],
    ["manifests/bot/*.yaml", "did you mean manifests/bots/*.yaml?"],
    ["deploy/*.yaml", "there is no folder deploy; known folders: manifests"],
    ["manifests/*.yml", "manifests contains no such file; remove the pattern if you need none"],
    ["manifests/bots/suport.yaml", "did you mean manifests/bots/support.yaml?"],
    ["manifests/bots/b.yaml", "manifests/bots contains no such file; remove the pattern if you need none"],
  ])("in which nothing matches %s is told what may", async (pattern, hint) => {
    const { diagnostics } = await loadFiles({
      "cozeform.yaml": `${header}manifests: [${pattern}]\n`,
      "manifests/bots/support.yaml": boxManifest,
    });
    expect(diagnostics).toMatchObject([{ code: "no-match", severity: "error", hint }]);
  });

  test.each([
    ["a pattern that is no pattern", { "cozeform.yaml": `${header}manifests: [${"x".repeat(70_000)}]\n` }],
  ])("%s is reported", async (_title, files) => {
    const { diagnostics } = await loadFiles(files);
    expect(diagnostics.map(brief)).toEqual(["cozeform.yaml:3:13 unreadable"]);
  });

  test("may have links within it", async () => {
    await withDirectory(
      { "t.yaml": noted("note: {file: link.md}"), "n.md": "hi\r\n${var.x}\r\n" },
      async (directory) => {
        await symlink("n.md", path.join(directory, "link.md"));
        const { diagnostics, resources } = await loadProject({ directory, kinds: toyKinds, env: {} });
        expect(diagnostics).toEqual([]);
        expect(resources[0]?.spec.note).toBe("hi\n${var.x}\n");
      },
    );
  });
});
