import type { Story } from "../story.ts";
import type { Wanted } from "./wishes.ts";

/** What others do to the world behind cozeform's back, through the web page or another program. */
export interface Strangers {
  /** Ids of what they made; nobody but they may touch it. */
  readonly ids: ReadonlySet<string>;
  /** Does one thing; the numbers choose what and to whom. */
  act(deed: number, whom: number): Promise<void>;
  /** What became of their things since they were made, in words; empty when nothing did. */
  findTouched(): readonly string[];
}

const someoneElse = "9000000000001";

/** Strangers in a story's world, who know the ids that the state remembers. */
export function createStrangers(
  story: Story,
  look: { wanted(): ReadonlyMap<string, Wanted>; idOf(address: string): string | undefined },
): Strangers {
  const { world } = story.emulator;
  const ids = new Set([...world.workspaces.keys(), ...world.bots.keys(), ...world.workflows.keys()]);
  const remembered = new Map<string, string>();
  const plant = (object: { readonly id: string }): void => {
    ids.add(object.id);
    remembered.set(object.id, JSON.stringify(object));
  };
  const made = (kind: string) =>
    [...look.wanted().values()].flatMap((wish) => {
      const id = wish.kind === kind ? look.idOf(wish.address) : undefined;
      return id === undefined ? [] : [{ id, name: String(wish.spec.name) }];
    });
  const one = (kind: string, whom: number) => {
    const all = made(kind);
    return all.length > 0 ? all[whom % all.length] : undefined;
  };
  const spaceId = (whom: number) => one("Workspace", whom)?.id;
  const bot = (whom: number) => world.bots.get(one("Bot", whom)?.id ?? "");
  const dataset = (whom: number) => world.datasets.get(one("Dataset", whom)?.id ?? "");

  const deeds: readonly ((whom: number) => unknown)[] = [
    (whom) => bot(whom) && world.editBot(bot(whom)?.id ?? "", { prompt_info: { prompt: "网页上改的" } }),
    (whom) => bot(whom) && Object.assign(bot(whom) ?? {}, { channels: {} }),
    (whom) => {
      const found = dataset(whom);
      return found && story.byHand("DELETE", `/v1/datasets/${found.id}`);
    },
    (whom) => {
      const found = dataset(whom);
      return found && Object.assign(found, { name: "改了名", description: "别人写的" });
    },
    (whom) => {
      const id = one("Document", whom)?.id;
      if (id !== undefined) world.documents.delete(id);
    },
    (whom) => {
      const space = world.workspaces.get(spaceId(whom) ?? "");
      if (space) space.members = space.members.filter(({ role_type }) => role_type === "owner");
    },
    (whom) => {
      const id = one("CallbackApp", whom)?.id;
      if (id !== undefined) world.callbackApps.delete(id);
    },
    (whom) => {
      const app = world.callbackApps.get(one("CallbackApp", whom)?.id ?? "");
      if (app) app.event_types = ["bot.unpublished"];
    },
    (whom) => {
      const [like, space] = [bot(whom), spaceId(whom)];
      if (like && space)
        plant(
          world.addBot({ space_id: space, owner_user_id: someoneElse, draft: { name: like.draft.name } }),
        );
    },
    (whom) => {
      const [like, space] = [dataset(whom), spaceId(whom)];
      if (like && space) plant(world.addDataset({ space_id: space, name: like.name, owner_id: someoneElse }));
    },
    (whom) => {
      const space = spaceId(whom);
      if (space) plant(world.addDataset({ space_id: space, name: `别人的${ids.size}` }));
    },
    () => plant(world.addWorkspace({ name: "空间甲", description: "别人的" })),
  ];

  return {
    ids,
    act: async (deed, whom) => {
      await deeds[deed % deeds.length]?.(whom);
      await story.emulator.save();
    },
    findTouched: () =>
      [...remembered].flatMap(([id, before]) => {
        const now = world.bots.get(id) ?? world.datasets.get(id) ?? world.workspaces.get(id);
        return JSON.stringify(now) === before ? [] : [`${id} was ${before} and is ${JSON.stringify(now)}`];
      }),
  };
}
