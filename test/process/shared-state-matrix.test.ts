import { prepareGround } from "../support/crash-ground.ts";
import { changes } from "../support/crash-project.ts";
import { pgTest, usePostgres } from "../support/postgres.ts";
import { killAndGoOnElsewhere } from "../support/shared-matrix.ts";

const connection = usePostgres();

pgTest.each(["before", "after"] as const)(
  "killed %s the effect of any call, an apply goes on in a fresh clone elsewhere with the state in PostgreSQL",
  async (moment) => {
    const ground = await prepareGround(changes);
    const keeper = {
      setting: (number: string) => `, state: {pg: {schema: ${number.replace("-", "_")}}}`,
      env: connection(),
    };
    await killAndGoOnElsewhere(ground, keeper, moment);
  },
);
