import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

const manifest = (kind: string, name: string, spec: object, metadata: object = {}) =>
  `${JSON.stringify({ apiVersion: "cozeform/v1", kind, metadata: { name, ...metadata }, spec })}\n`;
const project = (more: object = {}) =>
  JSON.stringify({
    apiVersion: "cozeform/v1",
    kind: "Project",
    default_environment: "dev",
    environments: { dev: {}, prod: {} },
    ...more,
  });
const desk = manifest("Workspace", "desk", { name: "客服", description: "客服空间" });
const bot = (name: string, title = name, more: object = {}) =>
  manifest("Bot", name, { workspace: "desk", name: title, ...more });
const dataset = manifest("Dataset", "faq", { workspace: "desk", name: "问答", format: "text" });
const documents = manifest(
  "Document",
  "faq",
  { dataset: "faq", name: "${each.key}", source: { file: "${each.value}" } },
  { for_each: { one: "a.txt", two: "b.txt" } },
);
const member = (role: string) =>
  manifest("WorkspaceMember", "lee", { workspace: "desk", user_id: "2069720456012", role });

type Console = ReturnType<typeof createConsole>;

/** A project whose plan is refused, and the options that say yes to it. */
interface Scene {
  readonly files: { readonly [file: string]: string };
  /** Changes what is wanted or what is there, after a first apply. */
  readonly change: (console: Console) => Promise<void> | void;
  /** A resource that the refusal is about. */
  readonly address: string;
  /** A text of the refusal. */
  readonly says: RegExp;
  /** Each of them alone is enough. */
  readonly yes: readonly (readonly string[])[];
  /** What a plan that was told yes holds of it. */
  readonly told: string;
  readonly count?: string;
  /** What is targeted for the refusal; its address without it. */
  readonly targets?: readonly string[];
}

const scenes: { readonly [name: string]: Scene } = {
  "a renamed manifest": {
    files: { "ws.yaml": desk, "b.yaml": bot("assistant", "助手", { publish: { connectors: ["api"] } }) },
    change: ({ write }) => write({ "b.yaml": bot("helper", "助手", { publish: { connectors: ["api"] } }) }),
    address: "Bot.helper",
    says: /it looks like Bot\.assistant \(\d+\), whose manifest is gone: same name/,
    yes: [
      ["--not-renamed", "Bot.helper"],
      ["--not-renamed", "Bot.assistant"],
    ],
    told: "--not-renamed Bot.helper",
  },
  "an object that is there already": {
    files: { "ws.yaml": desk, "b.yaml": bot("assistant") },
    change: async ({ write, sh, emulator }) => {
      write({ "x.yaml": bot("extra", "分身") });
      expect((await sh("apply --auto-approve")).code).toBe(0);
      expect((await sh("state rm Bot.extra")).code).toBe(0);
      expect(emulator.world.bots.size).toBe(2);
    },
    address: "Bot.extra",
    says: /an object with the same identity exists in Coze \(\d+\), and the state doesn't know it/,
    yes: [["--adopt"], ["--duplicate", "Bot.extra"]],
    told: "--duplicate Bot.extra",
  },
  "a lost state": {
    files: { "ws.yaml": desk },
    change: ({ directory }) => rmSync(join(directory, ".cozeform"), { recursive: true }),
    address: "Workspace.desk",
    says: /there is no state yet, though objects exist/,
    yes: [["--adopt"], ["--duplicate", "Workspace.desk"]],
    told: "--duplicate Workspace.desk",
  },
  "documents that go with their dataset": {
    files: { "ws.yaml": desk, "d.yaml": dataset, "f.yaml": documents, "a.txt": "一", "b.txt": "二" },
    change: async ({ write, sh }) => {
      // Coze holds them still, and counts them.
      expect((await sh('state rm Document.faq["one"] Document.faq["two"]')).code).toBe(0);
      write({ "d.yaml": undefined, "f.yaml": undefined });
    },
    address: "Dataset.faq",
    says: /1 of 2 resources is removed: Dataset\.faq deletes 2 documents and unbinds 0 bots/,
    yes: [["--confirm-removals", "3"]],
    told: "--confirm-removals 3",
    count: "3",
  },
  "many resources at once": {
    files: {
      "ws.yaml": desk,
      ...Object.fromEntries([..."abcdefghi"].map((name) => [`${name}.yaml`, bot(name)])),
    },
    change: ({ write }) =>
      write({ "a.yaml": undefined, "b.yaml": undefined, "c.yaml": undefined, "d.yaml": undefined }),
    address: "Bot.a",
    says: /4 of 10 resources are removed/,
    yes: [["--confirm-removals", "4"]],
    told: "--confirm-removals 4",
    count: "4",
    targets: ["Bot.a", "Bot.b", "Bot.c", "Bot.d"],
  },
  "an orphan": {
    files: { "ws.yaml": desk, "b.yaml": bot("assistant") },
    change: ({ write }) =>
      write({
        "ws.yaml": `${desk}---\n${manifest("Workspace", "office", { name: "总部", description: "总部" })}`,
        "b.yaml": bot("assistant", "assistant", { workspace: "office" }),
      }),
    address: "Bot.assistant",
    says: /the old object \(\d+\) can't be deleted through the API and stays in Coze/,
    yes: [["--allow-orphans"]],
    told: "--allow-orphans",
  },
  "a member who loses what they own": {
    files: { "ws.yaml": desk, "m.yaml": member("member") },
    change: ({ write }) => write({ "m.yaml": member("admin") }),
    address: "WorkspaceMember.lee",
    says: /moves the member's resources to the workspace owner, for good/,
    yes: [["--allow-ownership-transfer"]],
    told: "--allow-ownership-transfer",
  },
};

async function open({ files, change }: Scene) {
  const console = createConsole({ "cozeform.yaml": project(), ...files });
  expect((await console.sh("apply --auto-approve")).code).toBe(0);
  await change(console);
  const before = console.emulator.requests.length;
  const writes = () => console.emulator.requests.slice(before).filter(({ writes: one }) => one);
  return { ...console, writes };
}

describe.each(Object.entries(scenes))("%s", (_name, scene) => {
  const { address, says, yes, told, count, targets = [address] } = scene;

  test("is planned and saved with what is missing, and refused by every apply", async () => {
    const { sh, run, writes } = await open(scene);
    const plan = await sh("plan --out saved.json");
    expect(plan.code).toBe(0);
    expect(plan.out).toMatch(says);
    expect(plan.err).toContain("Saved to saved.json; apply refuses it");
    expect((await sh("plan --detailed-exitcode")).code).toBe(2);
    const document = JSON.parse((await sh("plan --format json")).out) as {
      readonly applyable: boolean;
      readonly cozeform: { readonly refusals: readonly { readonly addresses: readonly string[] }[] };
    };
    expect(document.applyable).toBe(false);
    expect(document.cozeform.refusals.map(({ addresses: [first] }) => first)).toContain(address);
    const lines = [
      ["apply", "--auto-approve"],
      ["apply", "saved.json"],
      ["apply", "--auto-approve", ...targets.flatMap((one) => ["--target", one])],
      ["apply", "--auto-approve", "--format", "json"],
    ];
    for (const line of lines) {
      const { code, err, out } = await run(line);
      expect({ line, code }).toEqual({ line, code: 1 });
      expect(err + out).toContain("refused");
      expect(err + out).toContain(address);
    }
    // At a terminal only a count can be typed, and it has to be the right one.
    const typed = await sh("apply", { typed: count === undefined ? "yes\n" : "2\n" });
    expect(typed.code).toBe(1);
    const late = await run(["apply", "saved.json", ...(yes[0] ?? [])]);
    expect(late).toMatchObject({ code: 3, err: expect.stringContaining("a saved plan is applied as it is") });
    expect(writes()).toEqual([]);
  });

  test.each(yes)("is done with %s %s, which the plan shows and a saved one keeps", async (...answer) => {
    const words = answer.filter((word) => word !== undefined);
    const { run, sh, writes } = await open(scene);
    const plan = await run(["plan", "--out", "saved.json", ...words]);
    expect(plan.code).toBe(0);
    if (words[0] !== "--adopt") expect(plan.out).toContain(`  i ${told}  `);
    expect(writes()).toEqual([]);
    const applied = await sh("apply saved.json");
    expect(applied.code).toBe(0);
    if (words[0] !== "--adopt") expect(applied.out).toContain(told);
    expect((await sh("plan --detailed-exitcode")).code).toBe(0);
  });
});

test("the answers of a run are among its events, with what they were given for", async () => {
  const { run } = await open(scenes["an orphan"] as Scene);
  const { out } = await run(["apply", "--auto-approve", "--allow-orphans", "--format", "json"]);
  const [planned, ...events] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const ids = [expect.stringMatching(/^\d+$/u)];
  const answered = {
    guard: "allow-orphans",
    addresses: ["Bot.assistant"],
    ids,
    options: ["--allow-orphans"],
  };
  expect(planned).toMatchObject({ type: "planned", answered: [answered] });
  expect(events).toContainEqual(
    expect.objectContaining({ type: "step-finished", leaves: planned.answered[0].ids }),
  );
});

test("a state that got lost in CI has to be kept from run to run", async () => {
  const { sh, writes, write, emulator } = await open(scenes["a lost state"] as Scene);
  const inCi = { env: { CI: "true" } };
  const [id] = [...emulator.world.workspaces.values()].flatMap((one) =>
    one.name === "客服" ? [one.id] : [],
  );
  const why = `an object with the same identity exists in Coze (${id}), and the state doesn't know it`;
  const advice =
    "there is no state file, though objects exist, and this is a CI, whose next machine won't have a file that this one writes: keep the state where every run finds it (state: in cozeform.yaml), then take the objects over with --adopt; see docs/state.md";
  for (const answer of ["", " --adopt", " --duplicate Workspace.desk"]) {
    const planned = await sh(`plan${answer}`, inCi);
    expect([planned.code, planned.out.replaceAll(/\s+/g, " ")]).toEqual([0, expect.stringContaining(advice)]);
    expect(await sh(`apply --auto-approve${answer}`, inCi)).toMatchObject({
      code: 1,
      err: `error: refused Workspace.desk (${why}). Nothing was changed.\n  hint: ${advice}\n`,
    });
  }
  expect(writes()).toEqual([]);
  expect((await sh("plan", { env: { CI: "false" } })).out).not.toContain("this is a CI");
  // A manifest that names its object finds it without a state.
  const spec = { name: "客服", description: "客服空间" };
  write({ "ws.yaml": manifest("Workspace", "desk", spec, { import: { id } }) });
  expect(await sh("apply --auto-approve", inCi)).toMatchObject({ code: 0 });
});

test("a protected resource that got another name isn't refused for its removal", async () => {
  const lifecycle = { prevent_destroy: true };
  const named = (name: string) => manifest("Bot", name, { workspace: "desk", name: "助手" }, { lifecycle });
  const { sh, write } = await open({
    ...(scenes["a renamed manifest"] as Scene),
    files: { "ws.yaml": desk, "b.yaml": named("assistant") },
    change: () => undefined,
  });
  write({ "b.yaml": named("helper") });
  expect(await sh("plan")).toMatchObject({ code: 0, out: expect.stringContaining("renamed? write moved:") });
  expect((await sh("plan --not-renamed Bot.helper")).code).toBe(3);
});

test("a count that is typed at a terminal is the approval, also of destroy", async () => {
  const { sh, writes } = await open(scenes["many resources at once"] as Scene);
  const wrong = await sh("destroy", { typed: "11\n" });
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining("Type 10 to confirm all removals:") });
  expect(wrong.err).toContain("10 of 10 resources are removed");
  expect(await sh("destroy --auto-approve")).toMatchObject({ code: 1 });
  expect(writes()).toEqual([]);
  expect((await sh("apply", { typed: "4\n" })).code).toBe(0);
  expect((await sh("destroy --auto-approve --confirm-removals 6")).code).toBe(0);
});

test("edited documents are replaced without a question, however many they are", async () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
  const texts = (text: string) => Object.fromEntries(names.map((name) => [`faq/${name}.txt`, text]));
  const faq = `---
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: {files: "faq/*.txt"}}
spec: {dataset: faq, name: "\${each.name}", source: {file: "\${each.path}"}}
`;
  const desk = createConsole({ "desk.yaml": `${smallManifests}${faq}`, ...texts("一") });
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  desk.write(texts("二"));
  const { code, out } = await desk.sh("apply --auto-approve");
  expect([code, out.includes("10 replaced")]).toEqual([0, true]);
});

/** The commands that an output proposes for an apply. */
const proposals = (text: string): readonly string[] =>
  [...text.matchAll(/ cozeform (apply .*)$/gmu)].map(([, line = ""]) => line);

const space = (name: string) => manifest("Workspace", name, { name, description: name });
const bots = (names: string) =>
  Object.fromEntries([...names].map((name) => [`${name}.yaml`, bot(name, name)]));
const gone = (names: string) => Object.fromEntries([...names].map((name) => [`${name}.yaml`, ""]));

const together: { readonly [name: string]: Pick<Scene, "files" | "change"> & { readonly commands: number } } =
  {
    "a possible rename, and removals that are more without it": {
      files: { "ws.yaml": desk, ...bots("abcdefghi"), "j.yaml": bot("j", "助手") },
      change: ({ write }) => write({ ...gone("abcd"), "j.yaml": bot("jj", "助手") }),
      commands: 2,
    },
    "a possible rename that would be a removal to confirm": {
      files: { "ws.yaml": desk, "d.yaml": dataset, "f.yaml": documents, "a.txt": "一", "b.txt": "二" },
      change: ({ write }) => {
        const other = dataset.replace('"faq"', '"help"');
        write({ "d.yaml": other, "f.yaml": documents.replace('"dataset":"faq"', '"dataset":"help"') });
      },
      commands: 1,
    },
    "an object that is there, an orphan and a member": {
      files: { "ws.yaml": desk, "m.yaml": member("member"), ...bots("ab") },
      change: async ({ write, sh }) => {
        expect((await sh("state rm Bot.a")).code).toBe(0);
        write({
          "ws.yaml": `${desk}---\n${space("office")}`,
          "m.yaml": member("admin"),
          "b.yaml": bot("b", "b", { workspace: "office" }),
        });
      },
      commands: 4,
    },
  };

describe.each(Object.entries(together))("%s", (_name, { commands, ...scene }) => {
  test("are answered by any one of the commands that are proposed", async () => {
    const refused = await open(scene as Scene);
    const { err } = await refused.sh("apply --auto-approve --confirm-removals 1");
    expect(refused.writes()).toEqual([]);
    const lines = [...new Set(proposals(err))];
    expect(lines).toHaveLength(commands);
    for (const line of lines) {
      expect(line.match(/--confirm-removals/gu)?.length ?? 1).toBe(1);
      const { sh } = await open(scene as Scene);
      const words = line.replaceAll("'", "");
      expect({ line, ...(await sh(words)) }).toMatchObject({ line, code: 0 });
      expect((await sh("plan --detailed-exitcode")).code).toBe(0);
    }
  });
});

test("a number that is wrong isn't proposed again beside the right one", async () => {
  const { sh } = await open(scenes["many resources at once"] as Scene);
  const { err } = await sh("apply --confirm-removals=3 --auto-approve");
  expect(proposals(err)).toEqual(["apply --auto-approve --confirm-removals 4"]);
  expect((await sh("plan --confirm-removals 3")).out).toContain(": cozeform plan --confirm-removals 4\n");
});
