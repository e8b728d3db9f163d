import { runProvider } from "./protocol/rpc/program.ts";

runProvider(process, async () => {
  const [{ createProvider }, { createService }, { systemClock }] = await Promise.all([
    import("./provider/provider.ts"),
    import("./protocol/service/service.ts"),
    import("../coze/clock.ts"),
  ]);
  const { env } = process;
  return createService(createProvider({ env, fetch, clock: systemClock, random: Math.random }));
});
