import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { starterFiles } from "../../src/commands/init.ts";
import { makeScratch } from "../support/scratch.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const manifest = JSON.parse(read("package.json"));

let files: readonly string[];

beforeAll(() => {
  const said = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = JSON.parse(said) as readonly { readonly files: readonly { readonly path: string }[] }[];
  files = (packed?.files ?? []).map(({ path }) => path);
});

test("the package holds no source maps, and no script names one", () => {
  expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
  const naming = files.filter(
    (file) => /\.[cm]?js$/u.test(file) && /^\/\/# sourceMappingURL=/mu.test(read(file)),
  );
  expect(naming).toEqual([]);
});

test("the package holds what its exports and its command name, the schemas and the licence", () => {
  const exported = Object.values<string | Readonly<Record<string, string>>>(manifest.exports)
    .flatMap((one) => (typeof one === "string" ? [one] : Object.values(one)))
    .filter((path) => !path.includes("*"))
    .map((path) => path.replace("./", ""));
  const schemas = readdirSync(join(root, "schemas")).map((file) => `schemas/${file}`);
  const terraform = ["terraform-provider-coze.cjs", "LICENSES.txt"].map((file) => `dist/terraform/${file}`);
  const command = [...Object.values<string>(manifest.bin), "dist/cli/LICENSES.txt", "dist/cli/package.json"];
  const wanted = [...exported, ...command, ...schemas, ...terraform];
  expect(wanted.length).toBeGreaterThan(15);
  const others = ["LICENSE", "README.md", "CHANGELOG.md", "docs/dependencies.md"];
  expect([...wanted, ...others].filter((file) => !files.includes(file))).toEqual([]);
});

test("every relative link of the package's pages leads to something in the package", () => {
  const pages = files.filter((file) => file.endsWith(".md"));
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^()\s#:]+)(?:#[^()\s]*)?\)/gu)].flatMap(([, link = ""]) => {
      const target = join(dirname(page), link);
      const isThere = files.some((file) => file === target || file.startsWith(`${target}/`));
      return isThere ? [] : [`${page}: ${link}`];
    }),
  );
  expect(pages.length).toBeGreaterThan(30);
  expect(broken).toEqual([]);
});

test("the package holds no tests, no sources, no states and nothing that is to be secret", () => {
  const folders = /^(?!dist\/|schemas\/|templates\/|examples\/|docs\/)[^/]+\//u;
  const unwanted =
    /\.test\.|\.state\.json|\.cozeform\/|\.tfstate|\.terraform\/|\.env|\.npmrc|\.(?:pem|key|p12)$|id_rsa/u;
  expect(files.filter((file) => folders.test(file) || unwanted.test(file))).toEqual([]);
  // Examples name variables for secrets, never secrets.
  const secret = /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=]{40}|\b(?:pat|sat)_[A-Za-z0-9]{30,}/u;
  const readable = files.filter((file) => !/\.(?:png|js|cjs)$/u.test(file));
  expect(readable.filter((file) => secret.test(read(file)))).toEqual([]);
});

test("the packed package writes starter projects and completion scripts", () => {
  const scratch = makeScratch();
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  };
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", scratch];
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, options));
  execFileSync("tar", ["-xzf", join(scratch, filename), "-C", scratch]);
  symlinkSync(join(root, "node_modules"), join(scratch, "package/node_modules"));
  const run = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [join(scratch, "package/dist/cli/bin.js"), ...args], {
      ...options,
      cwd: scratch,
    });
  run("init", "desk");
  run("init", "--cdktf", "stack");
  for (const [project, cdktf] of [
    ["desk", false],
    ["stack", true],
  ] as const) {
    for (const [file, text] of Object.entries(starterFiles(project, { cdktf, source: "file:../package" }))) {
      expect([file, readFileSync(join(scratch, project, file), "utf8")]).toEqual([file, text]);
    }
  }
  expect(run("completion", "bash")).toBe(read("templates/completion/cozeform.bash"));
});
