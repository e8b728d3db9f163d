import { chownSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const project = `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/**/*.yaml]
environments: {dev: {}, prod: {}}
default_environment: dev
`;
const workspace = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
`;
const files = { "cozeform.yaml": project, "manifests/ws.yaml": workspace };
const taken = (directory: string) =>
  `Using the project in ${directory}: this directory has no cozeform.yaml.\n`;

describe("below a project", () => {
  test("commands use the project, say so on standard error, and name places from where they run", async () => {
    const { sh, run, write, directory, emulator } = createConsole({
      ...files,
      "manifests/deep/x/a.txt": "a",
    });
    const cwd = join(directory, "manifests/deep");
    const below = (line: string) => sh(line, { cwd });
    expect(await below("validate")).toEqual({
      code: 0,
      out: "Valid: 1 resource in environment dev.\n",
      err: taken("../.."),
    });
    expect((await below("plan --out p.json")).err).toBe(
      `${taken("../..")}Saved to p.json; to apply exactly this plan: cozeform apply p.json\n`,
    );
    expect(await below("apply p.json")).toMatchObject({ code: 0, err: taken("../..") });
    expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0, err: "" });
    const planned = await below("plan --format json --detailed-exitcode");
    expect({ ...planned, out: Object.keys(JSON.parse(planned.out) as object) }).toEqual({
      code: 0,
      out: expect.arrayContaining(["resource_changes"]),
      err: taken("../.."),
    });
    for (const line of [
      "state list",
      "outputs",
      "destroy --auto-approve",
      "auth check",
      "state list --format json",
    ])
      expect((await below(line)).err).toContain(taken("../.."));
    expect(emulator.requests.filter(({ operation }) => operation === "create_workspace")).toHaveLength(1);
    write({ "manifests/ws.yaml": workspace.replace("spec", "spek"), "manifests/deep/b.yaml": "a: 1\n" });
    expect((await below("validate")).err).toMatch(/^\.\.\/ws\.yaml:4:1 .*\nb\.yaml:1:1 /mu);
    expect((await run(["__complete", "--", "plan", "-e", ""], { cwd })).out).toBe("dev\nprod\n");
  });

  test("a directory that is given and is part of a project is refused, and makes no second workspace", async () => {
    const { sh, write, emulator } = createConsole(files);
    const refused = {
      code: 3,
      out: "",
      err: "error: manifests has no cozeform.yaml and is part of the project in .  hint: name the project: .; for a project of its own, put a cozeform.yaml into manifests\n",
    };
    for (const line of ["validate manifests", "apply manifests --auto-approve", "state list --dir manifests"])
      expect(await sh(line)).toEqual(refused);
    expect(emulator.requests).toEqual([]);
    write({ "manifests/cozeform.yml": "apiVersion: cozeform/v1\nkind: Project\nname: own\n" });
    expect(await sh("validate manifests")).toMatchObject({ code: 0, err: "" });
  });

  test("a directory with a state of its own, as older versions made it, has to be named", async () => {
    const { sh, write, directory } = createConsole(files);
    const cwd = join(directory, "manifests");
    write({ "manifests/.cozeform/default.state.json": "" });
    expect(await sh("plan", { cwd })).toEqual({
      code: 3,
      out: "",
      err: "error: this directory is part of the project in .., but has a state of its own in .cozeform  hint: name the directory that you mean: .. for the project, . for the resources of this state; destroy removes those\n",
    });
    expect(await sh("validate .", { cwd })).toMatchObject({
      code: 0,
      out: "Valid: 1 resource in environment default.\n",
    });
    expect(await sh("validate ..", { cwd })).toMatchObject({ code: 0, err: "" });
  });

  test("through a link, the project is the one around the link's target", async () => {
    const { sh, directory } = createConsole(files);
    const other = createConsole();
    symlinkSync(join(directory, "manifests"), join(other.directory, "link"));
    const { code, err } = await sh("validate", { cwd: join(other.directory, "link") });
    expect({ code, err }).toEqual({ code: 0, err: taken("..") });
  });
});

describe("the search upwards ends", () => {
  test("at the root of a git work tree, and at the home", async () => {
    const { sh, write, directory } = createConsole(files);
    const inside = (folder: string, env = {}) => sh("validate", { cwd: join(directory, folder), env });
    write({ "tree/.git": "gitdir: elsewhere\n", "tree/sub/ws.yaml": workspace });
    expect(await inside("tree")).toMatchObject({ code: 0, err: "" });
    expect(await inside("tree/sub")).toMatchObject({ code: 0, err: "" });
    expect(await inside("manifests", { HOME: directory })).toMatchObject({ code: 0, err: "" });
    mkdirSync(join(directory, ".git"));
    expect(await inside("manifests", { HOME: directory })).toEqual({
      code: 0,
      out: "Valid: 1 resource in environment dev.\n",
      err: `${taken("..")}../tree/sub/ws.yaml:1:1  warning: this looks like a manifest (Workspace.desk), but it isn't read  hint: to read it, add a pattern to manifests: or patches: in cozeform.yaml, such as tree/sub/*.yaml; otherwise move it out of the project\n1 warning\n`,
    });
  });

  test("at a directory that has a state alone, which is named", async () => {
    const { sh, write, directory } = createConsole({ "sub/ws.yaml": workspace });
    write({ ".cozeform/default.state.json": "" });
    expect(await sh("validate", { cwd: join(directory, "sub") })).toEqual({
      code: 0,
      out: "Valid: 1 resource in environment default.\n",
      err: ".. has a state, but no cozeform.yaml. This directory counts as another project; to use that one, name it, or give it a cozeform.yaml.\n",
    });
  });

  // Only root can give files away.
  (process.getuid?.() === 0 ? test : test.skip)(
    "at a project of another user, which has to be named",
    async () => {
      const { sh, directory } = createConsole(files);
      const cwd = realpathSync(join(directory, "manifests"));
      chownSync(join(directory, "cozeform.yaml"), 12345, 12345);
      expect(await sh("apply --auto-approve", { cwd })).toEqual({
        code: 3,
        out: "",
        err: "error: the project in .. belongs to another user  hint: to use it, name its directory: ..; to use this directory, name it: .\n",
      });
      expect(await sh("validate ..", { cwd })).toMatchObject({ code: 0 });
      expect(await sh("validate .", { cwd })).toMatchObject({ code: 0 });
      // Whoever is in a directory of that user has chosen to be.
      chownSync(cwd, 12345, 12345);
      expect(await sh("validate", { cwd })).toMatchObject({ code: 0, err: taken("..") });
    },
  );
});
