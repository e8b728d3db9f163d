import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  makeFolder,
  nameDraft,
  sweepDrafts,
  temporaryFolder,
  writeFileGuarded,
} from "../../src/files/guarded-writing.ts";
import { createConsole, smallProject } from "../cli/console.ts";
import { makeScratch } from "../support/scratch.ts";

/** A small project that was applied to the emulator, and a file outside that nothing may change. */
async function openProject() {
  const console = createConsole(
    Object.fromEntries(Object.entries(smallProject).map(([file, text]) => [`project/${file}`, text])),
  );
  const { directory, write } = console;
  write({ "victim.txt": "important" });
  const at = (...parts: readonly string[]) => join(directory, "project", ...parts);
  const victim = () => readFileSync(join(directory, "victim.txt"), "utf8");
  return { ...console, at, victim };
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe("what a run writes goes through no link that a repository carries", () => {
  test("a cache takes a link's place, and what the link leads to stays", async () => {
    const { sh, at, victim } = await openProject();
    mkdirSync(at(".cozeform"));
    for (const environment of ["default", "default.emulator"]) {
      symlinkSync("../../victim.txt", at(".cozeform", `${environment}.cache.json`));
    }
    expect((await sh("apply project --auto-approve")).code).toBe(0);
    expect((await sh("apply project --emulator --auto-approve")).code).toBe(0);
    expect((await sh("plan project --detailed-exitcode")).code).toBe(0);
    expect(victim()).toBe("important");
    for (const environment of ["default", "default.emulator"]) {
      const cache = at(".cozeform", `${environment}.cache.json`);
      expect([lstatSync(cache).isFile(), modeOf(cache)]).toEqual([true, 0o600]);
    }
  });

  test.each([
    ["default.state.json", "it is a link to ../../victim.txt, and the state isn't stored through links"],
    ["default.journal", "it can't be read: it is a link"],
    ["default.lock", "the state is locked, and the lock doesn't say by which run"],
  ])("%s refuses a link, before Coze is asked", async (file, message) => {
    const { sh, at, victim, emulator } = await openProject();
    mkdirSync(at(".cozeform"));
    symlinkSync("../../victim.txt", at(".cozeform", file));
    const { code, err } = await sh("apply project --auto-approve");
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(victim()).toBe("important");
    expect(emulator.requests).toEqual([]);
  });

  test("the emulator's world refuses a link, and so does the folder of them all", async () => {
    const { sh, at, victim, directory } = await openProject();
    mkdirSync(at(".cozeform"));
    symlinkSync("../../victim.txt", at(".cozeform/emulator.json"));
    const world = await sh("apply project --emulator --auto-approve");
    expect(world).toMatchObject({
      code: 1,
      err: expect.stringContaining("emulator.json: it is a link to ../../victim.txt"),
    });
    rmSync(at(".cozeform"), { recursive: true });
    mkdirSync(join(directory, "elsewhere"));
    symlinkSync("../elsewhere", at(".cozeform"));
    for (const line of [
      "plan project",
      "apply project --auto-approve",
      "plan project --emulator",
      "state list --dir project",
    ]) {
      const { code, err } = await sh(line);
      expect({ line, code }).toEqual({ line, code: 1 });
      expect(err).toContain(
        ".cozeform: it is a link to ../elsewhere, and the state isn't stored through links",
      );
    }
    expect(victim()).toBe("important");
    expect(readdirSync(join(directory, "elsewhere"))).toEqual([]);
  });

  test("the state is kept through a link where the user's own configuration names the folder", async () => {
    const { sh, at, directory } = await openProject();
    const shared = join(makeScratch(), "shared");
    mkdirSync(shared);
    symlinkSync(shared, at(".cozeform"));
    const config = makeScratch();
    mkdirSync(join(config, "cozeform"));
    writeFileSync(join(config, "cozeform/config.yaml"), `allow_write: [${JSON.stringify(shared)}]\n`);
    const env = { XDG_CONFIG_HOME: config };
    expect((await sh("apply project --auto-approve", { env })).code).toBe(0);
    expect(readdirSync(shared).sort()).toEqual([
      "default.cache.json",
      "default.seen.cache.json",
      "default.state.json",
    ]);
    expect((await sh("plan project --detailed-exitcode", { env })).code).toBe(0);
    expect((await sh("plan project")).code).toBe(1);
    rmSync(at(".cozeform"));
    mkdirSync(at(".cozeform"));
    symlinkSync(join(shared, "default.state.json"), at(".cozeform/default.state.json"));
    expect((await sh("plan project --detailed-exitcode", { env })).code).toBe(0);
    expect(directory).not.toBe(shared);
  });

  test("a plan isn't saved into a link, nor behind a folder that leads out", async () => {
    const { sh, run, at, victim, directory } = await openProject();
    symlinkSync("../victim.txt", at("p.json"));
    mkdirSync(join(directory, "elsewhere"));
    symlinkSync(makeScratch(), at("plans"));
    const link = await sh("plan project --emulator --out project/p.json");
    expect(link).toMatchObject({
      code: 3,
      err: expect.stringContaining("--out: project/p.json is a link, and plans aren't written through links"),
    });
    const behind = await sh("plan project --emulator --out project/plans/p.json");
    expect(behind).toMatchObject({
      code: 3,
      err: expect.stringContaining("is behind a link that leads out of the directory"),
    });
    // Wherever the command is run.
    const elsewhere = await run(["plan", at(), "--emulator", "--out", at("plans/p.json")], {
      cwd: makeScratch(),
    });
    expect(elsewhere.err).toContain("is behind a link that leads out of the directory");
    expect(victim()).toBe("important");
    expect((await sh("plan project --emulator --out q.json")).code).toBe(0);
    expect(modeOf(join(directory, "q.json"))).toBe(0o600);
  });

  test("init writes nothing below a link, and into no file that is there", async () => {
    const { sh, directory, victim } = await openProject();
    mkdirSync(join(directory, "new"));
    const outside = makeScratch();
    symlinkSync(outside, join(directory, "new/prompts"));
    symlinkSync("../victim.txt", join(directory, "new/cozeform.yaml"));
    expect(await sh("init new")).toMatchObject({
      code: 3,
      err: expect.stringContaining("these exist already: cozeform.yaml, prompts (a link)"),
    });
    expect([readdirSync(outside), victim()]).toEqual([[], "important"]);
  });

  test("terraform install overwrites no file that it didn't write", async () => {
    const { sh, directory } = await openProject();
    const installed = await sh("terraform install --dir plugins");
    expect(installed.code).toBe(0);
    const files = readdirSync(join(directory, "plugins"), { recursive: true, encoding: "utf8" });
    const script = join(directory, "plugins", files.find((file) => file.endsWith(".cjs")) ?? "");
    writeFileSync(script, "#!/bin/sh\necho mine\n");
    const refused = await sh("terraform install --dir plugins");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(".cjs exists, and cozeform didn't write it");
    expect(readFileSync(script, "utf8")).toBe("#!/bin/sh\necho mine\n");
    rmSync(script);
    symlinkSync(join(directory, "victim.txt"), script);
    expect((await sh("terraform install --dir plugins")).code).toBe(1);
    symlinkSync(makeScratch(), join(directory, "linked"));
    const behind = await sh("terraform install --dir linked/plugins");
    expect(behind).toMatchObject({
      code: 1,
      err: expect.stringContaining("is behind a link that leads out"),
    });
  });
});

describe("temporary files", () => {
  test("lie in a folder of one name, and leave nothing behind", async () => {
    const { sh, at } = await openProject();
    expect((await sh("apply project --emulator --auto-approve")).code).toBe(0);
    expect((await sh("plan project --emulator --out project/p.json")).code).toBe(0);
    const left = readdirSync(at(), { recursive: true, encoding: "utf8" });
    expect(left.filter((file) => file.includes("tmp"))).toEqual([]);
  });

  test("of a killed run are removed by the next one, and those of a running one aren't", async () => {
    const { sh, at } = await openProject();
    const drafts = at(".cozeform", temporaryFolder);
    mkdirSync(drafts, { recursive: true });
    const dead = spawnSync(process.execPath, ["--eval", "0"]).pid;
    const own = nameDraft(at(".cozeform/default.state.json"));
    const nameOf = (pid: number) => own.replace(`.${process.pid}.`, `.${pid}.`);
    const elsewhere = nameOf(dead).replace(/\.[\da-f]{8}\./, ".00000000.");
    for (const file of [nameOf(dead), nameOf(process.ppid), elsewhere]) writeFileSync(file, "half");
    const left = () => [nameOf(dead), nameOf(process.ppid), elsewhere].map((file) => existsSync(file));
    expect((await sh("plan project")).code).toBe(0);
    expect(left()).toEqual([false, true, true]);
    // Whether a process of another machine still runs can't be told, but nothing takes a day to be written.
    utimesSync(elsewhere, 0, 0);
    writeFileSync(nameOf(dead), "half");
    expect((await sh("apply project --auto-approve")).code).toBe(0);
    expect(left()).toEqual([false, true, false]);
  });

  test("are covered by what init has git ignore, as are saved plans and key files", async () => {
    const { sh, directory } = createConsole();
    expect((await sh("init desk")).code).toBe(0);
    const project = join(directory, "desk");
    const ignored = [
      ".cozeform/.cozeform-tmp/x",
      ".cozeform-tmp/x",
      "prod.plan.json",
      "keys/prod.pem",
      "a/b.key",
      ".env",
      ".cozeform/dev.lock",
      ".cozeform/dev.journal",
      ".cozeform/dev.cache.json",
      ".cozeform/dev.seen.cache.json",
      ".cozeform/emulator.json",
    ];
    const kept = ["cozeform.yaml", "manifests/bot.yaml", ".cozeform/dev.state.json", ".gitignore"];
    spawnSync("git", ["init", "--quiet", project]);
    const asked = spawnSync("git", ["-C", project, "check-ignore", "--no-index", ...ignored, ...kept], {
      encoding: "utf8",
    });
    expect(asked.stdout.split("\n").filter(Boolean)).toEqual(ignored);
  });
});

describe("a file that is written whole or not at all", () => {
  test("has the mode that is asked for, takes a link's place, and isn't touched by a failure", () => {
    const directory = makeScratch();
    const [file, other] = [join(directory, "a"), join(directory, "b")];
    writeFileSync(other, "other");
    symlinkSync(other, file);
    writeFileGuarded(file, "first");
    expect([readFileSync(file, "utf8"), readFileSync(other, "utf8"), modeOf(file)]).toEqual([
      "first",
      "other",
      0o600,
    ]);
    writeFileGuarded(file, "second", { mode: 0o644, durable: false });
    expect([readFileSync(file, "utf8"), modeOf(file)]).toEqual(["second", 0o644]);
    mkdirSync(join(directory, "c/d"), { recursive: true });
    expect(() => writeFileGuarded(join(directory, "c"), "x")).toThrow(
      expect.objectContaining({ syscall: "rename" }),
    );
    expect(readdirSync(directory).sort()).toEqual(["a", "b", "c"]);
  });

  test("needs a folder that is no link", () => {
    const directory = makeScratch();
    symlinkSync(makeScratch(), join(directory, temporaryFolder));
    expect(() => writeFileGuarded(join(directory, "a"), "x")).toThrow(
      "it is a link, and cozeform doesn't write through links",
    );
    writeFileSync(join(directory, "file"), "");
    expect(() => makeFolder(join(directory, "file"))).toThrow("isn't a directory");
    sweepDrafts(directory);
    expect(realpathSync(join(directory, temporaryFolder))).not.toBe(join(directory, temporaryFolder));
  });
});
