import { expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const manifest = (kind: string, name: string, spec: object, metadata: object = {}) =>
  `${JSON.stringify({ apiVersion: "cozeform/v1", kind, metadata: { name, ...metadata }, spec })}\n`;

const files = {
  "ws.yaml": manifest("Workspace", "desk", { name: "客服", description: "客服" }),
  "bot.yaml": manifest("Bot", "support", {
    workspace: "desk",
    name: "售后",
    publish: { connectors: ["api"] },
  }),
  "faq.yaml": manifest("Dataset", "faq", { workspace: "desk", name: "问答", format: "text" }),
  "safe.yaml": manifest(
    "Dataset",
    "safe",
    { workspace: "desk", name: "保", format: "text" },
    { lifecycle: { prevent_destroy: true } },
  ),
  "docs.yaml": manifest(
    "Document",
    "faq",
    { dataset: "faq", name: "${each.key}", source: { file: "${each.value}" } },
    { for_each: { one: "a.txt", two: "b.txt" } },
  ),
  "a.txt": "一",
  "b.txt": "二",
};

async function createDesk() {
  const desk = createConsole(files);
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  const before = desk.emulator.requests.length;
  return { ...desk, writes: () => desk.emulator.requests.slice(before).filter(({ writes }) => writes) };
}

test("a replacement by request is refused like any other, and a saved plan keeps it", async () => {
  const { sh, run, writes, emulator } = await createDesk();
  const plan = await sh("plan --replace Bot.support");
  expect(plan.out).toContain("-/+ Bot.support  replace (its replacement was asked for)\n");
  expect(plan.out).toContain("to do it all the same: cozeform plan --replace Bot.support --allow-orphans\n");
  for (const line of [
    "apply --auto-approve --replace Bot.support",
    "apply --auto-approve --replace Dataset.faq",
    "apply --auto-approve --replace Bot.support --target Bot.support",
  ]) {
    expect(await sh(line)).toMatchObject({
      code: 1,
      err: expect.stringContaining("error: refused "),
    });
  }
  await sh(
    "plan --replace Bot.support --replace Dataset.faq --target Bot.support --target Dataset.faq --out no.json",
  );
  const late = await sh("apply no.json");
  expect(late.code).toBe(1);
  expect(late.err).toContain(
    "cozeform plan --out FILE --target Bot.support --target Dataset.faq --replace Bot.support " +
      "--replace Dataset.faq --allow-orphans --confirm-removals ",
  );
  const guarded = await sh("plan --replace Dataset.safe");
  expect(guarded).toMatchObject({ code: 3, err: expect.stringContaining("its replacement was asked for") });
  const saved = await sh("plan --replace Dataset.faq --confirm-removals 3 --out saved.json");
  expect(saved.out).toContain("+/- Dataset.faq  replace ");
  expect(writes()).toEqual([]);
  const refused = await run(["apply", "saved.json", "--replace", "Bot.support"]);
  expect(refused).toMatchObject({ code: 3, err: expect.stringContaining("--replace") });
  const [old] = emulator.world.datasets.keys();
  expect((await sh("apply saved.json")).code).toBe(0);
  expect([...emulator.world.datasets.keys()]).not.toContain(old);
  expect((await sh("plan --detailed-exitcode")).code).toBe(0);
});

test("what isn't there to be replaced is an error if it is unknown, else a warning", async () => {
  const { sh, write, writes } = await createDesk();
  const unknown = await sh("plan --replace Bot.suport");
  expect(unknown).toMatchObject({ code: 3, err: expect.stringContaining("did you mean Bot.support?") });
  write({
    "new.yaml": manifest("Bot", "fresh", { workspace: "desk", name: "新的" }),
    "bot.yaml": manifest("Bot", "other", { workspace: "desk", name: "别的", prompt: "不一样的" }),
  });
  const fresh = await sh("plan --replace Bot.fresh");
  expect(fresh.out).toContain("+ Bot.fresh  create");
  expect(fresh.err).toContain("Bot.fresh isn't in the state, so there is nothing to replace");
  expect((await sh("plan --replace Bot.support")).err).toContain("or it goes anyway");
  const aside = await sh("plan --replace Dataset.faq --target Bot.fresh");
  expect(aside.err).toContain("Dataset.faq isn't replaced: it isn't among the targets");
  expect((await sh("plan --destroy --replace Dataset.faq")).code).toBe(3);
  expect(writes()).toEqual([]);
});

test("a whole for_each is replaced item by item", async () => {
  const { sh } = await createDesk();
  const { out } = await sh("apply --auto-approve --replace Document.faq --target Document.faq");
  expect(out).toContain("2 replaced");
  expect((await sh("plan --detailed-exitcode")).code).toBe(0);
});
