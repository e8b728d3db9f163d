import { codes, Refusal, refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, flag, id, required, text } from "../http/params.ts";
import { requireLevel } from "../world/plans.ts";
import { sortById, type World } from "../world/world.ts";
import { type Area, addItem, anyText, type FieldsOf, findIn, named, stored } from "./area.ts";
import { readOneFile } from "./files.ts";
import { joinedWorkspace } from "./workspaces.ts";

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
  /** The workspace of a cloned voice, whose members alone may use it; no operation shows it. */
  space_id?: string | undefined;
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
  space_id: anyText,
  created_at: stored.number,
  updated_at: stored.number,
} as const satisfies FieldsOf<Voice>;

const languages = new Map([
  ["zh", "中文"],
  ["en", "英语"],
  ["ja", "日语"],
  ["es", "西班牙语"],
  ["id", "印尼语"],
  ["pt", "葡萄牙语"],
]);

const formats = ["wav", "mp3", "ogg", "m4a", "aac", "pcm"];

/** list_voices, clone_voices. */
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
  operation({
    name: "clone_voices",
    method: "POST",
    path: "/v1/audio/voices/clone",
    permissions: ["createVoice"],
    upload: true,
    body: {
      voice_name: required(text(1)),
      // Not in the table, but in the example and in the official clients.
      audio_format: required(text(1)),
      text: text(),
      language: choice(...languages.keys()),
      voice_id: id,
      preview_text: text(),
      space_id: id,
    },
    answer: ({ world, body, form }) => {
      requireLevel(world, "team");
      checkBytes("voice_name", body.voice_name, 128);
      checkBytes("text", body.text ?? "", 1024);
      if (!formats.includes(body.audio_format)) {
        throw new Refusal(codes.fileFormat, `The file format ${body.audio_format} is not supported`);
      }
      readOneFile(form, 10 * 2 ** 20);
      if (body.text?.includes(mismatchMark)) throw new Refusal(codes.textMismatch, "WERError");
      const voice =
        body.voice_id === undefined ? newVoice(world, body) : trainVoice(world, body.voice_id, body);
      return { data: { voice_id: voice.id } };
    },
  }),
];

/** Voices, which are seeds or clones; nothing deletes one. */
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

/** A text with this mark isn't what the audio says. */
const mismatchMark = "!!mismatch!!";

const defaultPreview = "你好，我是你的专属AI克隆声音，希望未来可以一起好好相处哦";

/** How often a voice can be trained, its first time included. */
const trainings = 10;

function checkBytes(field: string, value: string, most: number): void {
  const size = Buffer.byteLength(value);
  if (size > most) refuseParameter(field, `must have at most ${most} bytes, got ${size}`);
}

interface Clone {
  readonly voice_name: string;
  readonly language?: string | undefined;
  readonly preview_text?: string | undefined;
  readonly space_id?: string | undefined;
}

function newVoice(world: World, { voice_name, language = "zh", preview_text, space_id }: Clone): Voice {
  const workspace = joinedWorkspace(world, space_id ?? world.personalWorkspace().id);
  const clones = [...world.voices.values()].filter(({ is_system_voice }) => !is_system_voice);
  // The plan includes one; each further one is bought. The reference has no code for this.
  if (clones.length >= world.options.voiceLimit) {
    throw new Refusal(codes.balanceUsed, "The account has no voice left to clone: buy more");
  }
  return world.addVoice({
    name: voice_name,
    language_code: language,
    language_name: languages.get(language) ?? language,
    preview_text: preview_text ?? defaultPreview,
    is_system_voice: false,
    available_training_times: trainings - 1,
    space_id: workspace.id,
  });
}

function trainVoice(world: World, voiceId: string, { language, preview_text }: Clone): Voice {
  const voice = findIn(world.voices, "voice", voiceId);
  if (voice.is_system_voice) refuseForbidden(`voice ${voiceId} is one of the system's`);
  if (voice.space_id !== undefined) joinedWorkspace(world, voice.space_id);
  if (voice.available_training_times < 1) {
    refuseParameter("voice_id", `${voiceId} was trained ${trainings} times, the most that it can be`);
  }
  voice.available_training_times -= 1;
  voice.preview_text = preview_text ?? defaultPreview;
  voice.language_code = language ?? voice.language_code;
  voice.language_name = languages.get(voice.language_code) ?? voice.language_name;
  voice.state = "cloned";
  voice.updated_at = world.seconds();
  return voice;
}
