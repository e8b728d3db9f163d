import { describe, expect, test } from "@jest/globals";
import { type LimitOptions, publishedLimits } from "../../src/emulator/index.ts";
import { setStage } from "./client.ts";

/** What an emulator with limits answers to calls at some moments, in milliseconds. */
async function answersAt(limits: LimitOptions, moments: readonly number[]): Promise<string> {
  const { clock, get } = setStage({ limits });
  const start = clock.ms;
  let answers = "";
  for (const moment of moments) {
    clock.ms = start + moment;
    answers += (await get("/v1/workspaces")).status === 429 ? "x" : ".";
  }
  return answers;
}

describe("an emulator with limits", () => {
  test.each<[string, LimitOptions, readonly number[], string]>([
    ["a burst", { perSecond: 2 }, [0, 0, 0], "..x"],
    ["a burst around the turn of a second", { perSecond: 2 }, [900, 950, 1050, 1100], "..xx"],
    ["what comes evenly", { perSecond: 2 }, [0, 500, 1000, 1500], "...."],
    ["what was refused isn't counted", { perSecond: 1 }, [0, 500, 999, 1000], ".xx."],
    ["less than one a second", { perSecond: 0.5 }, [0, 1999, 2000], ".x."],
    ["one operation", { operations: { list_workspace: 1 } }, [0, 10], ".x"],
    ["another operation", { operations: { upload_files: 1 } }, [0, 10], ".."],
  ])("counts in any second: %s", async (_what, limits, moments, answers) => {
    expect(await answersAt(limits, moments)).toBe(answers);
  });

  test("says when to come again if asked to, and with which code it refuses", async () => {
    const { get, emulator } = setStage({ limits: { perSecond: 1, retryAfterSeconds: 3 } });
    await get("/v1/workspaces");
    const refused = await get("/v1/workspaces");
    expect(refused).toMatchObject({ status: 429, body: { code: 4013 } });
    expect(refused.headers.get("retry-after")).toBe("3");
    expect(emulator.requests.at(-1)).toMatchObject({ operation: "list_workspace", status: 429 });
  });

  test("refuses calls that come while another is under way where only one may be", async () => {
    const { get } = setStage({ limits: { concurrency: { list_workspace: 1 } } });
    const both = await Promise.all([get("/v1/workspaces"), get("/v1/workspaces")]);
    expect(both.map(({ status }) => status)).toEqual([200, 429]);
    expect((await get("/v1/workspaces")).status).toBe(200);
  });

  test("fails for ever once the calls of the free plan are used up", async () => {
    const { get, clock } = setStage({ limits: { totalCalls: 2 } });
    await get("/v1/workspaces");
    await get("/v1/workspaces");
    clock.ms += 365 * 24 * 3600 * 1000;
    // Free quota: https://docs.coze.cn/developer_guides/coze_error_codes
    expect(await get("/v1/workspaces")).toMatchObject({ status: 200, body: { code: 4028 } });
  });

  test("takes ten uploads a second by the limits that the reference gives", async () => {
    const { upload } = setStage({ limits: publishedLimits });
    const statuses = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await upload("a.txt", "a")).status);
    expect(statuses.indexOf(429)).toBe(10);
  });
});
