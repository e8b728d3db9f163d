import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

const bot = (spec: string) => `\
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
# Nobody touches the name.
spec:
  workspace: desk
  name: 客服
${spec}  publish: {connectors: [api]}
`;
const prompt = (text: string, more = "") => `  prompt: ${text} # reviewed\n${more}`;

/** A project whose bot was published once for each of these specs. */
async function createDesk(...specs: readonly string[]) {
  const desk = createConsole({ "desk.yaml": smallManifests, "bot.yaml": "" });
  const write = (spec: string) => desk.write({ "bot.yaml": bot(spec) });
  for (const spec of specs) {
    write(spec);
    const { code, err } = await desk.sh("apply --auto-approve");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    await desk.clock.sleep(60_000);
  }
  const read = (file = "bot.yaml") => readFileSync(join(desk.directory, file), "utf8");
  const live = () => {
    const [found] = desk.emulator.world.bots.values();
    if (!found) throw new Error("there is no bot");
    return found;
  };
  /** Runs a line, with the calls that it made. */
  const see = async (line: string, how?: Parameters<typeof desk.sh>[1]) => {
    const before = desk.emulator.requests.length;
    const ran = await desk.sh(line, how);
    const made = desk.emulator.requests.slice(before);
    return {
      ...ran,
      calls: made.map(({ operation = "" }) => operation),
      writes: made.filter(({ writes }) => writes).map(({ operation = "" }) => operation),
    };
  };
  const entry = () =>
    JSON.parse(readFileSync(join(desk.directory, ".cozeform/default.state.json"), "utf8")).resources["Bot.support"];
  return { ...desk, writeBot: write, read, live, see, entry };
}

describe("rollback", () => {
  test("edits the manifest to what was published before, and applies that", async () => {
    const desk = await createDesk(prompt("你是客服"), prompt("你是好客服"));
    const { code, out, writes, calls } = await desk.see("rollback Bot.support --auto-approve");
    expect(out).toBe("");
    expect([code, writes, calls]).toEqual([0, [], []]);
  });
});
