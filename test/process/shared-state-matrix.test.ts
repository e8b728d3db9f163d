import { expect, test } from "@jest/globals";
import { prepareGround } from "../support/crash-ground.ts";
import type { Moment } from "../support/crash-matrix.ts";
import { changes } from "../support/crash-project.ts";
import { pgTest, usePostgres } from "../support/postgres.ts";
import { killAndGoOnElsewhere } from "../support/shared-matrix.ts";
import { type OpenKeeper, openHttpKeeper, openPgKeeper, openS3Keeper } from "../support/state-keepers.ts";

const connection = usePostgres();
const moments = ["before", "after"] as const;

async function goOnElsewhere(moment: Moment, opening: Promise<OpenKeeper>): Promise<void> {
  const keeper = await opening;
  try {
    const ground = await prepareGround(changes);
    expect(ground.calls.length).toBeGreaterThanOrEqual(60);
    await killAndGoOnElsewhere(ground, keeper, moment);
  } finally {
    await keeper.close();
  }
}

pgTest.each(moments)(
  "killed %s the effect of any call, an apply goes on in a fresh clone with the state in PostgreSQL",
  (moment) => goOnElsewhere(moment, openPgKeeper(connection())),
);

test.each(moments)(
  "killed %s the effect of any call, an apply goes on elsewhere with the state in S3, once it is unlocked",
  (moment) => goOnElsewhere(moment, openS3Keeper()),
);

test.each(moments)(
  "killed %s the effect of any call, an apply goes on elsewhere with the state at a server of Terraform's, once it is unlocked",
  (moment) => goOnElsewhere(moment, openHttpKeeper()),
);
