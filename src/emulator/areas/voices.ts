import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, flag, required } from "../http/params.ts";
import { sortById } from "../world/world.ts";
import { type Area, addItem, type FieldsOf, named, stored } from "./area.ts";

/** A voice: one of the system's, or one that was cloned (seed data). */
interface Voice {
  id: string;
  name: string;
  language_code: string;
  language_name: string;
  model_type: "big" | "small";
  state: "init" | "cloned";
  preview_text: string;
  is_system_voice: boolean;
  available_training_times: number;
  created_at: number;
  updated_at: number;
}

declare module "../world/world.ts" {
  interface World {
    readonly voices: Map<string, Voice>;
    addVoice(given: Partial<Voice>): Voice;
  }
}

const voiceFields = {
  ...named,
  language_code: stored.text,
  language_name: stored.text,
  model_type: required(choice("big", "small")),
  state: required(choice("init", "cloned")),
  preview_text: stored.text,
  is_system_voice: stored.flag,
  available_training_times: stored.number,
  created_at: stored.number,
  updated_at: stored.number,
} as const satisfies FieldsOf<Voice>;

/** list_voices. */
const voiceOperations = [
  operation({
    name: "list_voices",
    method: "GET",
    path: "/v1/audio/voices",
    lists: { of: "voices" },
    permissions: ["listVoice"],
    query: {
      ...pageRules(100),
      filter_system_voice: flag,
      model_type: choice("big", "small"),
      voice_state: choice("init", "cloned", "all"),
    },
    answer: ({ world, query }) => {
      const state = query.voice_state ?? "cloned";
      const found = sortById(world.voices.values()).filter(
        (voice) =>
          !(query.filter_system_voice && voice.is_system_voice) &&
          (query.model_type ?? voice.model_type) === voice.model_type &&
          (state === "all" || voice.state === state),
      );
      const { items, hasMore } = slicePage(found, query, 100);
      const shown = items.map((voice) => ({
        name: voice.name,
        state: voice.state,
        voice_id: voice.id,
        model_type: voice.model_type,
        create_time: voice.created_at,
        update_time: voice.updated_at,
        preview_text: voice.preview_text,
        preview_audio: world.signUrl(`VolcanoUserVoice/${voice.id}.mp3`),
        language_code: voice.language_code,
        language_name: voice.language_name,
        is_system_voice: voice.is_system_voice,
        available_training_times: voice.available_training_times,
      }));
      return { data: { voice_list: shown, has_more: hasMore } };
    },
  }),
];

/** Voices, which are seeds: cloning one isn't imitated. */
export const voiceArea: Area = {
  operations: voiceOperations,
  collections: { voices: { fields: voiceFields, generation: 3 } },
  methods: (world) => ({
    addVoice: (given) =>
      addItem(world.voices, {
        id: world.newId(),
        name: "voice",
        language_code: "zh",
        language_name: "中文",
        model_type: "big",
        state: "cloned",
        preview_text: "你好",
        is_system_voice: true,
        available_training_times: 0,
        created_at: world.seconds(),
        updated_at: world.seconds(),
        ...given,
      }),
  }),
};
