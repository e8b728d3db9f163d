import { expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const calling = "its copying call at 16:00:00 got no answer; its copy may appear until 16:10:00";

/** A project with a copy whose first copying call gets no answer and takes no effect. */
function createLossy(onLook: (looks: number) => void = () => {}) {
  let [isLost, looks] = [false, 0];
  const project = createConsole(
    {},
    {
      hooks: {
        before({ operation }) {
          if (isLost && operation === "get_workflow_list") {
            looks += 1;
            onLook(looks);
          }
          if (operation !== "copy_resource_task" || isLost) return undefined;
          isLost = true;
          throw new TypeError("connection lost");
        },
      },
    },
  );
  const { world } = project.emulator;
  const from = world.addWorkspace({ name: "源" }).id;
  const { id } = world.addWorkflow({ space_id: from, name: "开票" });
  project.write({
    "a.yaml": `\
apiVersion: cozeform/v1
kind: Copy
metadata: {name: it}
spec: {type: workflow, source: {id: "${id}"}, workspace: {id: "${from}"}}
`,
  });
  return project;
}

test("a run whose copying call got no answer says until when what it made may appear, and fails", async () => {
  const { sh, clock } = createLossy();
  const { code, out } = await sh("apply --auto-approve");
  expect(code).toBe(1);
  expect(out.slice(out.indexOf("Applying")).replace(/5\.\ds/u, "5s")).toBe(`\
Applying 1 step: 1 to create
  + Copy.it: creating …
  + Copy.it: pending: ${calling} (run again then, or pass --wait-lost)

Copy calls without an answer (1):
  + Copy.it  ${calling} (run again then, or pass --wait-lost)

Apply incomplete: nothing done, 1 still pending in 5s with 3 API calls.
Run again after 16:10:00 to continue.
`);

  const planned = await sh("plan");
  expect(planned.out).toContain(
    "  ? Copy.it  retry (its creation was interrupted, and no created object has appeared)\n",
  );
  expect(planned.out).toContain(`\n      i ${calling} (run again then, or pass --wait-lost)\n`);
  await clock.sleep(600_000);
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0 });
});

test("--wait-lost waits, says until when, and repeats the call", async () => {
  const { sh } = createLossy();
  const { code, out } = await sh("apply --auto-approve --wait-lost");
  expect(code).toBe(0);
  expect(out).toContain(`
  + Copy.it: creating …
  + Copy.it: waiting until 16:10:00 for the copy of a lost call
  + Copy.it: copy task in progress
  + Copy.it: created in 10m `);
});

test("on a terminal the line of a waiting copy says until when", async () => {
  const { sh } = createLossy();
  const { out } = await sh("apply --auto-approve --wait-lost", { typed: "", env: { NO_COLOR: "1" } });
  expect(out).toMatch(/ {2}\+ Copy\.it {2}creating \d+s {2}waiting until 16:10:00 for the copy/u);
});

test("as JSON the event says until when", async () => {
  const { sh } = createLossy();
  const { out } = await sh("apply --auto-approve --wait-lost --format json");
  const events = out
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { readonly type: string });
  expect(events.find(({ type }) => type === "step-progressed")).toMatchObject({
    address: "Copy.it",
    detail: "waiting until 16:10:00 for the copy of a lost call",
    until: "2026-01-05T08:10:00.000Z",
  });
});

test("after a Ctrl-C the call isn't repeated, though the time is over", async () => {
  // The first run looks twice, the second one for its plan and then once.
  const { sh, interrupt, clock, emulator } = createLossy((looks) => {
    if (looks === 4) interrupt();
  });
  await sh("apply --auto-approve");
  await clock.sleep(600_000);
  expect(await sh("apply --auto-approve")).toMatchObject({
    code: 130,
    out: expect.stringContaining("Apply interrupted: nothing done, 1 still pending"),
  });
  expect(emulator.world.workflows.size).toBe(1);
});

test("the first Ctrl-C ends the wait, and the copy is pending", async () => {
  const looked: number[] = [];
  const { sh, interrupt } = createLossy((looks) => {
    looked.push(looks);
    if (looks === 3) interrupt();
  });
  const { code, out, err } = await sh("apply --auto-approve --wait-lost");
  expect({ code, err, looked }).toEqual({
    code: 130,
    err: "Interrupted: finishing the steps in progress. Press Ctrl-C again to stop now.\nerror: apply was interrupted: 1 still pending\n",
    looked: [1, 2, 3],
  });
  expect(out).toContain(`  + Copy.it: pending: ${calling} (interrupted; run again to continue)\n`);
});
