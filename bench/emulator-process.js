// The emulator in a process of its own, asked by IPC: its work mustn't hold up the clock of who is measured. Between the
// emulator and its callers stands a latency, and a count of the calls with their times.
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createEmulator } from "../dist/index.js";

let emulator = createEmulator(optionsFor({}));
let latencyMs = 0;
let counted = emptyCount();

function optionsFor({ limits = {}, from, token }) {
  return { limits, from, token, keepRequests: 0, world: { processingMs: 0, copyMs: 0 } };
}

/** Times are in milliseconds since the epoch. */
function emptyCount() {
  return {
    calls: 0,
    refused: 0,
    firstAt: undefined,
    lastAt: undefined,
    lastAnswerAt: undefined,
    operations: {},
  };
}

async function answer(request) {
  const count = counted;
  const now = Date.now();
  count.calls += 1;
  count.firstAt ??= now;
  count.lastAt = now;
  const path = new URL(request.url).pathname.replace(/\d{6,}/, ":id");
  const operation = `${request.method} ${path}`;
  count.operations[operation] = (count.operations[operation] ?? 0) + 1;
  const response = await emulator.fetch(request);
  if (response.status === 429) count.refused += 1;
  if (latencyMs > 0) await wait(latencyMs);
  count.lastAnswerAt = Date.now();
  return response;
}

/** Bots in an even spread over all of them. */
function pickBots(share) {
  const bots = [...emulator.world.bots.values()];
  const count = Math.max(1, Math.round(bots.length * share));
  return Array.from({ length: count }, (_, number) => bots[Math.floor((number * bots.length) / count)]);
}

const replies = {
  /** From now on calls meet these limits and this latency; the world stays. */
  pace({ limits, latencyMs: ms }) {
    latencyMs = ms;
    emulator = createEmulator(optionsFor({ limits, from: emulator.world.snapshot(), token: emulator.token }));
  },
  /** Changes the prompts of a share of the bots, as people do on Coze's page. Returns how many. */
  drift({ share, text }) {
    const bots = pickBots(share);
    for (const { id } of bots) emulator.world.editBot(id, { prompt_info: { prompt: text } });
    return bots.length;
  },
  /** Makes the only bot one of `count`, made and changed at the same time as the first. Returns the ids of all. */
  repeatBot({ count }) {
    const [first] = emulator.world.bots.values();
    const { id, draft, ...others } = first;
    const more = Array.from({ length: count - 1 }, (_, number) =>
      emulator.world.addBot({ ...others, draft: { ...draft, name: `助手${number + 1}` } }),
    );
    return [id, ...more.map((bot) => bot.id)];
  },
  reset() {
    counted = emptyCount();
  },
  count: () => counted,
};

process.on("message", ({ id, name, values }) => process.send({ id, reply: replies[name](values) }));
process.once("disconnect", () => process.exit());
serve({ port: 0, hostname: "127.0.0.1", fetch: answer }, ({ port }) =>
  process.send({ url: `http://127.0.0.1:${port}`, token: emulator.token }),
);
