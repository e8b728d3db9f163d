import { test } from "@jest/globals";
import { playSeason } from "../support/random-world/season.ts";

test("random worlds end as wanted, or with a clear error", () => playSeason(1));
