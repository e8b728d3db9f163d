import { resolve } from "node:path";
import { runProvider } from "./protocol/rpc/program.ts";

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
