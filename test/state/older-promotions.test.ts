import { describe, expect, test } from "@jest/globals";
import { type Fixture, isWrite, listState, openFixture, worldOf } from "../support/older-version.ts";
import { describeWorld } from "../support/world.ts";

const promote = "promote --from dev --to prod --auto-approve --parallelism 1";
const goBack = "promote --rollback --to prod --auto-approve --parallelism 1";

/** What `state show` says of the releases of a bot, without times and versions. */
async function releasesOf({ succeed }: Fixture, address: string): Promise<readonly string[]> {
  const { out } = await succeed(`state show -e prod ${address}`);
  const [, releases = ""] = out.split("Releases:\n");
  const lines = releases.trimEnd().split("\n");
  return lines.map((line) => line.replace(/^ {2}\S+ \S+ UTC {2}/u, "").replace(/, \d+, version \d+/u, ""));
}

const standing = ["promotion 1 from dev", "promotion 2 from dev  (standing)"];
const takenBack = ["promotion 1 from dev  (standing)", "promotion 2 from dev  (taken back)"];

const nothingBefore = `\
warning: Bot.sales: promotion 1 created it, so it has no earlier release: it stays
warning: Bot.support: promotion 1 created it, so it has no earlier release: it stays
warning: Copy.invoice: promotion 1 created it, so it has no earlier release: it stays
3 warnings
`;

describe("a promotion", () => {
  test("that is finished has nothing left to do, and goes back to the one before", async () => {
    const fixture = openFixture("promotion-finished");
    expect(await listState(fixture, "-e prod")).toBe(`\
Bot.sales       7512000000000121141  version 1796010585959
Bot.support     7512000000000134619  version 1796010585994
Copy.invoice    7512000000000136787
Workspace.desk  7512000000000070407
`);
    expect(await releasesOf(fixture, "Bot.sales")).toEqual(standing);
    const { out, calls } = await fixture.succeed(promote);
    expect(out).toContain("\nNo changes: prod is as dev has released it (4 resources, 7 calls).\n");
    expect(calls.filter(isWrite)).toEqual([]);

    const back = await fixture.succeed(goBack);
    expect(back.calls.filter(isWrite)).toEqual(["UPDATE_BOT", "UPDATE_BOT", "PUBLISH_BOT", "PUBLISH_BOT"]);
    expect(await releasesOf(fixture, "Bot.sales")).toEqual(takenBack);
    expect(describeWorld(fixture.emulator.world)).toEqual(worldOf("promotion-rolled-back"));
  });

  test("that was killed in its switch switches the rest, and ends as one that wasn't", async () => {
    const fixture = openFixture("promotion-cut");
    expect(await listState(fixture, "-e prod")).toBe(`\
Bot.sales       7512000000000121141  version 1796010594896
Bot.support     7512000000000134619  version 1796010573259  incomplete
Copy.invoice    7512000000000136787
Workspace.desk  7512000000000070407
`);
    expect(await releasesOf(fixture, "Bot.sales")).toEqual(standing);
    expect(await releasesOf(fixture, "Bot.support")).toEqual(["promotion 1 from dev  (standing)"]);
    fixture.unlock("prod");
    const { out, calls } = await fixture.succeed(promote);
    expect(out).toContain("? Bot.support  retry (it was prepared earlier, but callers don't see it yet)");
    expect(calls.filter(isWrite)).toEqual(["PUBLISH_BOT"]);
    expect(await releasesOf(fixture, "Bot.support")).toEqual(standing);
    expect(describeWorld(fixture.emulator.world)).toEqual(worldOf("promotion-finished"));
    expect((await fixture.succeed(promote)).out).toContain("\nNo changes: prod is as dev has released it");
  });

  test("that was killed in its switch goes back whole, too", async () => {
    const fixture = openFixture("promotion-cut");
    fixture.unlock("prod");
    const { calls } = await fixture.succeed(goBack);
    expect(calls.filter(isWrite)).toEqual(["UPDATE_BOT", "UPDATE_BOT", "PUBLISH_BOT", "PUBLISH_BOT"]);
    expect(describeWorld(fixture.emulator.world)).toEqual(worldOf("promotion-rolled-back"));
  });

  test("that was rolled back goes back no further, and comes again without another copy", async () => {
    const fixture = openFixture("promotion-rolled-back");
    expect(await releasesOf(fixture, "Bot.sales")).toEqual(takenBack);
    expect(await fixture.sh(goBack)).toMatchObject({ code: 0, err: nothingBefore });
    expect(fixture.emulator.requests).toEqual([]);

    const { calls } = await fixture.succeed(promote);
    expect(calls.filter(isWrite)).toEqual(["UPDATE_BOT", "UPDATE_BOT", "PUBLISH_BOT", "PUBLISH_BOT"]);
    expect(describeWorld(fixture.emulator.world)).toEqual(worldOf("promotion-finished"));
  });

  test("whose rollback was killed goes back the rest of the way, and no further", async () => {
    const fixture = openFixture("rollback-cut");
    expect(await listState(fixture, "-e prod")).toBe(`\
Bot.sales       7512000000000121141  version 1796010602403
Bot.support     7512000000000134619  version 1796010585994  incomplete
Copy.invoice    7512000000000097421
Workspace.desk  7512000000000070407
`);
    fixture.unlock("prod");
    const { calls } = await fixture.succeed(goBack);
    expect(calls.filter(isWrite)).toEqual(["PUBLISH_BOT"]);
    expect(await releasesOf(fixture, "Bot.support")).toEqual(takenBack);
    expect(describeWorld(fixture.emulator.world)).toEqual(worldOf("promotion-rolled-back"));
    expect(await fixture.sh(goBack)).toMatchObject({ code: 0, err: nothingBefore });
  });
});
