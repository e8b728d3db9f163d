import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createS3Server } from "../support/s3-server.ts";
import { createStateServer } from "../support/state-server.ts";
import { createConsole, smallManifests } from "./console.ts";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "c2VjcmV0LXNlY3JldA" };
const where = { bucket: "ops", region: "cn-north-1" };
const bot = (prompt: string) =>
  `---\napiVersion: cozeform/v1\nkind: Bot\nmetadata: {name: support}\nspec:\n  workspace: desk\n  name: 客服\n  prompt: ${prompt}\n  publish: {connectors: [api]}\n`;

const places = {
  local: "local",
  s3: "{s3: {endpoint: https://store.example, key: dev.json, bucket: ops, region: cn-north-1}}",
  http: "{http: {address: https://git.example/state}}",
} as const;
const projectFile = (place: keyof typeof places) =>
  `apiVersion: cozeform/v1\nkind: Project\nenvironments: {dev: {state: ${places[place]}}}\n`;

/** A project whose bot was published twice, and the places between which its state moves. */
async function createDesk() {
  const now = () => desk.clock.now();
  const server = createStateServer({ now });
  const store = createS3Server({ ...where, ...keys, now });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { host, pathname, search } = new URL(request.url);
    if (host === "git.example") return server.fetch(request);
    if (host === "store.example") return store.fetch(request);
    return desk.emulator.fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
  };
  const desk = createConsole(
    { "cozeform.yaml": projectFile("local"), "desk.yaml": smallManifests },
    {},
    { fetch },
  );
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    COZEFORM_ALLOW_HOSTS: "git.example store.example",
  };
  const run = async (line: string) => {
    const { code, err, out } = await desk.sh(line, { env });
    return { code, err, out };
  };
  const publish = async (prompt: string) => {
    desk.write({ "bot.yaml": bot(prompt) });
    expect(await run("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
    await desk.clock.sleep(60_000);
  };
  const move = async (from: keyof typeof places, to: keyof typeof places) => {
    desk.write({ "cozeform.yaml": projectFile(to), "former.txt": projectFile(from) });
    return run(from === "local" ? "state migrate" : "state migrate --from former.txt");
  };
  const file = (name: string) => join(desk.directory, ".cozeform", name);
  const document = () => server.documents.get("/state")?.toString() ?? "";
  const texts = () => [...store.objects.keys()].filter((key) => key.includes(".releases/")).length;
  const prompt = () => [...desk.emulator.world.bots.values()][0]?.published?.prompt_info?.prompt;
  return { ...desk, run, publish, move, file, document, texts, store, prompt };
}

/** Goes back to the release before the current one, which needs its configuration. */
async function goBack({ run, directory }: Awaited<ReturnType<typeof createDesk>>, prompt: string) {
  expect(await run("rollback Bot.support --auto-approve")).toMatchObject({ code: 0, err: "" });
  expect(readFileSync(join(directory, "bot.yaml"), "utf8")).toContain(`prompt: ${prompt}\n`);
}

test("configurations of releases move along with the state, and rollbacks work wherever it is", async () => {
  const desk = await createDesk();
  const { publish, move, file, document, texts, run, store } = desk;
  await publish("一号");
  await publish("二号");
  expect(await move("local", "s3")).toMatchObject({ code: 0, err: expect.stringContaining("backups") });
  expect([existsSync(file("dev.state.json")), texts()]).toEqual([false, 2]);
  const stored = Buffer.from(store.objects.get("ops/dev.json")?.body ?? "").toString();
  expect(stored).toContain('"content"');
  expect(stored).not.toContain("一号");
  const pulled = await run("state pull");
  expect(pulled.out).toContain("一号");
  await goBack(desk, "一号");
  expect(texts()).toBe(3);
  desk.write({ "pulled.txt": pulled.out });
  expect((await run("state push pulled.txt")).err).toContain("this state is older than the one there");
  // What the pushed state doesn't name goes.
  expect(await run("state push pulled.txt --force")).toMatchObject({ code: 0 });
  expect(texts()).toBe(2);
  expect(await move("s3", "http")).toMatchObject({ code: 0 });
  expect(document()).toContain("一号");
  desk.write({ "bot.yaml": bot("二号") });
  await goBack(desk, "一号");
  expect(document()).not.toContain('"content"');
  expect(await move("http", "local")).toMatchObject({ code: 0 });
  const { history } = JSON.parse(readFileSync(file("dev.state.json"), "utf8")).resources["Bot.support"];
  expect(
    history.filter(({ content, spec }: { content?: string; spec?: object }) => !content || spec),
  ).toEqual([]);
  await publish("二号");
  await goBack(desk, "一号");
});

test("a state moves back to a place that has it as it was before, and replaces nothing newer or unknown", async () => {
  const desk = await createDesk();
  const { publish, move, run } = desk;
  await publish("一号");
  expect(await move("local", "s3")).toMatchObject({ code: 0 });
  expect(await move("s3", "http")).toMatchObject({ code: 0 });
  await publish("二号");
  // What is left in the bucket is older.
  expect(await move("http", "s3")).toMatchObject({ code: 0, err: expect.stringContaining("backups") });
  await publish("三号");
  const newer = await move("http", "s3");
  expect(newer.code).toBe(3);
  expect(newer.err).toMatch(
    /s3:\/\/ops\/dev\.json has this state in a version that isn't older \(serial \d+, here \d+\)/u,
  );
  // Somebody went on where the state was before.
  desk.write({ "cozeform.yaml": projectFile("http") });
  await publish("四号");
  await publish("五号");
  await publish("六号");
  desk.write({ "cozeform.yaml": projectFile("s3") });
  expect(await run("state rm Bot.support")).toMatchObject({ code: 0 });
  desk.write({ "bot.yaml": bot("七号").replace("name: 客服", "name: 新客服") });
  expect(await run("apply --auto-approve")).toMatchObject({ code: 0 });
  const forked = await move("http", "s3");
  expect(forked.code).toBe(3);
  expect(forked.err).toMatch(/and it knows objects that this one doesn't: Bot\.support/u);
});
