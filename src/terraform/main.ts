import { runProvider } from "./protocol/rpc/program.ts";

runProvider(process, async () => {
  const [{ createProvider }, { createService }, { systemClock }, { openLog }] = await Promise.all([
    import("./provider/provider.ts"),
    import("./protocol/service/service.ts"),
    import("../coze/clock.ts"),
    import("./provider/call-log.ts"),
  ]);
  const { env, stderr } = process;
  const log = openLog(env, (line) => void stderr.write(line), Date.now);
  return createService(createProvider({ env, fetch, clock: systemClock, random: Math.random, log }));
});
