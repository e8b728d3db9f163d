import { test } from "@jest/globals";
import { playSeason } from "../support/random-world/season.ts";

test("500 random worlds end as wanted, or with a clear error", () => playSeason(500, 0), 300_000);
