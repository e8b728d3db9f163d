// Loaded into a measured process before its script: writes the process's peak memory in KiB to a file when it ends.
const { writeFileSync } = require("node:fs");

const file = process.env.BENCH_MEMORY_FILE;
process.once("exit", () => writeFileSync(file, String(process.resourceUsage().maxRSS)));
