import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole } from "../cli/console.ts";
import { manifest, manifests } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const botOf = (file: string) =>
  manifest("Bot", "support", { workspace: "desk", name: "售后助手", prompt: { file } });
const knowledge = (files: string) =>
  manifests(
    manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" }),
    manifest(
      "Document",
      "faq",
      { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
      { for_each: { files } },
    ),
  );

/** A project in a folder, beside which there is what none of its files may name. */
function openProject(files: { readonly [file: string]: string }) {
  const console = createConsole();
  const { directory, write } = console;
  write({
    "outside/secret.txt": "the runner's own",
    "outside/nested/deep-secret.yaml": workspace,
    "project/cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: ['*.yaml']\n",
    "project/desk.yaml": workspace,
    ...Object.fromEntries(Object.entries(files).map(([file, text]) => [`project/${file}`, text])),
  });
  const at = (file: string) => join(directory, "project", file);
  const link = (file: string, target: string) => {
    mkdirSync(join(at(file), ".."), { recursive: true });
    symlinkSync(target, at(file));
  };
  const problems = async (env = {}): Promise<readonly string[]> => {
    const { err } = await console.sh("validate project", { env });
    const lines = err.split("\n").filter((line) => /^\S+:\d+:\d+ {2}/.test(line));
    return lines.map((line) => line.slice(line.indexOf("  ") + 2).split("  hint: ")[0] ?? "");
  };
  return { ...console, at, link, problems };
}

describe("a file that a manifest names", () => {
  const refused: readonly [path: string, message: string][] = [
    ["../outside/secret.txt", "../outside/secret.txt is outside the project's directory"],
    ["/etc/passwd", "/etc/passwd is outside the project's directory"],
    ["a/../../outside/secret.txt", "a/../../outside/secret.txt is outside the project's directory"],
    [".env", ".env is a dot file or in a dot folder, and cozeform doesn't read those"],
    ["a/.hidden/x.md", "a/.hidden/x.md is a dot file or in a dot folder, and cozeform doesn't read those"],
    ["./a/./.env", "./a/./.env is a dot file or in a dot folder, and cozeform doesn't read those"],
    ["..data/x.md", "..data/x.md is a dot file or in a dot folder, and cozeform doesn't read those"],
    [".git/config", ".git/config is in .git, and cozeform reads no files there"],
    [".GIT/config", ".GIT/config is in .GIT, and cozeform reads no files there"],
    [
      "a/.cozeform/dev.state.json",
      "a/.cozeform/dev.state.json is in .cozeform, and cozeform reads no files there",
    ],
    ["keys/prod.pem", "keys/prod.pem is named like a key, and cozeform doesn't read keys"],
    ["id_ed25519", "id_ed25519 is named like a key, and cozeform doesn't read keys"],
    ["server.KEY", "server.KEY is named like a key, and cozeform doesn't read keys"],
  ];
  test.each(refused)("isn't read as %s", async (file, message) => {
    const { write, problems } = openProject({ "b.yaml": botOf(file) });
    const missing = await problems();
    expect(missing).toEqual([message]);
    // Whether it is there makes no difference.
    if (!file.startsWith("/")) write({ [join("project", file)]: "x" });
    expect(await problems()).toEqual(missing);
  });

  test.each([
    [
      "out of the project",
      "../outside/secret.txt",
      "p.md is, or is behind, a link that leads out of the project's directory",
    ],
    [
      "out of it and to nothing",
      "../outside/none.txt",
      "p.md is, or is behind, a link that leads out of the project's directory",
    ],
    [
      "out of the project by a whole path",
      "/etc/hostname",
      "p.md is, or is behind, a link that leads out of the project's directory",
    ],
    [
      "to a whole path where nothing is",
      "/etc/nothing-of-the-kind",
      "p.md is, or is behind, a link that leads out of the project's directory",
    ],
    ["to a dot file", ".env", "p.md is a dot file or in a dot folder, and cozeform doesn't read those"],
    ["into git's folder", ".git/config", "p.md is in .git, and cozeform reads no files there"],
    [
      "to the state",
      ".cozeform/default.state.json",
      "p.md is in .cozeform, and cozeform reads no files there",
    ],
    ["to a key", "keys/a.pem", "p.md is named like a key, and cozeform doesn't read keys"],
    [
      "through another link",
      "q.md",
      "p.md is, or is behind, a link that leads out of the project's directory",
    ],
  ])("isn't read through a link %s", async (_, target, message) => {
    const { link, problems } = openProject({
      "b.yaml": botOf("p.md"),
      ".env": "x",
      ".git/config": "x",
      ".cozeform/default.state.json": "{}",
      "keys/a.pem": "x",
    });
    link("q.md", "../outside/secret.txt");
    link("p.md", target);
    expect(await problems()).toEqual([message]);
  });

  test.each(["secret.txt", "none.txt"])("isn't read through two links: %s", async (file) => {
    const { link, problems } = openProject({ "b.yaml": botOf("p.md") });
    link("p.md", "q.md");
    link("q.md", `../outside/${file}`);
    expect(await problems()).toEqual([
      "p.md is, or is behind, a link that leads out of the project's directory",
    ]);
  });

  test("is read in a dot folder that the runner names", async () => {
    const { problems, at } = openProject({
      "b.yaml": botOf(".github/prompts/p.md"),
      ".github/prompts/p.md": "hi",
    });
    expect(await problems()).toHaveLength(1);
    expect(await problems({ COZEFORM_ALLOW_READ: at(".github") })).toEqual([]);
    expect(await problems({ COZEFORM_ALLOW_READ: at("prompts") })).toHaveLength(1);
  });

  test.each(["secret.txt", "none.txt"])("isn't read behind a folder that leads out: %s", async (file) => {
    const { link, problems } = openProject({ "b.yaml": botOf(`out/${file}`) });
    link("out", "../outside");
    expect(await problems()).toEqual([
      `out/${file} is, or is behind, a link that leads out of the project's directory`,
    ]);
  });

  test("is read in a project whose own directory is a dot folder", async () => {
    const { sh, write } = openProject({});
    write({ ".coze/desk.yaml": workspace, ".coze/b.yaml": botOf("p.md"), ".coze/p.md": "hi" });
    expect(await sh("validate .coze")).toMatchObject({ code: 0, err: "" });
  });

  test("is read through links that stay inside, as Kubernetes mounts files", async () => {
    const { link, problems } = openProject({
      "b.yaml": botOf("prompts/p.md"),
      "prompts/..2026_11/p.md": "你好",
    });
    link("prompts/..data", "..2026_11");
    link("prompts/p.md", "..data/p.md");
    expect(await problems()).toEqual([]);
  });

  test.each(["outside", "outside/secret.txt"])(
    "outside is read where the runner names %s",
    async (allowed) => {
      const { link, problems, directory, write } = openProject({ "b.yaml": botOf("../outside/secret.txt") });
      const env = { COZEFORM_ALLOW_READ: join(directory, allowed) };
      expect(await problems(env)).toEqual([]);
      expect(await problems({ COZEFORM_ALLOW_READ: join(directory, "elsewhere") })).toHaveLength(1);
      link("p.md", "../outside/secret.txt");
      write({ "project/b.yaml": botOf("p.md") });
      expect(await problems(env)).toEqual([]);
    },
  );

  const special: readonly [what: string, make: (file: string) => unknown, message: string][] = [
    ["a named pipe", (file) => spawnSync("mkfifo", [file]), "p.md is a named pipe"],
    ["a folder", (file) => mkdirSync(file), "p.md is a directory"],
    ["a text without end", (file) => grow(file, 17 * 2 ** 20), "p.md is larger than 16 MB"],
  ];
  test.each(special)("is refused at once when it is %s", async (_, make, message) => {
    const { at, problems } = openProject({ "b.yaml": botOf("p.md") });
    make(at("p.md"));
    expect(await problems()).toEqual([message]);
  });

  test("is refused at once when it is a socket, or a device behind an allowed link", async () => {
    const { at, link, problems } = openProject({ "b.yaml": botOf("p.md") });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at("p.md"), resolve));
    expect(await problems()).toEqual(["p.md is a socket"]);
    await new Promise((resolve) => server.close(resolve));
    link("p.md", "/dev/zero");
    expect(await problems({ COZEFORM_ALLOW_READ: "/dev/zero" })).toEqual(["p.md is a device"]);
  });

  test("is passed over by patterns where it is a pipe, and refused as the project file", async () => {
    const { at, problems, sh } = openProject({ "k.yaml": knowledge("faq/*.txt"), "faq/a.txt": "a" });
    spawnSync("mkfifo", [at("faq/b.txt"), at("x.yaml")]);
    expect(await problems()).toEqual([]);
    rmSync(at("cozeform.yaml"));
    spawnSync("mkfifo", [at("cozeform.yaml")]);
    expect((await sh("validate project")).err).toContain("cozeform.yaml is a named pipe");
  });
});

describe("a pattern", () => {
  test.each([
    ["../outside/*.txt", "../outside/*.txt is outside the project's directory"],
    [".git/*", ".git/* is in .git, and cozeform reads no files there"],
    [
      ".github/**/*.txt",
      ".github/**/*.txt is a dot file or in a dot folder, and cozeform doesn't read those",
    ],
  ])("isn't %s", async (pattern, message) => {
    const { problems } = openProject({ "k.yaml": knowledge(pattern), ".github/a.txt": "x", ".git/a": "x" });
    expect(await problems()).toEqual([message]);
  });

  test("passes over nested projects' and repositories' own folders", async () => {
    const { problems, write } = openProject({ "b.yaml": botOf("p.md"), "p.md": "hi" });
    write({
      "project/cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nname: desk\n",
      "project/a\u200bb/.cozeform/x.yaml": "a: 1\n",
      "project/a\u200bb/cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\n",
      "project/lib/.git/config.yaml": "a: 1\n",
    });
    expect(await problems()).toEqual([]);
  });

  test("passes over dot files and dot folders", async () => {
    const { sh, problems } = openProject({
      "k.yaml": knowledge("faq/**/*"),
      "faq/a.txt": "a",
      "faq/.b.txt": "b",
      "faq/.c/d.txt": "d",
    });
    expect(await problems()).toEqual([]);
    const { out } = await sh("plan project --emulator --full");
    expect(out.match(/Document\.\S+/g)).toEqual(['Document.faq["a.txt"]']);
  });

  test.each(["faq/**/*.txt", "faq/out/*.txt", "faq/out/nested/*.txt", "faq/out/none/*.txt"])(
    "%s doesn't enter a link that leads out, and prints no name that is there",
    async (pattern) => {
      const { link, problems, sh } = openProject({ "k.yaml": knowledge(pattern), "faq/a.txt": "a" });
      link("faq/out", "../../outside");
      const { err } = await sh("validate project");
      expect(err).not.toMatch(/secret|nested\/d/);
      const [problem] = await problems();
      expect(problem).toMatch(
        /^faq\/out(\/\S+)? is, or is behind, a link that leads out of the project's directory$/,
      );
    },
  );

  test("enters a link that stays inside, or that the runner allows", async () => {
    const { link, problems, directory, sh } = openProject({
      "k.yaml": knowledge("faq/**/*.txt"),
      "faq/a.txt": "a",
      "more/b.txt": "b",
    });
    link("faq/more", "../more");
    expect(await problems()).toEqual([]);
    link("faq/out", "../../outside");
    const env = { COZEFORM_ALLOW_READ: join(directory, "outside") };
    expect(await problems(env)).toEqual([]);
    const { out } = await sh("plan project --emulator --full", { env });
    expect(out.match(/Document\.\S+/g)?.sort()).toEqual(
      ['"a.txt"', '"more/b.txt"', '"out/secret.txt"'].map((key) => `Document.faq[${key}]`),
    );
  });

  test("of manifests that would enter a link that leads out is an error, so that none count as taken out", async () => {
    const { link, problems, write } = openProject({});
    write({
      "project/cozeform.yaml":
        "apiVersion: cozeform/v1\nkind: Project\nname: d\nmanifests: ['m/**/*.yaml']\n",
    });
    link("m/shared", "../../outside");
    expect(await problems()).toEqual([
      "m/shared is, or is behind, a link that leads out of the project's directory",
    ]);
  });
});

describe("a token's file", () => {
  const auth = (file: string) =>
    `apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: ['desk.yaml']\nenvironments: {dev: {auth: {token: {file: ${JSON.stringify(file)}}}}}\n`;

  test.each([
    "../outside/secret.txt",
    "/etc/hostname",
    ".git/config",
    "token",
    "../outside/none",
    "out/none",
  ])("isn't %s, outside the repository, through a link, or git's own", async (file) => {
    const { link, sh, asked, write } = openProject({ ".git/config": "x" });
    link("token", "../outside/secret.txt");
    link("out", "../outside");
    write({ "project/cozeform.yaml": auth(file) });
    const { code, err } = await sh("plan project");
    expect(code).toBe(3);
    expect(err).toContain(`this project may not read ${file}: it is outside the repository, or in .git`);
    expect(asked()).toEqual([]);
  });

  test("may be anywhere in the repository, a dot file as well", async () => {
    const { sh, write, emulator, asked } = openProject({});
    write({
      ".git/HEAD": "ref: refs/heads/main\n",
      ".coze/token": emulator.token,
      "project/cozeform.yaml": auth("../.coze/token"),
    });
    expect((await sh("plan project")).code).toBe(0);
    expect(asked()).toEqual(["https://api.coze.cn"]);
  });

  test("may be no pipe, which would never end", async () => {
    const { sh, at, write } = openProject({});
    spawnSync("mkfifo", [at("token")]);
    write({ "project/cozeform.yaml": auth("token") });
    expect((await sh("plan project")).err).toContain("there is no token in token");
  });
});

function grow(file: string, size: number): void {
  writeFileSync(file, "x");
  truncateSync(file, size);
}
