import { expect } from "@jest/globals";
import { postgresTest, usePostgres } from "../support/postgres.ts";
import { createTerraformStory } from "../support/terraform.ts";
import type { Running } from "../support/terraform-process.ts";

const postgres = usePostgres();

const files = {
  "terraform.tf": `\
terraform {
  required_providers {
    coze = { source = "cozeform/coze" }
  }
  backend "pg" {}
}
`,
  "main.tf": `\
resource "coze_workspace" "desk" {
  name        = "客服空间"
  description = "客服"
}

resource "coze_dataset" "faq" {
  workspace = coze_workspace.desk.id
  name      = "常见问题"
  format    = "text"
}
`,
};

/** Something that is met, and then goes on only when it may. */
function createGate() {
  let [meet, open] = [(): void => {}, (): void => {}];
  const met = new Promise<void>((done) => {
    meet = done;
  });
  const opened = new Promise<void>((done) => {
    open = done;
  });
  const pass = async (): Promise<undefined> => {
    meet();
    await opened;
    return undefined;
  };
  return { met, open: () => open(), pass };
}

/** Waits until a run has written a text. */
function writes({ child, ended }: Running, text: string): Promise<void> {
  return new Promise((done, fail) => {
    let written = "";
    child.stdout?.on("data", (chunk) => {
      written += String(chunk);
      if (written.includes(text)) done();
    });
    void ended.then(({ stdout, stderr }) => fail(new Error(`it ended before: ${stdout}${stderr}`)));
  });
}

/** Two who share a state in a schema of PostgreSQL, one of whom is held at Coze while making the workspace. */
async function share(schema: string) {
  const gate = createGate();
  const story = await createTerraformStory({
    served: "in-process",
    files,
    env: { ...postgres(), PG_SCHEMA_NAME: schema },
    emulator: {
      hooks: { before: ({ operation }) => (operation === "create_workspace" ? gate.pass() : undefined) },
    },
  });
  await story.run("init");
  return { ...story, gate, writing: () => story.emulator.requests.filter((one) => one.writes).length };
}

postgresTest("two applies at once: the second waits for the first, and then has nothing to do", async () => {
  const { start, gate, writing, expectNoChanges } = await share("waits");
  const first = start("apply", "-auto-approve");
  await gate.met;
  const second = start("apply", "-auto-approve", "-lock-timeout=60s");
  await writes(second, "Acquiring state lock. This may take a few moments...");
  gate.open();
  expect(await first.ended).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("Apply complete! Resources: 2 added, 0 changed, 0 destroyed."),
  });
  const written = writing();
  expect(await second.ended).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("Apply complete! Resources: 0 added, 0 changed, 0 destroyed."),
  });
  expect(writing()).toBe(written);
  await expectNoChanges();
});

postgresTest(
  "two applies at once: one that doesn't wait ends at once, and says who holds the lock",
  async () => {
    const { start, run, gate, expectNoChanges, emulator } = await share("ends");
    const first = start("apply", "-auto-approve");
    await gate.met;
    const asked = emulator.requests.length;
    const refused = await run("apply", "-auto-approve", "-lock-timeout=0s");
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/Error: Error acquiring the state lock.+OperationTypeApply/su),
    });
    expect(emulator.requests).toHaveLength(asked);
    gate.open();
    expect(await first.ended).toMatchObject({ exitCode: 0 });
    await expectNoChanges();
  },
);

postgresTest(
  "what one directory's Terraform made, another's takes down, with nothing but the state's address",
  async () => {
    const { gate, apply, env, emulator } = await share("handed-on");
    gate.open();
    await apply();
    const other = await createTerraformStory({ served: "in-process", files, env });
    await other.run("init");
    await other.expectNoChanges();
    await other.destroy();
    expect([...emulator.world.datasets.values()]).toEqual([]);
  },
);
