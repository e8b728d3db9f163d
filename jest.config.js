// Times of day are shown in the machine's time zone: one that isn't UTC's tells them apart from those of ISO 8601.
process.env.TZ = "Asia/Shanghai";

/** @type {import("jest").Config} */
export default {
  roots: ["<rootDir>/test"],
  // By default one core is left to others, which of two is half.
  maxWorkers: "100%",
  testEnvironmentOptions: { globalsCleanup: "off" },
  globalSetup: "<rootDir>/test/support/temporary-files.js",
  setupFilesAfterEnv: ["<rootDir>/test/support/seed.ts"],
  // For a test that hangs. No test is about speed: a busy machine makes everything many times slower.
  testTimeout: 900_000,
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2023" } }] },
  collectCoverageFrom: ["src/**/*.ts"],
  coverageProvider: "v8",
  coverageReporters: ["text-summary", "lcov"],
  coverageThreshold: { global: { statements: 98, branches: 93, functions: 97, lines: 98 } },
};
