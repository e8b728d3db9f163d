import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { known } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/list_voices */
export const voice = defineKind<CozeClient, OperationName>()({
  name: "Voice",
  description: "A voice that the token's user may use: one of Coze's own, or one that was cloned.",
  identity: ["name"],
  narrowedBy: ["language", "model", "origin"],
  listing: { onlyForLookups: true },
  fields: {
    name: { type: "string", presence: "required", minLength: 1, description: "Name of the voice." },
    language: {
      type: "string",
      presence: "optional",
      minLength: 1,
      description: "Code of its language, such as `zh` or `en`.",
    },
    model: {
      type: "enum",
      values: ["big", "small"],
      open: true,
      presence: "optional",
      description: "The type of its model.",
    },
    origin: {
      type: "enum",
      values: ["system", "cloned"],
      presence: "optional",
      description: "`system` for one of Coze's own voices, `cloned` for one that a user made.",
    },
    preview_text: { type: "string", presence: "computed", description: "What its sample says." },
  },

  async *list(api) {
    for await (const page of api.voices.list()) {
      yield page.map((item) => ({
        id: item.voice_id,
        live: known({
          name: item.name,
          language: item.language_code,
          model: item.model_type,
          origin: item.is_system_voice ? ("system" as const) : ("cloned" as const),
          preview_text: item.preview_text,
        }),
      }));
    }
  },
});
