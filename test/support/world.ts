import type { World } from "../../src/emulator/index.ts";

/** Everything in a world but ids and times, so that two runs can be compared. */
export function describeWorld(world: World) {
  const names = (items: Iterable<{ name: string }>) => [...items].map(({ name }) => name).sort();
  const datasetName = (id: string) => world.datasets.get(id)?.name;
  return {
    workspaces: names(world.workspaces.values()),
    members: [...world.workspaces.values()]
      .map(({ members }) => members.map(textOf).sort())
      .map(textOf)
      .sort(),
    datasets: names(world.datasets.values()),
    documents: names(world.documents.values()),
    bots: sortByName(
      [...world.bots.values()].map(({ draft, published, channels }) => ({
        ...draft,
        icon_file_id: draft.icon_file_id === undefined,
        knowledge: draft.knowledge?.dataset_ids?.map(datasetName),
        published: published?.name,
        channels: Object.keys(channels).sort(),
      })),
    ),
    apps: sortByName(
      [...world.callbackApps.values()].map(({ id: _id, verify_token: _token, ...app }) => app),
    ),
  };
}

const textOf = (value: unknown): string => JSON.stringify(value);

const sortByName = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
