import { resolve } from "node:path";
import { runProvider } from "./protocol/rpc/program.ts";

runProvider(process, async () => {
  const [{ createProvider }, { createService }, { systemClock }] = await Promise.all([
    import("./provider/provider.ts"),
    import("./protocol/service/service.ts"),
    import("../coze/clock.ts"),
  ]);
  const { env } = process;
  // Terraform keeps what belongs to a working directory in this folder of it.
  const notes = resolve(env.TF_DATA_DIR || ".terraform", "cozeform");
  return createService(createProvider({ env, fetch, clock: systemClock, random: Math.random, notes }));
});
