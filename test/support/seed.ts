import fc from "fast-check";
import { describeRerun, seed } from "./sample.ts";

// The same values in every run, so that a change is judged by itself; another number looks elsewhere.
fc.configureGlobal({
  seed,
  reporter: (details) => {
    if (details.failed) throw new Error(`${fc.defaultReportMessage(details)}\nalone: ${describeRerun()}`);
  },
});
