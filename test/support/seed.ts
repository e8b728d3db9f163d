import fc from "fast-check";
import { describeRerun, seed } from "./sample.ts";

// The same values in every run, so that a change is judged by itself; another number looks elsewhere.
fc.configureGlobal({
  seed,
  reporter: (details) => {
    if (details.failed) {
      const { errorInstance: cause } = details;
      throw new Error(`${fc.defaultReportMessage(details)}\n${cause}\nalone: ${describeRerun()}`, { cause });
    }
  },
});
