import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { publicPem } from "../support/rsa-keys.ts";
import { createConsole, hold, smallProject } from "./console.ts";

const commands = [
  "init",
  "validate",
  "plan",
  "apply",
  "destroy",
  "promote",
  "status",
  "adopt-live",
  "history",
  "rollback",
  "outputs",
  "import",
  "export",
  "convert",
  "state",
  "auth",
  "schema",
  "emulator",
  "terraform",
  "completion",
];

describe("help", () => {
  test("lists the commands of this release and no other", async () => {
    const { sh } = createConsole();
    const { code, out } = await sh("--help");
    expect(code).toBe(0);
    const listed = [...out.matchAll(/^ {2}([a-z][a-z-]*)(?: |$)/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== "cozeform");
    expect(listed).toEqual([...commands, "version", "help"]);
    expect((await sh("")).out).toBe(out);
  });

  test.each([...commands, "state list", "state show", "state mv", "state rm", "terraform install"])(
    "of %s fits 80 columns and shows what every command takes",
    async (command) => {
      const { sh } = createConsole();
      const { code, out, err } = await sh(`${command} --help`);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
      expect(out).toContain("--environment");
      if (!command.startsWith("state ")) expect(out).toContain("\nExamples:\n  ");
    },
  );
});

const misuse: readonly (readonly [string, string])[] = [
  ["plam", "error: unknown command 'plam'\n  hint: did you mean plan?\n"],
  ["plan --taget x", "error: unknown option '--taget'\n  hint: did you mean --target?\n"],
  ["apply --yes", "error: unknown option '--yes'\n  hint: did you mean --auto-approve?\n"],
  ["plan --yes", "error: unknown option '--yes'\n"],
  ["state show", "error: missing required argument 'address'\n"],
  ["plan --target", "error: option '--target <address>' argument missing\n"],
  [
    "rollback Bot.support --to --auto-approve",
    "error: --to needs a value, and --auto-approve is an option\n  hint: write the value after --to; one that begins with a dash is written as --to=VALUE\n",
  ],
  [
    "apply -e --auto-approve",
    "error: --environment needs a value, and --auto-approve is an option\n  hint: write the value after --environment; one that begins with a dash is written as --environment=VALUE\n",
  ],
  [
    "promote --from dev --to -f",
    "error: --to needs a value, and -f is an option\n  hint: write the value after --to; one that begins with a dash is written as --to=VALUE\n",
  ],
  [
    "export -w --out=desk",
    "error: --workspace needs a value, and --out is an option\n  hint: write the value after --workspace; one that begins with a dash is written as --workspace=VALUE\n",
  ],
  [
    "state migrate --from --dir a",
    "error: --from needs a value, and --dir is an option\n  hint: write the value after --from; one that begins with a dash is written as --from=VALUE\n",
  ],
  [
    "plan --env-file -- a",
    "error: --env-file needs a value, and -- is an option\n  hint: write the value after --env-file; one that begins with a dash is written as --env-file=VALUE\n",
  ],
  ["rollback Bot.support --to -e dev", "error: option '--to <version>' argument missing\n"],
  [
    "completion tcsh",
    "error: 'tcsh' is invalid for argument 'shell'\n  hint: allowed choices are bash, zsh, fish\n",
  ],
  [
    "plan --var pat_forgotten_name",
    "error: option '--var <name=value>' argument is invalid\n  hint: write name=value\n",
  ],
  ["plan a b", "error: too many arguments for 'plan': expected 1, got 2\n"],
  [
    "plan --format html",
    "error: option '--format <format>' argument 'html' is invalid\n  hint: allowed choices are text, json\n",
  ],
  ["plan --var x", "error: option '--var <name=value>' argument 'x' is invalid\n  hint: write name=value\n"],
  [
    "apply --timeout soon",
    "error: option '--timeout <duration>' argument 'soon' is invalid\n  hint: write a duration, such as 30m, 90s or 1h30m\n",
  ],
  [
    "apply --parallelism 0",
    "error: option '--parallelism <number>' argument '0' is invalid\n  hint: write a whole number from 1\n",
  ],
  [
    "plan --endpoint coze",
    "error: option '--endpoint <url>' argument 'coze' is invalid\n  hint: write a URL, such as https://api.coze.com\n",
  ],
  [
    "plan --endpoint localhost:8741",
    "error: option '--endpoint <url>' argument 'localhost:8741' is invalid\n  hint: write http://localhost:8741\n",
  ],
  ["state show Bot.none", "error: the state has no Bot.none  hint: see cozeform state list\n"],
  [
    "state show bot",
    "error: bot is neither an address nor a directory\n  hint: write addresses as Kind.name\n",
  ],
  ["state mv Bot.a .", "error: missing required argument 'to'\n"],
  ["state rm .", "error: missing required argument 'address'\n"],
  [
    "state list . --dir a",
    "error: the project's directory is both . and --dir a\n  hint: remove one of them\n",
  ],
];

test.each(misuse)("%s is invalid input", async (line, err) => {
  const { sh } = createConsole(smallProject);
  expect(await sh(line)).toEqual({ code: 3, out: "", err });
});

test("a value that begins with a dash is written with =", async () => {
  const { sh } = createConsole(smallProject);
  expect(await sh("plan --env-file=--none")).toMatchObject({
    code: 3,
    err: expect.stringContaining("--none"),
  });
});

test("common options stand before or after the command", async () => {
  const { sh } = createConsole(smallProject);
  expect((await sh("--emulator plan")).out).toBe((await sh("plan --emulator")).out);
});

test("init writes a project that is valid and can be applied to the emulator", async () => {
  const { sh } = createConsole();
  const { code, out } = await sh("init desk");
  expect(code).toBe(0);
  expect(out).toMatch(/^Wrote desk\/\n {2}cozeform\.yaml\n.*cozeform plan desk --emulator\n$/s);
  expect((await sh("validate desk")).out).toMatch(/^Valid: \d+ resources in environment dev\.\n$/);
  expect((await sh("apply desk --emulator --auto-approve")).code).toBe(0);
  expect(await sh("init desk")).toEqual({
    code: 3,
    out: "",
    err: "error: nothing was written, because these exist already: cozeform.yaml, .cozeform/.gitignore, manifests/workspace.yaml, manifests/knowledge.yaml, 7 more  hint: move them away, or choose another directory\n",
  });
});

test("init leaves a repository's own .gitignore as it is, and says what belongs into it", async () => {
  const { sh, directory } = createConsole({ ".gitignore": "node_modules\n" });
  const { code, err } = await sh("init");
  expect({ code, err }).toEqual({
    code: 0,
    err: ".gitignore already exists and was left unchanged. Add to it: .cozeform-tmp/ *.plan.json *.plan plan.json release.json .env .env.* *.pem *.key keys/ .secrets/\n",
  });
  expect(readFileSync(join(directory, ".gitignore"), "utf8")).toBe("node_modules\n");
});

test("validate counts what is wrong", async () => {
  const { sh } = createConsole({ "a.yaml": "kind: Bto\n" });
  const { code, out, err } = await sh("validate");
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/^a\.yaml:1:\d+ {2}.*\n(?:.*\n)*\d+ errors?\n$/);
});

test("outputs are all that stdout gets, and what to know beside goes to stderr", async () => {
  const { sh } = createConsole(smallProject);
  expect(await sh("outputs")).toEqual({
    code: 0,
    out: "",
    err: expect.stringContaining("Nothing has been created in default yet."),
  });
  expect(await sh("outputs -e prd")).toEqual({
    code: 3,
    out: "",
    err: expect.stringContaining("there is no environment prd"),
  });
  await sh("apply --auto-approve");
  const { out, err } = await sh("outputs --format json");
  expect(err).toBe("");
  expect(JSON.parse(out)).toEqual({
    datasets: { faq: { id: expect.stringMatching(/^\d+$/) } },
    workspaces: { desk: { id: expect.stringMatching(/^\d+$/) } },
  });
});

describe("state", () => {
  test("lists, shows, renames and forgets what was made", async () => {
    const { sh } = createConsole(smallProject);
    await sh("apply --auto-approve");
    expect((await sh("state list")).out).toMatch(/^Dataset\.faq {5}\d+\nWorkspace\.desk {2}\d+\n$/);
    expect((await sh("state show Dataset.faq")).out.replaceAll(/\d{19}/g, "7512")).toBe(`\
Dataset.faq
  id:           "7512"
  parent:       "7512"
  status:       "ready"
  dependencies: ["Workspace.desk"]
As last applied:
  workspace: "7512"
  name:      "常见问题"
  format:    "text"
`);
    expect(await sh("state mv Dataset.faq Dataset.help")).toEqual({
      code: 0,
      out: "Dataset.faq is now Dataset.help.\n",
      err: expect.stringMatching(
        /^The state before is in \.cozeform\/backups\/default\.\w+\.state\.json\.\n$/,
      ),
    });
    expect(await sh("state rm Dataset.help")).toEqual({
      code: 0,
      out: "Removed 1 resource from the state.\n",
      err: expect.stringMatching(/^The state before is in /),
    });
    const listed = JSON.parse((await sh("state list --format json")).out) as { address: string }[];
    expect(listed.map(({ address }) => address)).toEqual(["Workspace.desk"]);
  });
});

describe("schema", () => {
  test("prints the schema of manifests, or of a kind under either spelling", async () => {
    const { sh } = createConsole();
    const manifest = JSON.parse((await sh("schema")).out) as { $schema: string };
    expect(manifest.$schema).toContain("json-schema.org");
    expect((await sh("schema WorkspaceMember")).out).toBe((await sh("schema workspace-member")).out);
    expect((await sh("schema Bto")).code).toBe(3);
  });

  test("writes all of them with --out", async () => {
    const { sh, directory } = createConsole();
    expect((await sh("schema --out schemas")).code).toBe(0);
    expect(readdirSync(join(directory, "schemas"))).toContain("manifest.schema.json");
  });
});

test("a saved plan can be read by its owner alone", async () => {
  const { sh, directory } = createConsole(smallProject);
  await sh("plan --out desk.plan.json");
  expect(statSync(join(directory, "desk.plan.json")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(directory, "desk.plan.json"), "utf8")).toContain('"format_version"');
});

test("the emulator serves until it is interrupted", async () => {
  const { sh, interrupt } = createConsole();
  const serving = hold();
  const running = sh("emulator --token pat_test", { onOutput: serving.release });
  await serving.promise;
  interrupt();
  const { code, out } = await running;
  expect(code).toBe(0);
  expect(out).toMatch(/^Coze emulator at http:\/\/127\.0\.0\.1:\d+, with the given token\n$/);
});

test("the emulator takes OAuth apps from files, and says what is wrong with them", async () => {
  const app = "app_id: '1'\nkey_id: k\npublic_key: {file: public.pem}\n";
  const { sh, interrupt } = createConsole({
    "public.pem": publicPem,
    "app.yaml": app,
    "second.yaml": `${app}kid: k\n`,
  });
  const serving = hold();
  const running = sh("emulator --oauth-app app.yaml", { onOutput: serving.release });
  await serving.promise;
  interrupt();
  expect((await running).code).toBe(0);
  const { code, out, err } = await sh("emulator --oauth-app app.yaml --oauth-app second.yaml");
  expect([code, out]).toEqual([3, ""]);
  expect(err).toBe('second.yaml:4:1  unknown key "kid"  hint: did you mean "kind"?\n1 error\n');
});

test("the emulator takes variants one by one or with commas, and no word after them", async () => {
  const { sh } = createConsole();
  const wrong = async (words: string) => {
    const { code, out, err } = await sh(`emulator ${words}`);
    expect([code, out]).toEqual([3, ""]);
    return err.split("\n")[0];
  };
  // The last word of each ends it before it serves.
  expect(await wrong("--variant strict lf-texts")).toContain("too many arguments");
  expect(await wrong("--variant strict,lf-texts --variant newest-first --faults no.yaml")).toContain(
    "no.yaml",
  );
  expect(await wrong("--variant strict,lf")).toContain("argument 'strict,lf' is invalid");
});

test("--version and version print the same", async () => {
  const { sh } = createConsole();
  const { out } = await sh("version");
  expect(out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  expect((await sh("--version")).out).toBe(out);
});
