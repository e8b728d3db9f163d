import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole, smallProject } from "./console.ts";

const project = "apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: [manifests/*.yaml]\n";

const begin = "restore it from a backup, or remove it to begin with an empty world";
const moveAway = "choose another file, or move it away to begin with an empty world";

/** What may stand where the world should, how it comes there, and what is said of it behind the file's name. */
const damages: readonly (readonly [what: string, put: (file: string) => void, said: string])[] = [
  [
    "is an empty file",
    (file) => writeFileSync(file, ""),
    `: the emulator's world is damaged: the file is empty\n  hint: ${begin}\n`,
  ],
  [
    "was cut",
    (file) => writeFileSync(file, '{\n "format": 1,\n "last_id": "75'),
    `:3:16: the emulator's world is damaged: end of string '"' expected but reached end of input\n  hint: ${begin}\n`,
  ],
  [
    "lacks its parts",
    (file) => writeFileSync(file, '{"format": 1, "last_id": "7512000000000000001"}'),
    `: the emulator's world is damaged: workspaces is missing\n  hint: ${begin}\n`,
  ],
  [
    "is a directory",
    (file) => mkdirSync(file),
    `: the emulator's world can't be read: this is a directory\n  hint: ${moveAway}\n`,
  ],
  [
    "is a pipe",
    (file) => expect(spawnSync("mkfifo", [file]).status).toBe(0),
    `: the emulator's world can't be read: this is a named pipe\n  hint: ${moveAway}\n`,
  ],
];

test.each(damages.filter(([what]) => process.platform !== "win32" || what !== "is a pipe"))(
  "every command that reads the emulator's world says so when it %s",
  async (_, put, said) => {
    const { sh, directory } = createConsole({
      ...smallProject,
      "edits/by-hand.yaml": "edits: []\n",
      "cozeform.yaml": project,
    });
    mkdirSync(join(directory, ".cozeform"));
    const [own, other] = [join(directory, ".cozeform", "emulator.json"), join(directory, "world.json")];
    for (const file of [own, other]) put(file);
    for (const [line, file] of [
      ["plan --emulator", own],
      ["apply --emulator --auto-approve", own],
      ["emulator edit edits/by-hand.yaml", own],
      ["emulator edit edits/by-hand.yaml --file world.json", other],
      ["emulator --file world.json", other],
    ] as const) {
      expect([line, await sh(line)]).toEqual([line, { code: 1, out: "", err: `error: ${file}${said}` }]);
    }
    rmSync(own, { recursive: true });
    expect(await sh("plan --emulator --detailed-exitcode")).toMatchObject({ code: 2, err: "" });
  },
);
