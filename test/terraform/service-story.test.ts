import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { ProviderInterface } from "../../src/terraform/provider/provider-interface.ts";
import { createDoorStory } from "../support/door-story.ts";
import type { Files } from "../support/story.ts";
import { terraformTest } from "../support/terraform-process.ts";
import { blankThing, createToyDoor, fullThing, fullThingValues } from "../support/toy-door.ts";

/** A directory with one configuration, and the toy that it is about; `change` takes the toy's place in parts. */
async function tell(
  main: string,
  change: (door: ProviderInterface) => Partial<ProviderInterface> = () => ({}),
) {
  const toy = createToyDoor();
  const door = { ...toy.door, ...change(toy.door) };
  const story = await createDoorStory({
    files: { "main.tf": main },
    provider: { name: "toy", create: () => door },
  });
  const rewrite = (text: string) => story.write({ "main.tf": text } satisfies Files);
  return { ...story, ...toy, rewrite };
}

/** Errors and warnings as terraform prints them, without the lines of the configuration that it shows. */
const complaintsIn = (text: string): readonly string[] =>
  text
    .split(/^(?=Error|Warning)/mu)
    .filter((part) => /^(Error|Warning)/u.test(part))
    .map((part) => part.trim());

terraformTest("a thing of every type is made, stays, changes, is made anew and goes", async () => {
  const story = await tell(fullThing);
  expect((await story.plan()).actions).toEqual({ "toy_thing.a": "create" });
  expect(story.log).toEqual([]);

  await story.apply("saved.tfplan");
  expect(await story.resource("toy_thing.a")).toEqual({
    ...fullThingValues,
    id: "thing-1",
    limits: { soft: 10, hard: 20 },
    revision: 1,
  });
  await story.expectNoChanges();
  expect(story.log).toEqual(["make 甲", "upgrade 2", "read 甲"]);

  story.rewrite(fullThing.replace("hard = 20", "hard = 30").replace('"q"', '"r"').replace("two = 2", ""));
  const update = await story.plan();
  expect(update.actions).toEqual({ "toy_thing.a": "update" });
  expect(update.json.resource_changes?.[0]?.change.after_unknown).toMatchObject({ revision: true });
  await story.apply("saved.tfplan");
  expect(await story.resource("toy_thing.a")).toMatchObject({ limits: { soft: 10, hard: 30 }, revision: 2 });
  await story.expectNoChanges();

  story.rewrite(fullThing.replace("east", "west"));
  const replacement = await story.plan();
  expect(replacement.actions).toEqual({ "toy_thing.a": "delete/create" });
  expect(replacement.json.resource_changes?.[0]?.change.replace_paths).toEqual([["zone"]]);
  await story.apply("saved.tfplan");
  expect([...story.things.keys()]).toEqual(["thing-2"]);

  story.log.length = 0;
  await story.destroy();
  expect(story.log.filter((line) => !line.startsWith("upgrade"))).toEqual([
    "read 甲",
    "plan without 甲",
    "remove 甲",
  ]);
  expect(story.things.size).toBe(0);
  expect(await story.state()).not.toHaveProperty("values");
});

terraformTest("terraform knows of all that the schema says", async () => {
  const story = await tell("");
  const shown = JSON.parse((await story.run("providers", "schema", "-json")).stdout);
  const known = shown.provider_schemas["registry.terraform.io/cozeform/toy"];
  const { version, block } = known.resource_schemas.toy_thing;
  const toy = { description: "Toy.", description_kind: "markdown" };
  expect({ version, ...block, attributes: Object.keys(block.attributes).length }).toEqual({
    version: 2,
    description: "A thing in **memory**.",
    description_kind: "markdown",
    attributes: 16,
  });
  expect(block.attributes).toMatchObject({
    id: { type: "string", ...toy, computed: true },
    name: { type: "string", ...toy, required: true },
    size: { type: "number", ...toy, optional: true, computed: true },
    tags: { type: ["set", "string"], ...toy, optional: true },
    rules: {
      nested_type: {
        nesting_mode: "list",
        attributes: { key: { type: "string", ...toy, optional: true, sensitive: true } },
      },
      ...toy,
      optional: true,
    },
    limits: { nested_type: { nesting_mode: "single" } },
    peers: { nested_type: { nesting_mode: "set" } },
    extras: { nested_type: { nesting_mode: "map" } },
    secret: { type: "string", ...toy, optional: true, sensitive: true, write_only: true },
  });
  expect(known.provider.block.attributes.token).toEqual({
    type: "string",
    ...toy,
    optional: true,
    sensitive: true,
  });
  expect(Object.keys(known.data_source_schemas)).toEqual(["toy_thing"]);
  expect(known.functions.join).toEqual({
    description: "Joins texts, and *says* with what.",
    summary: "Joins texts",
    return_type: ["object", { count: "number", text: "string" }],
    parameters: [{ name: "separator", description: "Stands between.", type: "string" }],
    variadic_parameter: { name: "texts", description: "Stand around.", type: "string" },
  });
});

const referring = `
resource "toy_thing" "a" { name = "a" }
resource "toy_thing" "b" {
  name     = "b-\${toy_thing.a.id}"
  labels   = { from = toy_thing.a.id }
  tags     = [toy_thing.a.id, "x"]
  hosts    = [for one in [toy_thing.a.id] : "h-\${one}"]
  size     = toy_thing.a.revision
  limits   = { hard = toy_thing.a.revision + 40 }
  rules    = toy_thing.a.revision > 0 ? [{ port = 1 }] : []
  peers    = [{ host = toy_thing.a.id }]
}
data "toy_thing" "a" {
  name       = "a"
  depends_on = [toy_thing.a]
}
output "id" { value = data.toy_thing.a.id }
`;

terraformTest("what isn't known yet is planned as such, at any place, and known in the end", async () => {
  const story = await tell(referring);
  const plan = await story.plan();
  expect(plan.actions).toEqual({
    "toy_thing.a": "create",
    "toy_thing.b": "create",
    "data.toy_thing.a": "read",
  });
  const b = plan.json.resource_changes?.find(({ address }) => address === "toy_thing.b");
  expect(b?.change.after_unknown).toEqual({
    id: true,
    name: true,
    labels: { from: true },
    tags: [false, true],
    hosts: [true],
    size: true,
    limits: { hard: true },
    rules: true,
    peers: [{ host: true }],
    revision: true,
  });
  await story.apply("saved.tfplan");
  expect(await story.resource("toy_thing.b")).toMatchObject({
    name: "b-thing-1",
    labels: { from: "thing-1" },
    tags: ["thing-1", "x"],
    hosts: ["h-thing-1"],
    size: 1,
    limits: { soft: 10, hard: 41 },
    rules: [{ port: 1, key: null }],
    peers: [{ host: "thing-1", weight: null }],
  });
  expect(await story.outputs()).toEqual({ id: "thing-1" });
  await story.expectNoChanges();
});

terraformTest("what was half made is kept and made anew; what wasn't made at all isn't", async () => {
  const story = await tell('resource "toy_thing" "a" { name = "half" }');
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)).toEqual([
    expect.stringMatching(
      /^Error: only half of it was made\n\n {2}with toy_thing\.a,\n {2}on main\.tf line 1,/u,
    ),
  ]);
  expect((await story.plan()).actions).toEqual({ "toy_thing.a": "delete/create" });

  story.rewrite('resource "toy_thing" "a" { name = "whole" }');
  await story.apply();
  expect([...story.things.keys()]).toEqual(["thing-2"]);
  await story.expectNoChanges();

  story.rewrite('resource "toy_thing" "a" { name = "throws" }');
  const thrown = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(thrown.stderr).join()).toMatch(
    /^Error: the provider failed in ApplyResourceChange\(toy_thing\)\n[\s\S]*\n\nthe toy broke\nThis is a bug in the\s+provider/u,
  );
  expect(thrown.stderr).not.toMatch(/toy-door|\bat /u);
  expect(await story.resource("toy_thing.a")).toMatchObject({ id: "thing-2", name: "whole" });
});

terraformTest("a state that lacks an attribute doesn't lose what was made", async () => {
  const story = await tell('resource "toy_thing" "a" { name = "sloppy" }');
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr).join()).toMatch(
    /failed in ApplyResourceChange\(toy_thing\)[\s\S]*missing attributes: revision/u,
  );
  expect(await story.resource("toy_thing.a")).toMatchObject({ id: "thing-1", revision: null });
  expect((await story.plan()).actions).toEqual({ "toy_thing.a": "delete/create" });
});

terraformTest("complaints name the line, and inside of an attribute the path as well", async () => {
  const story = await tell(`
resource "toy_thing" "a" {
  name = ""
}
resource "toy_thing" "b" {
  name   = "odd"
  limits = { soft = 3, hard = 2 }
  rules  = [{ port = 1 }, { port = 0 }]
}
resource "toy_thing" "c" {
  name = "c"
  size = 1 / 3
}
`);
  const { stderr, stdout } = await story.fail("validate");
  expect(
    complaintsIn(`${stderr}\n${stdout}`)
      .map((one) => one.replaceAll(/\s+/gu, " "))
      .sort(),
  ).toEqual([
    expect.stringMatching(
      /^Error: a number has too many digits with toy_thing\.c, on main\.tf line 12.* 0\.3{38}… has too many digits/u,
    ),
    expect.stringMatching(/^Error: name is empty with toy_thing\.a, on main\.tf line 3,/u),
    expect.stringMatching(
      /^Error: no such port with toy_thing\.b, on main\.tf line \d+, .* rules\[1\]\.port$/u,
    ),
    expect.stringMatching(
      /^Error: the soft limit is above the hard one with toy_thing\.b, .* limits\.soft: Lower it\.$/u,
    ),
    expect.stringMatching(/^Warning: an odd name with toy_thing\.b, on main\.tf line 6,/u),
  ]);
});

terraformTest("a write-only secret reaches the provider, and no plan and no state", async () => {
  const secret = "s3cr3t-of-the-toy";
  const main = (name: string) => `
variable "secret" { ephemeral = true }
resource "toy_thing" "a" {
  name   = "${name}"
  secret = var.secret
}
`;
  const story = await tell(main("a"));
  story.env.TF_VAR_secret = secret;
  const plan = await story.plan();
  await story.apply();
  story.rewrite(main("b"));
  await story.apply();
  expect(story.secrets).toEqual([secret, secret]);
  expect(JSON.stringify(plan.json)).not.toContain(secret);
  for (const file of ["terraform.tfstate", "saved.tfplan"]) {
    expect(readFileSync(join(story.directory, file)).includes(secret)).toBe(false);
  }
  await story.expectNoChanges();
});

terraformTest("imports take up what there is, by command and by block", async () => {
  const story = await tell('resource "toy_thing" "a" { name = "found" }');
  story.things.set("7", { ...blankThing, id: "7", name: "found", size: 1, revision: 3 });
  story.things.set("8", { ...blankThing, id: "8", name: "other", size: 1, revision: 1 });
  await story.importResource("toy_thing.a", "7");
  const kept = JSON.parse(readFileSync(join(story.directory, "terraform.tfstate"), "utf8")).resources[0]
    .instances[0];
  expect(JSON.parse(Buffer.from(kept.private, "base64").toString())).toEqual({ imported: true, reads: 1 });
  await story.expectNoChanges();
  expect(await story.resource("toy_thing.a")).toMatchObject({ id: "7", revision: 3 });

  const missing = await story.fail("import", "toy_thing.b", "9");
  expect(complaintsIn(missing.stderr).join()).toMatch(/resource address "toy_thing\.b" does not exist/u);
  story.write({ "b.tf": 'resource "toy_thing" "b" { name = "other" }' });
  const nowhere = await story.fail("import", "toy_thing.b", "9");
  expect(complaintsIn(nowhere.stderr)).toEqual([expect.stringMatching(/^Error: there is no 9/u)]);

  story.write({
    "b.tf": 'resource "toy_thing" "b" { name = "other" }\nimport {\n  to = toy_thing.b\n  id = "8"\n}\n',
  });
  expect((await story.plan()).actions).toEqual({ "toy_thing.a": "no-op", "toy_thing.b": "no-op" });
  await story.apply("saved.tfplan");
  expect(story.log.filter((line) => line.startsWith("make"))).toEqual([]);
  expect(Object.keys(story.things.get("8") ?? {})).toContain("revision");
});

terraformTest("what changed by hand is taken back, what is gone is made anew", async () => {
  const story = await tell(
    'resource "toy_thing" "a" { name = "a" }\nresource "toy_thing" "b" { name = "b" }',
  );
  await story.apply("-parallelism=1");
  const [one = "", other = ""] = [...story.things.keys()];
  story.things.set(one, { ...story.things.get(one), hosts: ["by hand"] });
  story.things.delete(other);
  const actions = (await story.plan()).actions;
  expect(Object.values(actions).sort()).toEqual(["create", "update"]);
  await story.apply();
  await story.expectNoChanges();
  expect(story.things.size).toBe(2);
});

terraformTest("functions are called with any number of arguments and give any type", async () => {
  const story = await tell(`
output "joined" { value = provider::toy::join("-", "a", "b", "c") }
output "echoed" { value = provider::toy::echo({ list = [1, true], text = "x" }) }
`);
  await story.apply();
  expect(await story.outputs()).toEqual({
    joined: { text: "a-b-c", count: 3 },
    echoed: { list: [1, true], text: "x" },
  });
  story.rewrite('output "joined" { value = provider::toy::join("-", "a", "") }');
  const { stderr } = await story.fail("plan");
  expect(complaintsIn(stderr).join()).toMatch(
    /Invalid function argument[\s\S]*Invalid value for "texts" parameter: a text is empty\./u,
  );
});

terraformTest("another provider's resource becomes a thing", async () => {
  const story = await tell('resource "terraform_data" "a" { input = "moved" }');
  await story.apply();
  story.rewrite(`
resource "toy_thing" "a" {
  name = "moved"
  size = null
}
moved {
  from = terraform_data.a
  to   = toy_thing.a
}
`);
  const { actions } = await story.plan();
  expect(actions).toEqual({ "toy_thing.a": "update" });
  await story.apply("saved.tfplan");
  expect(await story.resource("toy_thing.a")).toMatchObject({ name: "moved", size: 1, revision: 2 });
  expect(story.log).toContain("move terraform_data of terraform.io/builtin/terraform");
  expect(story.log.filter((line) => line.startsWith("make"))).toEqual([]);
});

terraformTest("states of an earlier version are taken up", async () => {
  const story = await tell('resource "toy_thing" "a" { name = "a" }');
  await story.apply();
  const file = join(story.directory, "terraform.tfstate");
  const stored = JSON.parse(readFileSync(file, "utf8"));
  const [instance] = stored.resources[0].instances;
  expect(instance.schema_version).toBe(2);
  expect(JSON.parse(Buffer.from(instance.private, "base64").toString())).toEqual({ plans: 1, applies: 1 });
  const { name, ...attributes } = instance.attributes;
  Object.assign(instance, { schema_version: 1, attributes: { ...attributes, title: name } });
  writeFileSync(file, JSON.stringify({ ...stored, serial: stored.serial + 1 }));
  await story.expectNoChanges();
  await story.apply("-refresh=false");
  expect(JSON.parse(readFileSync(file, "utf8")).resources[0].instances[0]).toMatchObject({
    schema_version: 2,
    attributes: { name: "a" },
  });
});

terraformTest("many things are made at once, as many as terraform asks for", async () => {
  let [open, most] = [0, 0];
  const waiting: (() => void)[] = [];
  const story = await tell(
    'resource "toy_thing" "a" {\n  count = 30\n  name  = "n${count.index}"\n}',
    (door) => ({
      async apply(type, request) {
        most = Math.max(most, ++open);
        // Ten have to be under way before the first ten end.
        if (most < 10) await new Promise<void>((done) => waiting.push(done));
        for (const go of waiting.splice(0)) go();
        open -= 1;
        return door.apply(type, request);
      },
    }),
  );
  await story.apply();
  expect(story.things.size).toBe(30);
  await story.expectNoChanges();
});

terraformTest("an interrupt reaches the door, which ends what is on its way", async () => {
  let stop = () => {};
  const stopped = new Promise<void>((done) => {
    stop = done;
  });
  let begin = () => {};
  const begun = new Promise<void>((done) => {
    begin = done;
  });
  const story = await tell('resource "toy_thing" "a" { name = "a" }', (door) => ({
    async apply(type, request) {
      begin();
      await stopped;
      return door.apply(type, request);
    },
    stop,
  }));
  const running = story.start("apply", "-auto-approve");
  await begun;
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect([ended.exitCode, ended.stdout]).toEqual([1, expect.stringMatching(/Interrupt received/u)]);
  expect(await story.resource("toy_thing.a")).toMatchObject({ id: "thing-1" });
});

terraformTest("the provider's configuration comes with its secrets and with null for the rest", async () => {
  const story = await tell(`
variable "token" { default = "t" }
provider "toy" { token = var.token }
resource "toy_thing" "a" { name = "a" }
`);
  await story.plan();
  story.rewrite('provider "toy" { prefix = "bad" }\nresource "toy_thing" "a" { name = "a" }');
  const { stderr } = await story.fail("plan");
  expect(complaintsIn(stderr)).toEqual([
    expect.stringMatching(/^Error: prefix is bad\n\n.*\n {2}on main\.tf line 1, in provider "toy":/u),
  ]);
  expect(story.configured).toEqual([{ prefix: null, token: "t" }]);
});
