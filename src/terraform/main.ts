import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runProvider } from "./protocol/rpc/program.ts";

// A provider runs for seconds: to compile more than the busiest functions once more, and better, costs more than it saves.
setFlagsFromString("--interrupt-budget=400000");
setFlagsFromString("--liftoff-only");

runProvider(process, async () => {
  const [{ createProvider }, { createService }, { systemClock }, { openLog }] = await Promise.all([
    import("./provider/provider.ts"),
    import("./protocol/service/service.ts"),
    import("../coze/clock.ts"),
    import("./provider/call-log.ts"),
  ]);
  const { env, stderr } = process;
  // Terraform keeps what belongs to a working directory in this folder of it.
  const notes = resolve(env.TF_DATA_DIR || ".terraform", "cozeform");
  const log = openLog(env, (line) => void stderr.write(line), Date.now);
  const host = { env, fetch, clock: systemClock, random: Math.random, notes, log };
  return createService(createProvider(host));
});
