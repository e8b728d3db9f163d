import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole } from "./cli/console.ts";
import { expectExchangesMatchOpenApi } from "./support/openapi-check.ts";

const examples = resolve(import.meta.dirname, "../examples");

interface PlanJson {
  readonly resource_changes: readonly {
    readonly address: string;
    readonly change: { readonly actions: string[] };
  }[];
  readonly cozeform: { readonly calls: { readonly made: number; readonly apply: number } };
}

/** A console in a copy of an example. */
function openExample(name: string) {
  const given = createConsole();
  cpSync(join(examples, name), given.directory, { recursive: true });
  const token = given.emulator.token;
  const env = { COZE_DEV_TOKEN: token, COZE_PROD_TOKEN: token };
  return { ...given, sh: (line: string) => given.sh(line, { env }) };
}

test("prompts that share a part arrive as their files say, and a second plan is empty", async () => {
  const { directory, sh, emulator } = openExample("prompts");
  expect(await sh("validate")).toMatchObject({ code: 0, err: "" });
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0 });
  const rules = readFileSync(join(directory, "prompts/shared/rules.md"), "utf8").replace(
    "${var.shop}",
    "和风茶具",
  );
  const prompts = [...emulator.world.bots.values()].map(({ draft }) => draft.prompt_info?.prompt ?? "");
  expect(prompts).toHaveLength(3);
  for (const prompt of prompts) expect(prompt).toContain(`\n\n${rules}\n# `);
  const [support] = prompts.filter((prompt) => prompt.includes("上海店"));
  expect(support).toContain("- 收货后 15 天内可以退换。\n- 解决不了的问题，请顾客拨打 021-5555 0100。\n");
  expect(prompts.filter((prompt) => prompt.includes("`${price}`"))).toHaveLength(1);
  expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0 });
});

test("quickstart on the embedded emulator: a create per resource, then nothing, and planning writes nothing", async () => {
  const { directory, sh } = openExample("quickstart");
  expect(await sh("validate")).toMatchObject({ code: 0, err: "" });
  const before = await sh("plan --emulator --format json");
  const planned = JSON.parse(before.out) as PlanJson;
  expect(planned.resource_changes).toHaveLength(23);
  expect(new Set(planned.resource_changes.flatMap(({ change }) => change.actions))).toEqual(
    new Set(["create"]),
  );

  expect(await sh("apply --emulator --auto-approve")).toMatchObject({ code: 0, err: "" });
  const world = () => readFileSync(join(directory, ".cozeform", "emulator.json"), "utf8");
  const made = world();
  const second = await sh("plan --emulator --detailed-exitcode");
  expect(second).toMatchObject({ code: 0, err: "" });
  expect(second.out).toMatch(/^Environment dev on the embedded emulator\n\nNo changes\. /);
  expect(world()).toBe(made);
});

test("quickstart against a service: the plan says how many calls the apply makes", async () => {
  const { sh, emulator } = openExample("quickstart");
  const { out } = await sh("plan --format json");
  const { calls } = (JSON.parse(out) as PlanJson).cozeform;
  expect(calls.made).toBe(emulator.requests.length);
  expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0 });
  const applied = emulator.requests.length - 2 * calls.made;
  // Waiting for documents and lists of channels may take a few more than was foreseen.
  expect(applied).toBeGreaterThanOrEqual(calls.apply);
  expect(applied).toBeLessThanOrEqual(calls.apply + 5);
  const writes = emulator.requests.filter((request) => request.writes).length;
  expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0 });
  expect(emulator.requests.filter((request) => request.writes)).toHaveLength(writes);
  expectExchangesMatchOpenApi(emulator.requests);
});

test("team in both environments: each its own state and objects, and a second plan of each is empty", async () => {
  const { sh, emulator } = openExample("team");
  for (const line of ["-e dev", "-e prod --confirm-environment prod"]) {
    expect(await sh(`apply ${line} --auto-approve`)).toMatchObject({ code: 0 });
  }
  for (const environment of ["dev", "prod"]) {
    const { code, out } = await sh(`plan -e ${environment} --detailed-exitcode`);
    expect([code, out.split("\n")[2]]).toEqual([
      0,
      expect.stringMatching(/^No changes\. .*\(63 resources, \d+ API calls\)\.$/),
    ]);
  }
  const made = [...emulator.world.workspaces.values()].filter(
    ({ workspace_type }) => workspace_type === "team",
  );
  expect(made).toHaveLength(6);
  expectExchangesMatchOpenApi(emulator.requests);
});

test("examples and templates name the items of a for_each by what differs for each", () => {
  const yaml = ["examples", "templates"].flatMap((name) => {
    const folder = resolve(import.meta.dirname, "..", name);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(".yaml")).map((file) => join(folder, file));
  });
  expect(yaml.length).toBeGreaterThan(10);
  expect(yaml.filter((file) => readFileSync(file, "utf8").includes("${each.name}"))).toEqual([]);
});
