import { stringify } from "yaml";
import type { FaultName } from "../../../src/emulator/faults/fault-rules.ts";
import type { State } from "../../../src/state/model.ts";
import { answering } from "../answers.ts";
import { emulatedApp, privatePem } from "../rsa-keys.ts";
import { savedState } from "../saved-state.ts";
import { createStory, echoChallenge, type Story, summarize } from "../story.ts";
import { judgeWorld } from "./oracle.ts";
import type { Scenario } from "./scenario.ts";
import { allow, applyThrough, createReaper } from "./storm.ts";
import { createStrangers, type Strangers } from "./strangers.ts";
import { commonFiles } from "./texts.ts";
import { addresses, originals, readWishes, type Wanted, writeWishes } from "./wishes.ts";
import { expectWords } from "./words.ts";

/** How a scenario ended (a refusal is one in words, with a next move), and which faults struck. */
export interface Played {
  readonly ending: Ending;
  readonly struck: readonly FaultName[];
}

type Ending = "converged" | "refused";

const signIns = {
  token: { token: { env: "COZE_API_TOKEN" } },
  jwt: {
    jwt: { app_id: emulatedApp.app_id, key_id: emulatedApp.key_id, private_key: { env: "APP_KEY" } },
  },
} as const;

/** Plays a scenario to its end; throws when it ends otherwise than well. */
export async function play({ signIn, variants, climate, begin, happenings }: Scenario): Promise<Played> {
  const reaper = createReaper();
  const story = createStory({
    files: {
      ...commonFiles,
      "cozeform.yaml": stringify({
        apiVersion: "cozeform/v1",
        kind: "Project",
        manifests: ["all.yaml"],
        environments: { default: { auth: signIns[signIn] } },
      }),
    },
    emulator: { hooks: reaper.hooks, fetch: echoChallenge, apps: [emulatedApp], world: { variants } },
    env: { APP_KEY: privatePem },
  });
  const { faults, world } = story.emulator;
  const home = world.addWorkspace({ name: "原作" }).id;
  world.addWorkflow({ id: originals.workflow, space_id: home, name: "开发票" });
  world.addBot({ id: originals.bot, space_id: home, draft: { name: "模板助手" } });
  const scene = beginScene(story, begin);
  faults.set(climate);
  for (const one of happenings) {
    if (one.type === "wish") scene.wish(one.whom, one.variant);
    if (one.type === "deed") await scene.strangers.act(one.deed, one.whom);
    if (one.type === "plan") await planQuietly(story);
    if (one.type === "apply") {
      // A personal token that ended is gone for good.
      const bearable = one.faults.filter(({ fault }) => fault !== "expire-tokens" || signIn === "jwt");
      faults.set([...climate, ...bearable]);
      await applyThrough(story, reaper, one);
      faults.set(climate);
    }
    scene.look();
  }
  const ending = await finish(story, scene);
  story.close();
  return { ending, struck: faults.hits.map(({ rule }) => rule.fault) };
}

interface Scene {
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly strangers: Strangers;
  /** Ids of all that cozeform ever made, as far as it told. */
  readonly made: ReadonlySet<string>;
  wish(whom: number, variant: number | undefined): void;
  look(): State;
}

function beginScene(story: Story, begin: Scenario["begin"]): Scene {
  const wishes = new Map<string, number>();
  const made = new Set<string>();
  let wanted: ReadonlyMap<string, Wanted> = new Map();
  const hold = (index: number, variant: number | undefined): void => {
    const address = addresses[index] ?? "";
    if (variant === undefined) wishes.delete(address);
    else wishes.set(address, variant);
  };
  const rewrite = (): void => {
    wanted = readWishes(wishes);
    story.write(writeWishes(wanted));
  };
  const look = (): State => {
    const seen = savedState({ ...story.common, environment: "default" });
    const told = story.events.flatMap((event) =>
      event.type === "step-finished" ? [event.id, event.step.place?.id] : [],
    );
    // What a task makes is known by its task, before anybody knows its id.
    const ids = Object.values(seen.resources).map(
      ({ id, task }) => id ?? story.emulator.world.copyTasks.get(task ?? "")?.target_entity_id,
    );
    for (const id of [...told, ...ids]) {
      if (id !== undefined) made.add(id);
    }
    return seen;
  };
  for (const [index, variant] of begin.entries()) hold(index, variant);
  rewrite();
  const strangers = createStrangers(story, {
    wanted: () => wanted,
    idOf: (address) => look().resources[address]?.id,
  });
  return {
    get wanted() {
      return wanted;
    },
    strangers,
    made,
    wish(whom, variant) {
      hold(whom, variant);
      rewrite();
    },
    look,
  };
}

async function planQuietly(story: Story): Promise<void> {
  const writes = story.writes().length;
  await story.plan().catch(expectWords);
  if (story.writes().length > writes) throw new Error("a plan wrote to Coze");
}

/** When the sun shines again, an apply brings everything to what is wanted, or says why it can't. */
async function finish(story: Story, { wanted, strangers, made, look }: Scene): Promise<Ending> {
  await story.host.clock.sleep(10_000);
  // What changed while Coze was at work on a copy waits until that is done, for the apply after.
  const isWaiting = Object.values(look().resources).some(({ task }) => task !== undefined);
  const ending = isWaiting && (await applyInSun(story)) === "refused" ? "refused" : await applyInSun(story);
  const touched = strangers.findTouched();
  if (touched.length > 0) throw new Error(`strangers' things were touched: ${touched.join("; ")}`);
  const state = look();
  if (ending === "refused") return ending;
  const wrong = judgeWorld(story.emulator.world, wanted, state, { strangers: strangers.ids, made });
  if (wrong.length > 0) throw new Error(`the world is wrong: ${wrong.join("; ")}`);
  await story.host.clock.sleep(10_000);
  const writes = story.writes().length;
  const left = summarize(await story.plan());
  if (left.length > 0) throw new Error(`the next plan isn't empty: ${left.join("; ")}`);
  if (story.writes().length > writes) throw new Error("a plan wrote to Coze");
  return ending;
}

async function applyInSun(story: Story): Promise<Ending> {
  try {
    const { result } = await answering({ allow }, (answers) => story.apply({ ...answers, waitLost: true }));
    const failed = (result?.failed ?? []).map(({ step, failure }) => `${step.address}: ${failure.message}`);
    if (failed.length > 0) throw new Error(`the last apply failed: ${failed.join("; ")}`);
    return "converged";
  } catch (error) {
    expectWords(error);
    return "refused";
  }
}
