import { createEmulator, type Emulator, type EmulatorOptions } from "../../src/emulator/index.ts";

/** An emulator that refuses what the reference doesn't name, so that no test passes with a misspelt field. */
export function createStrictEmulator(options: EmulatorOptions = {}): Emulator {
  const { variants = [] } = options.world ?? {};
  return createEmulator({ ...options, world: { ...options.world, variants: ["strict", ...variants] } });
}
