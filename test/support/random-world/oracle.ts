import { createHash } from "node:crypto";
import type { Values } from "../../../src/core/value.ts";
import type { World } from "../../../src/emulator/index.ts";
import { normalise } from "../../../src/emulator/world/variants.ts";
import type { State } from "../../../src/state/model.ts";
import { commonFiles } from "./texts.ts";
import type { Wanted } from "./wishes.ts";

/** What is wrong with the world, in words; empty when each wish is there once, as wanted, and nothing besides. */
export function judgeWorld(
  world: World,
  wanted: ReadonlyMap<string, Wanted>,
  state: State,
  others: { readonly strangers: ReadonlySet<string>; readonly made: ReadonlySet<string> },
): readonly string[] {
  const idOf = (address: string) => state.resources[address]?.id;
  const wrong = [...wanted.values()].flatMap((wish) => judgeWish(world, wish, idOf));
  const unremembered = [...wanted.keys()].filter((address) => state.resources[address]?.status !== "ready");
  const left = Object.keys(state.resources).filter((address) => !wanted.has(address));
  return [
    ...wrong,
    ...unremembered.map((address) => `${address} isn't ready in the state`),
    ...left.map((address) => `${address} is still in the state`),
    ...findOrphans(world, state, others),
  ];
}

type IdOf = (address: string) => string | undefined;

function judgeWish(world: World, wish: Wanted, idOf: IdOf): readonly string[] {
  const { address, kind, spec } = wish;
  const id = idOf(address) ?? "";
  const shown = show[kind]?.(world, id, spec, idOf);
  if (!shown) return [`${address} (${id}) isn't at Coze`];
  // What a server stores in another form is wanted in that form.
  return Object.entries(normalise(world, shown)).flatMap(([field, [live, want]]) =>
    want === undefined || canonical(live) === canonical(want)
      ? []
      : [`${address}.${field} is ${canonical(live)}, not ${canonical(want)}`],
  );
}

const canonical = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) ? [...value].sort() : (value ?? null));

type Comparison = { readonly [field: string]: readonly [live: unknown, want: unknown] };

/** How the emulator keeps what a manifest wants; written apart from the kinds, whose mapping it judges. */
const show: {
  readonly [kind: string]: (world: World, id: string, spec: Values, idOf: IdOf) => Comparison | undefined;
} = {
  Workspace(world, id, spec) {
    const live = world.workspaces.get(id);
    return live && { name: [live.name, spec.name], description: [live.description, spec.description] };
  },
  WorkspaceMember(world, _id, spec, idOf) {
    const live = world.workspaces
      .get(idOf(`Workspace.${spec.workspace}`) ?? "")
      ?.members.find((member) => member.user_id === spec.user_id);
    return live && { role: [live.role_type, spec.role] };
  },
  Dataset(world, id, spec, idOf) {
    const live = world.datasets.get(id);
    return (
      live && {
        workspace: [live.space_id, idOf(`Workspace.${spec.workspace}`)],
        name: [live.name, spec.name],
        description: [live.description, spec.description],
        icon: [live.icon_file_id !== undefined, spec.icon === undefined ? undefined : true],
      }
    );
  },
  Document(world, id, spec, idOf) {
    const live = world.documents.get(id);
    const { file } = spec.source as { readonly file: string };
    return (
      live && {
        dataset: [live.dataset_id, idOf(`Dataset.${spec.dataset}`)],
        content: [
          live.sha256,
          createHash("sha256")
            .update(commonFiles[file] ?? "")
            .digest("hex"),
        ],
      }
    );
  },
  Bot(world, id, spec, idOf) {
    const live = world.bots.get(id);
    const { datasets } = (spec.knowledge ?? {}) as { readonly datasets?: readonly string[] };
    const { connectors } = (spec.publish ?? {}) as { readonly connectors?: readonly string[] };
    const channels: { readonly [name: string]: string } = { api: "1024", chat_sdk: "999" };
    return (
      live && {
        workspace: [live.space_id, idOf(`Workspace.${spec.workspace}`)],
        name: [live.draft.name, spec.name],
        prompt: [live.draft.prompt_info?.prompt, spec.prompt],
        knowledge: [live.draft.knowledge?.dataset_ids, datasets?.map((name) => idOf(`Dataset.${name}`))],
        workflows: [
          live.draft.workflow_id_list?.ids?.map((one) => one.id),
          (spec.workflows as readonly { readonly copy: string }[] | undefined)?.map(({ copy }) =>
            idOf(`Copy.${copy}`),
          ),
        ],
        channels: [Object.keys(live.channels), connectors?.map((name) => channels[name])],
        published: [live.published?.prompt_info?.prompt, connectors && spec.prompt],
      }
    );
  },
  Copy(world, id, spec, idOf) {
    const live = spec.type === "bot" ? world.bots.get(id) : world.workflows.get(id);
    const tasks = [...world.copyTasks.values()].filter((task) => task.target_entity_id === id);
    return (
      live && {
        workspace: [live.space_id, idOf(`Workspace.${spec.workspace}`)],
        source: [tasks.map((task) => task.source_entity_id), [(spec.source as { readonly id: string }).id]],
      }
    );
  },
  CallbackApp(world, id, spec) {
    const live = world.callbackApps.get(id);
    return (
      live && {
        name: [live.name, spec.name],
        url: [live.callback_url, spec.callback_url],
        events: [live.event_types, spec.events],
      }
    );
  },
};

/** Objects that nobody planted and nobody remembers; what Coze can't delete may have been let go of before. */
function findOrphans(
  world: World,
  state: State,
  { strangers, made }: { readonly strangers: ReadonlySet<string>; readonly made: ReadonlySet<string> },
): readonly string[] {
  const owned = new Set(Object.values(state.resources).map(({ id }) => id));
  const isKnown = (id: string) => owned.has(id) || strangers.has(id);
  const lost = (what: string, items: Iterable<{ readonly id: string }>, mayStay: boolean) =>
    [...items].flatMap(({ id }) =>
      isKnown(id) || (mayStay && made.has(id)) ? [] : [`${what} ${id} is nobody's`],
    );
  return [
    ...lost("workspace", world.workspaces.values(), true),
    ...lost("bot", world.bots.values(), true),
    ...lost("workflow", world.workflows.values(), true),
    ...lost("dataset", world.datasets.values(), false),
    ...lost("document", world.documents.values(), false),
    ...lost("callback app", world.callbackApps.values(), false),
  ];
}
