// The life of a project of one size against one emulator: it is validated, planned, applied, planned again in three
// states, promoted and destroyed, and each command is measured.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmulator } from "../dist/index.js";
import { startEmulator } from "./emulator.js";
import { names } from "./figures.js";
import { countLeastCalls } from "./least-calls.js";
import { measureCozeform, patienceMs } from "./measured-process.js";
import { countKinds, projectFile, writeProject } from "./project.js";
import { makeDirectory, removeDirectory } from "./scratch.js";

/** No limit and no latency, and what a slow service might be like. */
export const paces = {
  none: { limits: {}, latencyMs: 0 },
  [names.paced]: { limits: { perSecond: 20 }, latencyMs: 50 },
};

/** Share of the bots that another prompt changes, in the manifests or at Coze. */
const changedShare = 0.01;
const unlimited = 1_000_000;

/**
 * Measures the life of a project of `size`. `emulator` is one of the two in {@link names}, `pace` a name of {@link paces},
 * `parts` the set of parts to measure, `repeats` how often each command that only reads is run, and `record` takes each sample. `besidePlan` is called after the first no-op plan.
 */
export async function measureWorld({ size, emulator, pace, parts, repeats, record, besidePlan }) {
  const stage = await openStage({ size, emulator, pace, record });
  try {
    if (parts.has("validate") && pace === "none") {
      for (let round = 0; round < repeats; round += 1) await stage.measure("validate", ["validate"]);
    }
    if (parts.has("plan")) await stage.measure("first plan", plan, { codes: [2] });
    const isApplied = besidePlan || ["apply", "plan", "promote", "destroy"].some((part) => parts.has(part));
    if (parts.has("apply")) await stage.measure("apply", applying);
    else if (isApplied) await stage.prepare(applying);
    if (parts.has("plan") || besidePlan) await measureNoop(stage, repeats, besidePlan);
    if (parts.has("plan")) await measureChanges(stage, repeats);
    if (parts.has("promote")) await measurePromotion(stage);
    if (parts.has("destroy")) {
      await stage.measure("destroy", ["destroy", "--auto-approve", "--allow-ownership-transfer"]);
    }
  } finally {
    stage.close();
  }
}

const applying = ["apply", "--auto-approve"];

const plan = ["plan", "--detailed-exitcode"];

async function measureNoop(stage, repeats, besidePlan) {
  for (let round = 0; round < repeats; round += 1) {
    await stage.measure("no-op plan", plan);
    if (round === 0) await besidePlan?.();
  }
}

async function measureChanges(stage, repeats) {
  stage.write({ changed: changedShare });
  for (let round = 0; round < repeats; round += 1) await stage.measure("changed plan", plan, { codes: [2] });
  stage.write({});
  for (let round = 0; round < repeats; round += 1) {
    // Each time other texts: a plan remembers what it has read.
    const drifted = await stage.drift(`人工修改 ${round}`);
    await stage.measure("drifted plan", plan, { codes: [2], drifted });
  }
}

async function measurePromotion(stage) {
  stage.write({ published: true });
  await stage.prepare(applying);
  await stage.measure("promote", ["promote", "--from", "dev", "--to", "prod", "--auto-approve"]);
}

async function openStage({ size, emulator: kind, pace, record }) {
  const directory = makeDirectory();
  const counts = countKinds(size);
  const { limits, latencyMs } = paces[pace];
  const rate = limits.perSecond ?? unlimited;
  let isPublished = false;
  const write = ({ changed = 0, published = isPublished }) => {
    isPublished = published;
    writeProject(size, { directory, rate, changed, published });
  };
  write({});
  const door = kind === names.embedded ? openEmbedded(directory) : await openOwn();
  await door.pace({ limits, latencyMs });
  const run = (args, options) =>
    measureCozeform([...args, ...door.args], { cwd: directory, env: door.env, ...options });
  return {
    write,
    drift: (text) => door.drift({ share: changedShare, text }),
    /** Runs a command, and records what it costs. */
    async measure(operation, args, { codes, drifted } = {}) {
      await door.reset();
      const least = countLeastCalls(operation, counts, { drifted, published: isPublished });
      const leastMs = limits.perSecond && leastTime(least, limits.perSecond, latencyMs);
      const cost = await run(args, { codes, limitMs: patienceMs + 2 * (leastMs ?? 0) });
      const { wallMs, cpuMs, memoryMb } = cost;
      const calls = await door.count(cost.output, limits.perSecond);
      const sample = { part: "world", emulator: kind, pace, size, operation };
      record({ ...sample, ...calls, least, wallMs, leastMs, cpuMs, memoryMb });
    },
    /** Runs a command that isn't measured, as fast as it can. */
    async prepare(args) {
      await door.pace({ limits: {}, latencyMs: 0 });
      writeFileSync(join(directory, "cozeform.yaml"), projectFile(unlimited));
      await run(args);
      writeFileSync(join(directory, "cozeform.yaml"), projectFile(rate));
      await door.pace({ limits, latencyMs });
    },
    close() {
      door.close();
      removeDirectory(directory);
    },
  };
}

/** With so many calls in each second, the first of them at once. */
const leastTime = (calls, perSecond, latencyMs) =>
  calls === 0 ? 0 : Math.floor((calls - 1) / perSecond) * 1000 + latencyMs;

async function openOwn() {
  const { url, token, ask, stop } = await startEmulator();
  return {
    args: ["--endpoint", url],
    env: { COZE_API_TOKEN: token },
    pace: (values) => ask("pace", values),
    drift: (values) => ask("drift", values),
    reset: () => ask("reset"),
    async count(_output, perSecond) {
      const { calls, refused, firstAt, lastAt } = await ask("count");
      if (!perSecond) return { calls, refused };
      const used = calls > 1 ? (calls - 1) / ((lastAt - firstAt) / 1000) / perSecond : undefined;
      return { calls, refused, used };
    },
    close: stop,
  };
}

/** The emulator in cozeform's own process: its world is a file, and its calls are those that cozeform says. */
function openEmbedded(directory) {
  return {
    args: ["--emulator"],
    env: {},
    pace() {},
    async drift({ share, text }) {
      const emulator = createEmulator({ file: join(directory, ".cozeform", "emulator.json") });
      const bots = [...emulator.world.bots.values()];
      const drifted = bots.slice(0, Math.max(1, Math.round(bots.length * share)));
      for (const { id } of drifted) emulator.world.editBot(id, { prompt_info: { prompt: text } });
      await emulator.save();
      return drifted.length;
    },
    reset() {},
    count: (output) => ({ calls: readCalls(output) }),
    close() {},
  };
}

/** The calls that a report names: those of a plan, and of its apply. */
export function readCalls(output) {
  const named = [...output.matchAll(/this plan made ([\d,]+)|([\d,]+) API calls?\b(?! to apply)/g)].map(
    ([, plan, run]) => Number((plan ?? run).replaceAll(",", "")),
  );
  return named.length > 0 ? named.reduce((sum, calls) => sum + calls, 0) : undefined;
}
