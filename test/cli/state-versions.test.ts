import { expect, test } from "@jest/globals";
import { createS3Server, type S3Options } from "../support/s3-server.ts";
import { createStateServer } from "../support/state-server.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";
import { createConsole, smallManifests } from "./console.ts";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "c2VjcmV0LXNlY3JldA" };
const place = { bucket: "ops", region: "cn-north-1" };

/** A project whose state is in a bucket; `edit` applies another description of its workspace. */
function openShared(options: Partial<S3Options>, state?: string) {
  const clock = createVirtualClock();
  const store = createS3Server({ ...place, ...keys, now: clock.now, ...options });
  const terraform = createStateServer();
  const setting =
    state ?? '{s3: {endpoint: "https://store.example", bucket: ops, key: a&b.json, region: cn-north-1}}';
  const desk = createConsole(
    { "cozeform.yaml": `apiVersion: cozeform/v1\nkind: Project\nenvironments: {dev: {state: ${setting}}}\n` },
    {},
    {
      clock,
      async fetch(input, init) {
        const request = new Request(input, init);
        const { host, pathname, search } = new URL(request.url);
        if (host === "store.example") return store.fetch(request);
        if (host === "states.example") return terraform.fetch(request);
        return desk.emulator.fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
      },
    },
  );
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    COZEFORM_ALLOW_HOSTS: "store.example,states.example",
  };
  const sh = (line: string) => desk.sh(line, { env });
  const edit = async (text: string) => {
    desk.write({ "manifests/desk.yaml": smallManifests.replace("客服}", `${text}}`) });
    await clock.sleep(60_000);
    expect(await sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
  };
  return { ...desk, sh, edit, store };
}

test("a bucket's versions of the state are listed, and a former one is pulled and put back", async () => {
  const { sh, edit, store, write } = openShared({ versioning: true, pageSize: 2 });
  for (const text of ["一", "二", "三"]) await edit(text);
  store.objects.set("ops/a&b.json.other", { body: Buffer.from(""), etag: '""', modified: 0 });
  const listed = await sh("state versions");
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`;
  expect(listed).toEqual({
    code: 0,
    out: expect.stringMatching(
      new RegExp(
        String.raw`^2/\+==  ${time}.*  \d+ bytes, the current one\n1/\+==  ${time}.*  \d+ bytes\n0/\+==  ${time}.*  \d+ bytes\n$`,
        "u",
      ),
    ),
    err: "There are no copies on this machine.\n",
  });
  const former = await sh("state pull --version-id 0/+==");
  const described = JSON.parse(former.out);
  const now = JSON.parse((await sh("state pull")).out);
  expect([described.resources["Workspace.desk"].spec.description, now.serial - described.serial]).toEqual([
    "一",
    2,
  ]);
  write({ "former.json": former.out });
  expect(await sh("state push former.json")).toMatchObject({
    code: 3,
    err: expect.stringContaining(`its serial is ${described.serial}, there it is ${now.serial}`),
  });
  expect(await sh("state push former.json --force")).toMatchObject({ code: 0 });
  const { versions, copies } = JSON.parse((await sh("state versions --format json")).out);
  expect([versions.map(({ id }: { id: string }) => id), versions[0].isCurrent, copies.length]).toEqual([
    ["3/+==", "2/+==", "1/+==", "0/+=="],
    true,
    1,
  ]);
  expect(await sh("state pull --version-id none")).toEqual({
    code: 3,
    out: "",
    err: "error: s3://ops/a&b.json has no version none  hint: see cozeform state versions\n",
  });
});

test("a bucket without versions says so", async () => {
  const { sh, edit } = openShared({});
  await edit("一");
  expect(await sh("state versions")).toEqual({
    code: 0,
    out: "",
    err: `\
s3://ops/a&b.json keeps no former versions. Turn the bucket's versioning on to have them from then on.
There are no copies on this machine.
`,
  });
});

test("where a place lists no versions, it is said where to look", async () => {
  const { sh, edit } = openShared({}, '{http: {address: "https://states.example/dev"}}');
  await edit("一");
  expect(await sh("state versions")).toEqual({
    code: 0,
    out: "",
    err: `\
https://states.example/dev lists no former versions. GitLab shows them on its own page of Terraform states; of a database, look for its backups.
There are no copies on this machine.
`,
  });
});

test("a push brings in what a run couldn't save, and one that doesn't know it is refused", async () => {
  const { sh, edit, store, write } = openShared({});
  await edit("一");
  const pulled = (await sh("state pull")).out;
  const state = JSON.parse(pulled);
  const [address = ""] = Object.keys(state.resources);
  const added = `${address}-added`;
  const lost = {
    ...state,
    resources: { ...state.resources, [added]: { ...state.resources[address], id: "77" } },
  };
  const unsaved = JSON.stringify({ ...lost, unsaved: { before: { [added]: null } } });
  const changed = {
    ...state,
    resources: { ...state.resources, "Dataset.x": { ...state.resources[address], id: "5" } },
  };
  write({ ".cozeform/dev.unsaved.json": unsaved, "same.json": JSON.stringify(changed) });
  expect((await sh("state push same.json")).err).toContain(
    `this state isn't the one there, and both have the serial ${state.serial}`,
  );
  write({ "other.json": JSON.stringify({ ...changed, serial: 9 }) });
  expect((await sh("state push other.json")).err).toContain(`this state doesn't know its objects: ${added}`);
  expect(await sh("state push .cozeform/dev.unsaved.json")).toMatchObject({ code: 0 });
  const there = () =>
    Object.keys(JSON.parse(Buffer.from(store.objects.get("ops/a&b.json")?.body ?? []).toString()).resources);
  expect(there()).toContain(added);
  write({ ".cozeform/dev.unsaved.json": unsaved });
  const forced = await sh("state push other.json --force");
  expect(forced).toMatchObject({ code: 0 });
  expect(forced.err).toContain(
    "What an earlier run couldn't save and this state doesn't know is in .cozeform/",
  );
  expect(there()).not.toContain(added);
});
