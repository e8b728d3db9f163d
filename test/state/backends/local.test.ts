import { readFileSync } from "node:fs";
import { test } from "@jest/globals";
import { openLocalBackend } from "../../../src/state/local-backend.ts";
import { createPlace } from "../place.ts";
import { behaviours, type Ground } from "./behaviours.ts";

function createGround(): Ground {
  const { place } = createPlace();
  return {
    open: async () => openLocalBackend(place),
    // https://docs.kernel.org/filesystems/proc.html: what this process has handed over to write.
    written: () => Number(/^wchar: (\d+)$/mu.exec(readFileSync("/proc/self/io", "utf8"))?.[1]),
    secrets: [],
    fences: false,
    keepsLines: process.platform === "linux",
  };
}

test.each(behaviours)("a state in files: %s", (_, behave) => behave(createGround()));
