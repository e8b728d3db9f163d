import { apply } from "../../src/commands/apply.ts";
import { rollback } from "../../src/commands/rollback.ts";
import type { Bot } from "../../src/emulator/index.ts";
import type { Entry } from "../../src/kind/state-entry.ts";
import { openReleaseTexts } from "../../src/state/local-texts.ts";
import { withTextsOf } from "../../src/state/release-texts.ts";
import { savedState } from "../support/saved-state.ts";
import { createFaults, createStory, manifest, manifests } from "../support/story.ts";

/** What changes from one release to the next. */
export interface Wish {
  readonly prompt?: string;
  readonly revision?: string;
  readonly description?: string;
  /** The bot runs none of the workflows. */
  readonly alone?: boolean;
}

/** A published bot that runs two copied workflows, to be changed by promotions of its own manifests. */
export function createReleases() {
  const faults = createFaults();
  const story = createStory({ emulator: { hooks: faults.hooks } });
  const { world } = story.emulator;
  const from = world.addWorkspace({ name: "源" }).id;
  const [invoice, refund] = ["开票", "退款"].map((name) => world.addWorkflow({ space_id: from, name }).id);
  const copy = (name: string, id = "", revision = "1") =>
    manifest("Copy", name, { type: "workflow", source: { id }, workspace: "desk", revision });
  const write = ({ prompt = "你是客服。", revision = "1", description, alone }: Wish): void =>
    story.write({
      "a.yaml": manifests(
        manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
        copy("invoice", invoice, revision),
        copy("refund", refund, revision),
        manifest("Bot", "support", {
          workspace: "desk",
          name: "客服",
          prompt,
          workflows: alone ? [] : [{ copy: "invoice" }, { copy: "refund" }],
          publish: { connectors: ["api"] },
          ...(description === undefined ? {} : { description }),
        }),
      ),
    });
  const place = { directory: story.directory, environment: "default", endpoint: "http://127.0.0.1" };
  const entry = (address: string): Entry => {
    const found = savedState(place).resources[address];
    if (!found) throw new Error(`the state holds no ${address}`);
    return found;
  };
  return {
    ...story,
    put: story.write,
    faults,
    originals: { invoice, refund },
    entry,
    /** The state with the configurations of its releases. */
    async loaded() {
      const { resources, ...state } = savedState(place);
      return { ...state, resources: await withTextsOf(resources, openReleaseTexts(place)) };
    },
    promotion: () => savedState(place).promotion,
    write,
    release(wish: Wish) {
      write(wish);
      return apply(story.host, {
        ...story.common,
        promotion: { from: "dev" },
        approve: async () => true,
      });
    },
    rollback: (addresses: readonly string[] = [], approved = true) =>
      rollback(story.host, { ...story.common, addresses, approve: async () => approved }),
    bot(): Bot {
      const [bot] = [...world.bots.values()].filter(({ space_id }) => space_id !== from);
      if (!bot) throw new Error("there is no bot");
      return bot;
    },
    /** What callers get. */
    published() {
      const { published } = this.bot();
      return { prompt: published?.prompt_info?.prompt, workflows: workflowsOf(published) };
    },
  };
}

const workflowsOf = (config: Bot["published"]): readonly string[] =>
  (config?.workflow_id_list?.ids ?? []).map(({ id }) => id);
