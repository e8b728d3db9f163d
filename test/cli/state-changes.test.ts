import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallProject } from "./console.ts";

/** A project that was applied to another endpoint than the one of its environment. */
async function applied() {
  const console = createConsole(smallProject);
  const { code } = await console.sh("apply --auto-approve --endpoint http://127.0.0.1:4690");
  expect(code).toBe(0);
  const noToken = { env: { COZE_API_TOKEN: "" } };
  return { ...console, offline: (line: string) => console.sh(line, noToken) };
}

const backups = (directory: string): readonly string[] =>
  readdirSync(join(directory, ".cozeform/backups")).filter((name) => name.endsWith(".json"));

describe("state commands", () => {
  test("need neither an endpoint nor a token, for they call nothing", async () => {
    const { offline, emulator } = await applied();
    const before = emulator.requests.length;
    expect(await offline("state list")).toMatchObject({
      code: 0,
      out: expect.stringContaining("Dataset.faq"),
    });
    expect(await offline("state show Dataset.faq")).toMatchObject({ code: 0 });
    expect(await offline("outputs")).toMatchObject({ code: 0, out: expect.stringContaining("FAQ") });
    expect(await offline("state mv Dataset.faq Dataset.help")).toMatchObject({ code: 0 });
    expect(await offline("state rm Dataset.help")).toMatchObject({ code: 0 });
    expect(emulator.requests.length).toBe(before);
  });

  test("refuse an endpoint that isn't the state's", async () => {
    const { offline } = await applied();
    expect(await offline("state list --endpoint https://api.coze.com")).toMatchObject({
      code: 1,
      err: expect.stringContaining("the state belongs to http://127.0.0.1:4690, not to https://api.coze.com"),
    });
  });

  test("take the project's directory like the other commands, before or after addresses", async () => {
    const { directory, run } = await applied();
    const sh = (line: string) => run(line.replace("DIR", directory).split(" "), { cwd: "/" });
    const { out } = await sh("state list DIR");
    expect(out).toContain("Dataset.faq");
    expect((await sh("state list --dir DIR")).out).toBe(out);
    expect((await sh("state show Dataset.faq DIR")).out).toMatch(/^Dataset\.faq\n/);
    expect((await sh("state show DIR Dataset.faq")).out).toMatch(/^Dataset\.faq\n/);
    expect((await sh("state mv DIR Dataset.faq Dataset.help")).out).toBe(
      "Dataset.faq is now Dataset.help.\n",
    );
    const { err } = await sh("state rm Dataset.none DIR");
    expect(err).toContain(`hint: see cozeform state list ${directory}\n`);
    expect((await sh("state rm DIR Dataset.help Workspace.desk")).out).toBe(
      "Removed 2 resources from the state.\n",
    );
  });

  test("that change it leave a copy for its owner alone, out of git, that can be put back", async () => {
    const { directory, offline, sh } = await applied();
    const file = join(directory, ".cozeform/default.state.json");
    const before = readFileSync(file, "utf8");
    const { err } = await offline("state rm Dataset.faq");
    const [, copy = ""] = /^The state before is in (\S+)\.\n$/.exec(err) ?? [];
    expect(readFileSync(join(directory, copy), "utf8")).toBe(before);
    expect(statSync(join(directory, copy)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, ".cozeform/backups/.gitignore"), "utf8")).toBe("*\n");
    expect(readFileSync(file, "utf8")).not.toContain("Dataset.faq");
    copyFileSync(join(directory, copy), file);
    const plan = await sh("plan --detailed-exitcode --endpoint http://127.0.0.1:4690");
    expect(plan).toMatchObject({ code: 0, out: expect.stringContaining("No changes") });
  });

  test("that are refused leave none", async () => {
    const { directory, offline } = await applied();
    expect((await offline("state rm Dataset.none")).code).toBe(3);
    expect((await offline("state mv Dataset.faq Workspace.faq")).code).toBe(3);
    expect(readdirSync(join(directory, ".cozeform"))).not.toContain("backups");
  });

  test("keep the last twenty copies of an environment, and those of others", async () => {
    const { directory, offline } = await applied();
    mkdirSync(join(directory, ".cozeform/backups"));
    const other = "default.emulator.20200101T000000000Z.state.json";
    writeFileSync(join(directory, ".cozeform/backups", other), "{}");
    const names = Array.from({ length: 21 }, (_, index) => `Dataset.faq${index}`);
    for (const [index, name] of names.entries()) {
      const former = names[index - 1] ?? "Dataset.faq";
      expect((await offline(`state mv ${former} ${name}`)).code).toBe(0);
    }
    const kept = backups(directory);
    expect(kept).toHaveLength(21);
    expect(kept).toContain(other);
    const contents = kept.map((name) => readFileSync(join(directory, ".cozeform/backups", name), "utf8"));
    // The oldest of 21 is gone.
    expect(contents.some((text) => text.includes('"Dataset.faq"'))).toBe(false);
    expect(contents.some((text) => text.includes('"Dataset.faq0"'))).toBe(true);
  });

  test("don't write a copy through a link, and change nothing then", async () => {
    const { directory, offline } = await applied();
    const elsewhere = join(directory, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(directory, ".cozeform/backups"));
    expect((await offline("state rm Dataset.faq")).code).toBe(1);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect((await offline("state list")).out).toContain("Dataset.faq");
  });

  test("that change it heed the lock; those that read don't need it", async () => {
    const { directory, offline } = await applied();
    const holder = {
      pid: 1,
      host: "ci-7",
      user: "lee",
      since: "2026-01-05T08:00:00Z",
      command: "cozeform apply",
    };
    writeFileSync(join(directory, ".cozeform/default.lock"), JSON.stringify(holder));
    for (const line of ["state mv Dataset.faq Dataset.help", "state rm Dataset.faq"]) {
      expect(await offline(line)).toMatchObject({ code: 1, err: expect.stringContaining("ci-7") });
    }
    expect((await offline("state list")).code).toBe(0);
    expect(readdirSync(join(directory, ".cozeform"))).not.toContain("backups");
  });
});

describe("a command to paste", () => {
  const chinese = {
    "desk's files/manifests/faq.yaml": `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk, for_each: {"退货 $(政策)": a, "b'c": b}}
spec: {name: "\${each.key}", description: 客服}
`,
    "desk's files/cozeform.yaml":
      "apiVersion: cozeform/v1\nkind: Project\nname: t\nenvironments: {dev: {}, prod: {}}\n",
  };
  test("quotes addresses, and repeats directory, environment and emulator", async () => {
    const { run } = createConsole(chinese);
    const given = ["desk's files", "-e", "prod", "--emulator"];
    const refused = await run(["apply", ...given, "--target", "Workspace.desk"]);
    expect(refused.err).toContain(
      "run cozeform apply 'desk'\\''s files' -e prod --emulator --target Workspace.desk --auto-approve, or",
    );
    await run(["apply", ...given, "--auto-approve"]);
    const several = await run(["state", "show", "Workspace.desk", ...given]);
    expect(several.err).toContain(
      `name one of them: 'Workspace.desk["b'\\''c"]', 'Workspace.desk["退货 $(政策)"]'`,
    );
    const missing = await run(["state", "show", "Workspace.no", ...given]);
    expect(missing.err).toContain("see cozeform state list 'desk'\\''s files' -e prod --emulator\n");
    const saved = await run(["plan", ...given, "--out", "a b.plan.json"]);
    expect(saved.err).toContain(": cozeform apply 'desk'\\''s files' 'a b.plan.json' --emulator\n");
  });
});
