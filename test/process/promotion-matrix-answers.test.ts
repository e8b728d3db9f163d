import { expect, test } from "@jest/globals";
import { type Ground, prepareGround, type Scenario } from "../support/crash-ground.ts";
import { type Disturbance, disturbCalls } from "../support/crash-matrix.ts";
import { describeLibrary, promotion, wayBack } from "../support/promotion-project.ts";

const drop: Disturbance = () => {
  throw new TypeError("connection lost");
};
const fail: Disturbance = () => Response.json({ code: 5000, msg: "internal" }, { status: 500 });

const prepared = new Map<Scenario, Promise<Ground>>();

function groundOf(scenario: Scenario): Promise<Ground> {
  const ground = prepared.get(scenario) ?? prepareGround(scenario);
  prepared.set(scenario, ground);
  return ground;
}

/** By name, where it is now, and the numbers of the promotions that released it; those taken back in brackets. */
const listReleases = ({ undisturbed }: Ground): readonly string[] =>
  Object.entries(undisturbed.state.resources).flatMap(([address, { id, history = [] }]) => {
    const numbers = history.map(({ promotion: number, undone }) => (undone ? `[${number}]` : `${number}`));
    return history.length > 0 ? [`${address} ${id?.split(" in ")[0]}: ${numbers.join(" ")}`] : [];
  });

test("an undisturbed promotion makes one copy of each revision and one release of each name", async () => {
  const ground = await groundOf(promotion);
  expect(listReleases(ground)).toEqual([
    "Bot.fresh bot fresh: 3",
    "Bot.quiet bot quiet: 1",
    "Bot.sales bot sales: 1 2 3",
    "Bot.support bot support: 1 2 3",
    "Copy.invoice workflow 开票 (三): 1 2 3",
    "Copy.refund workflow 退款 (三): 1 2 3",
    "Copy.same workflow 查询 (一): 1",
    "Copy.shop app 商城 (三): 1 2 3",
  ]);
  const library = describeLibrary(ground.undisturbed.snapshot);
  expect(library.filter((one) => one.endsWith(" in workspace 客服"))).toEqual([
    "app 商城 (一) in workspace 客服",
    "app 商城 (三) in workspace 客服",
    "app 商城 (二) in workspace 客服",
    "dataset faq in workspace 客服",
    "dataset news in workspace 客服",
    "dataset rules in workspace 客服",
    "workflow 开票 (一) in workspace 客服",
    "workflow 开票 (三) in workspace 客服",
    "workflow 开票 (二) in workspace 客服",
    "workflow 查询 (一) in workspace 客服",
    "workflow 退款 (一) in workspace 客服",
    "workflow 退款 (三) in workspace 客服",
    "workflow 退款 (二) in workspace 客服",
  ]);
});

test("an undisturbed rollback makes nothing, and leaves what was there before", async () => {
  const ground = await groundOf(wayBack);
  expect(listReleases(ground)).toEqual([
    "Bot.quiet bot quiet: 1",
    "Bot.sales bot sales: 1 2 [3]",
    "Bot.support bot support: 1 2 [3]",
    "Copy.invoice workflow 开票 (二): 1 2 [3]",
    "Copy.refund workflow 退款 (二): 1 2 [3]",
    "Copy.same workflow 查询 (一): 1",
    "Copy.shop app 商城 (二): 1 2 [3]",
  ]);
  expect(describeLibrary(ground.undisturbed.snapshot)).toEqual(describeLibrary(ground.world));
});

test.each([
  ["a promotion", "lost before it takes effect", promotion, "before", drop],
  ["a promotion", "lost after it took effect", promotion, "after", drop],
  ["a promotion", "a 500 after it took effect", promotion, "after", fail],
  ["a rollback", "lost before it takes effect", wayBack, "before", drop],
  ["a rollback", "lost after it took effect", wayBack, "after", drop],
  ["a rollback", "a 500 after it took effect", wayBack, "after", fail],
] as const)(
  "whichever call of %s is %s, callers see no mixture and the next run ends in the same world",
  async (_what, _how, scenario, moment, disturbance) => {
    const ground = await groundOf(scenario);
    expect(ground.calls.filter(({ writes }) => writes).length).toBeGreaterThanOrEqual(4);
    await disturbCalls(ground, moment, disturbance);
  },
);
