import { expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { createEventClock } from "../support/event-clock.ts";
import { manifest, manifests } from "../support/story.ts";
import { createConsole } from "./console.ts";

const read = "get_metadata_draft_published";
const bot = (name: string) => manifest("Bot", name, { workspace: "desk", name, prompt: "你好" });
const files = {
  "a.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    bot("a"),
    bot("b"),
    bot("c"),
  ),
};

/** Applies in a log's format, and returns what is told from the run's beginning on. */
async function tell(emulation: EmulatorOptions, ...more: readonly string[]) {
  const { run, emulator } = createConsole(files, emulation);
  const { code, out } = await run(["apply", "--auto-approve", ...more]);
  return { code, told: out.slice(out.indexOf("Applying ")), out, calls: emulator.requests.length };
}

const refuse = (operation: string, code: number): EmulatorOptions => {
  let calls = 0;
  const answer = () => {
    calls += 1;
    return Response.json({ code, msg: "no", detail: { logid: `L${calls}` } });
  };
  return { hooks: { before: (exchange) => (exchange.operation === operation ? answer() : undefined) } };
};

test("one cause is told once while the run goes on, and once at its end", async () => {
  const { code, told, calls } = await tell(refuse("create_bot", 4028));
  expect(code).toBe(1);
  expect(calls).toBe(5);
  expect(told).toBe(`\
Applying 4 steps: 4 to create
  + Workspace.desk: creating …
  + Workspace.desk: created in 0.2s (7512000000000022255)
  + Bot.a: creating …
  + Bot.b: creating …
  + Bot.c: creating …
  + Bot.a: failed after 0.6s: create_bot, code 4028: billing: the free quota is used up: no (logid L1)
  + Bot.b: failed after 0.6s: for the same reason as Bot.a
  + Bot.c: failed after 0.6s: for the same reason as Bot.a

Failed (3):
    create_bot, code 4028: billing: the free quota is used up: no (logid L1 and others)
      hint: top up the account or upgrade its plan on Coze's billing page, then run again
      + Bot.a  a.yaml:9
      + Bot.b  a.yaml:18
      + Bot.c  a.yaml:27

Apply incomplete: 1 created, 3 failed in 0.8s with 4 API calls.
Completed steps are saved; run again to continue.
`);
});

test("as JSON each failure is an event with its own cause", async () => {
  const { out } = await tell(refuse("create_bot", 4028), "--format", "json");
  const events = out.trimEnd().split("\n");
  const failed = events
    .map((line) => JSON.parse(line) as { type: string; address: string; failure: { message: string } })
    .filter(({ type }) => type === "step-failed");
  expect(failed.map(({ address, failure }) => [address, failure.message])).toEqual(
    ["Bot.a", "Bot.b", "Bot.c"].map((one) => [one, "billing: the free quota is used up: no"]),
  );
});

test("calls that run out in the reading back are told with those of the plan and the next move", async () => {
  let lost = false;
  const after = ({ operation }: { readonly operation: string }) => {
    if (operation !== "create_workspace" || lost) return undefined;
    lost = true;
    throw new TypeError("connection lost");
  };
  const { code, told, calls } = await tell({ hooks: { after } }, "--max-calls", "9");
  expect({ code, calls }).toEqual({ code: 0, calls: 9 });
  expect(told.slice(told.indexOf("The changes are"))).toBe(`\
The changes are applied, but they couldn't be read back: ${read}: this run has used its limit of 9 API calls. Run plan to check them.

Apply complete: 4 created in 2.2s with 8 API calls (9 including the plan).
`);
});

test("what reads otherwise than it was written is told with what plans make of it", async () => {
  const after = async ({ operation }: { readonly operation: string }, answer: Response) => {
    if (operation !== read) return undefined;
    return new Response((await answer.text()).replaceAll("你好", "再见"), answer);
  };
  const { code, told } = await tell({ hooks: { after } });
  expect(code).toBe(0);
  expect(told.slice(told.indexOf("Bot.a: Coze stores")).replace(/in [\d.]+s/u, "in 2.0s")).toBe(`\
Bot.a: Coze stores prompt in another form than was written; plans accept that form from now on
Bot.b: Coze stores prompt in another form than was written; plans accept that form from now on
Bot.c: Coze stores prompt in another form than was written; plans accept that form from now on

Apply complete: 4 created in 2.0s with 8 API calls.
`);
});

test.each([4011, 4019, 4022])("once Coze answers with code %d, no further call writes", async (code) => {
  const clock = createEventClock();
  const names = [..."abcdefghijkl"];
  const published = (name: string) =>
    manifest("Bot", name, { workspace: "desk", name, prompt: "你好", publish: { connectors: ["api"] } });
  const { run, emulator } = createConsole(
    {
      "cozeform.yaml": `apiVersion: cozeform/v1
kind: Project
manifests: [a.yaml]
environments: { dev: { operations_per_second: { publish_bot: 1 } } }
`,
      "a.yaml": manifests(
        manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
        ...names.map(published),
      ),
    },
    { sleep: (ms) => clock.sleep(ms) },
    { clock },
  );
  emulator.faults.set([{ operation: "publish_bot", fault: "refuse", code, msg: "no" }]);
  const { code: exit, out } = await clock.run(run(["apply", "--auto-approve"]));
  expect(exit).toBe(1);
  const writes = emulator.requests.filter(({ writes }) => writes).map(({ operation }) => operation);
  expect(writes).toEqual(["create_workspace", "create_bot", "publish_bot"]);
  expect(out).toContain(`publish_bot, code ${code}: billing: `);
  expect(out).toContain("  + Bot.k: skipped: billing stopped the run\n");
  expect(out).toContain("Apply incomplete: 1 created, 10 failed, 2 skipped");
});
