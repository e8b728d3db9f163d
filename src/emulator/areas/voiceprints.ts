import { LosslessNumber } from "lossless-json";
import { codes, Refusal, refuseForbidden, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, id, required, text } from "../http/params.ts";
import { isVariant } from "../world/variants.ts";
import { sortById, type World } from "../world/world.ts";
import { type Area, addItem, type FieldsOf, findIn, named, stored } from "./area.ts";
import { hash, readOneFile } from "./files.ts";
import { namesOf } from "./users.ts";

/** Voices by which people are told apart. */
interface VoiceprintGroup {
  id: string;
  name: string;
  desc: string;
  creator_id: string;
  created_at: number;
  updated_at: number;
}

/** One voice of a group. */
interface Voiceprint {
  id: string;
  group_id: string;
  name: string;
  desc: string;
  creator_id: string;
  /** Of its audio, which no operation returns. */
  sha256: string;
  created_at: number;
  updated_at: number;
}

declare module "../world/world.ts" {
  interface World {
    readonly voiceprintGroups: Map<string, VoiceprintGroup>;
    readonly voiceprints: Map<string, Voiceprint>;
    addVoiceprintGroup(given: Partial<VoiceprintGroup>): VoiceprintGroup;
  }
}

const shared = {
  ...named,
  desc: stored.text,
  creator_id: stored.text,
  created_at: stored.number,
  updated_at: stored.number,
} as const;

const groupFields = shared satisfies FieldsOf<VoiceprintGroup>;
const voiceprintFields = {
  ...shared,
  group_id: stored.text,
  sha256: stored.text,
} as const satisfies FieldsOf<Voiceprint>;

/** The four operations of groups. */
const groupOperations = [
  operation({
    name: "create_voiceprint_group",
    method: "POST",
    path: "/v1/audio/voiceprint_groups",
    permissions: ["createVoiceprintGroup"],
    body: { name: required(text(1, 20)), desc: text(0, 500) },
    answer: ({ world, body }) => {
      const most = world.options.groupLimit;
      if (world.voiceprintGroups.size >= most) {
        refuseParameter("name", `cannot be created: there are ${most} groups, the most that there can be`);
      }
      const creator_id = world.options.me.id;
      return { data: { id: world.addVoiceprintGroup({ ...body, creator_id }).id } };
    },
  }),
  operation({
    name: "list_voiceprint_group",
    method: "GET",
    path: "/v1/audio/voiceprint_groups",
    lists: { of: "voiceprintGroups" },
    permissions: ["listVoiceprintGroup"],
    query: { ...pageRules(200), name: text(), user_id: text(), group_id: id },
    answer: ({ world, query }) => {
      const me = world.options.me.id;
      if (query.user_id && query.user_id !== me)
        refuseForbidden("user_id can only be that of the token's user");
      const found = sortById(world.voiceprintGroups.values()).filter(
        (group) =>
          group.name.startsWith(query.name ?? "") &&
          (query.user_id ?? group.creator_id) === group.creator_id &&
          (query.group_id ?? group.id) === group.id,
      );
      const { items, total } = slicePage(found, query, 10);
      return { data: { items: items.map((group) => showGroup(world, group)), total } };
    },
  }),
  operation({
    name: "update_voiceprint_group",
    method: "PUT",
    path: "/v1/audio/voiceprint_groups/:group_id",
    permissions: ["updateVoiceprintGroup"],
    body: { name: text(1, 20), desc: text(0, 500) },
    answer: ({ world, path, body }) => {
      const group = findIn(world.voiceprintGroups, "voiceprint group", path.group_id);
      Object.assign(group, body, { updated_at: world.seconds() });
      return {};
    },
  }),
  operation({
    name: "delete_voiceprint_group",
    method: "DELETE",
    path: "/v1/audio/voiceprint_groups/:group_id",
    permissions: ["deleteVoiceprintGroup"],
    answer: ({ world, path }) => {
      requireCreator(world, findIn(world.voiceprintGroups, "voiceprint group", path.group_id));
      for (const { id: featureId } of featuresOf(world, path.group_id)) world.voiceprints.delete(featureId);
      world.voiceprintGroups.delete(path.group_id);
      return {};
    },
  }),
];

const sound = { sample_rate: choice(16_000), channel: choice(1) } as const;

/** The four operations of the voices in a group. */
const voiceprintOperations = [
  operation({
    name: "create_voiceprint",
    method: "POST",
    path: "/v1/audio/voiceprint_groups/:group_id/features",
    permissions: ["createVoiceprintFeature"],
    upload: true,
    body: { name: required(text(1)), desc: text(), ...sound },
    answer: async ({ world, path, body, form }) => {
      const sha256 = await readAudio(form);
      findIn(world.voiceprintGroups, "voiceprint group", path.group_id);
      if (featuresOf(world, path.group_id).length >= largestGroup) {
        refuseParameter("group_id", `has ${largestGroup} voiceprints, the most that a group can have`);
      }
      const made = addItem(world.voiceprints, {
        id: world.newId(),
        group_id: path.group_id,
        name: body.name,
        desc: body.desc ?? "",
        creator_id: world.options.me.id,
        sha256,
        created_at: world.seconds(),
        updated_at: world.seconds(),
      });
      return { data: { id: made.id } };
    },
  }),
  operation({
    name: "list_voiceprint",
    method: "GET",
    path: "/v1/audio/voiceprint_groups/:group_id/features",
    lists: { of: "voiceprints" },
    permissions: ["listVoiceprintFeature"],
    query: pageRules(200),
    answer: ({ world, path, query }) => {
      findIn(world.voiceprintGroups, "voiceprint group", path.group_id);
      const { items, total } = slicePage(featuresOf(world, path.group_id), query, 10);
      return { data: { items: items.map((one) => showVoiceprint(world, one)), total } };
    },
  }),
  operation({
    name: "update_voiceprint",
    method: "PUT",
    path: "/v1/audio/voiceprint_groups/:group_id/features/:feature_id",
    permissions: ["updateVoiceprintFeature"],
    upload: true,
    body: { name: text(1), desc: text(), ...sound },
    answer: async ({ world, path, body, form }) => {
      const audio = form?.has("file") ? { sha256: await readAudio(form) } : {};
      const voiceprint = findVoiceprint(world, path.group_id, path.feature_id);
      requireCreator(world, voiceprint);
      const { name = voiceprint.name, desc = voiceprint.desc } = body;
      Object.assign(voiceprint, { name, desc, ...audio, updated_at: world.seconds() });
      return isVariant(world, "told-updates") ? { data: { id: voiceprint.id } } : {};
    },
  }),
  operation({
    name: "delete_voiceprint",
    method: "DELETE",
    path: "/v1/audio/voiceprint_groups/:group_id/features/:feature_id",
    permissions: ["deleteVoiceprintFeature"],
    answer: ({ world, path }) => {
      requireCreator(world, findVoiceprint(world, path.group_id, path.feature_id));
      world.voiceprints.delete(path.feature_id);
      return {};
    },
  }),
];

/** Voices by which people are told apart. All colleagues see them, their creator removes them. */
export const voiceprintArea: Area = {
  operations: [...groupOperations, ...voiceprintOperations],
  collections: {
    voiceprintGroups: { fields: groupFields, generation: 4 },
    voiceprints: {
      fields: voiceprintFields,
      owners: [{ by: "group_id", in: "voiceprintGroups" }],
      generation: 4,
    },
  },
  methods: (world) => ({
    addVoiceprintGroup: (given) =>
      addItem(world.voiceprintGroups, {
        id: world.newId(),
        name: "group",
        desc: "",
        creator_id: world.options.me.id,
        created_at: world.seconds(),
        updated_at: world.seconds(),
        ...given,
      }),
  }),
};

const largestGroup = 10;
const mostBytes = 4 * 2 ** 20;

/** The hash of a recording. Throws a Refusal for anything but one wav or pcm file. */
async function readAudio(form: FormData | undefined): Promise<string> {
  const file = readOneFile(form, mostBytes);
  if (!/\.(wav|pcm)$/iu.test(file.name)) {
    throw new Refusal(codes.fileFormat, `The file format of ${file.name} is not supported`);
  }
  return hash(Buffer.from(await file.arrayBuffer()));
}

const featuresOf = (world: World, groupId: string): readonly Voiceprint[] =>
  sortById([...world.voiceprints.values()].filter(({ group_id }) => group_id === groupId));

function findVoiceprint(world: World, groupId: string, featureId: string): Voiceprint {
  const found = findIn(world.voiceprints, "voiceprint", featureId);
  return found.group_id === groupId ? found : refuseMissing("voiceprint", featureId);
}

function requireCreator(world: World, one: { readonly id: string; readonly creator_id: string }): void {
  if (one.creator_id !== world.options.me.id) refuseForbidden(`${one.id} was made by another user`);
}

function showGroup(world: World, group: VoiceprintGroup): object {
  const { creator_id, ...shown } = group;
  return {
    ...shown,
    icon_url: world.signUrl("voiceprint/default_voiceprint_group_icon.png"),
    user_info: showCreator(world, creator_id),
    feature_count: featuresOf(world, group.id).length,
  };
}

function showVoiceprint(world: World, voiceprint: Voiceprint): object {
  const { creator_id, sha256: _, ...shown } = voiceprint;
  return {
    ...shown,
    icon_url: world.signUrl("voiceprint/default_voiceprint_group_feature_icon.png"),
    audio_url: world.signUrl(`voiceprint/${voiceprint.id}`),
    user_info: showCreator(world, creator_id),
  };
}

function showCreator(world: World, userId: string): object {
  const { nickname, unique_name } = namesOf(world, userId);
  return {
    id: isVariant(world, "number-creators") ? new LosslessNumber(userId) : userId,
    name: unique_name,
    nickname,
    avatar_url: world.signUrl(`user-avatar/${userId}.jpg`),
  };
}
