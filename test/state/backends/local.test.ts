import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "@jest/globals";
import { openLocalBackend } from "../../../src/state/local-backend.ts";
import { createPlace } from "../place.ts";
import { behaviours, type Ground } from "./behaviours.ts";

function createGround(): Ground {
  const { place } = createPlace();
  const folder = join(place.directory, ".cozeform");
  return {
    open: async () => openLocalBackend(place),
    // The journal is gone in the end, and the state is the second largest.
    written: () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
    secrets: [],
    fences: false,
    keepsLines: false,
  };
}

test.each(behaviours)("a state in files: %s", (_, behave) => behave(createGround()));
