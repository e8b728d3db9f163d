import { reading, type Send, type Shown } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";

/** A voice in the list (https://docs.coze.cn/developer_guides/list_voices). */
export interface VoiceItem
  extends Shown<{
    name: string;
    language_code: string;
    model_type: string;
    is_system_voice: boolean;
    preview_text: string;
  }> {
  readonly voice_id: string;
}

const list = reading("list_voices", "GET", "/v1/audio/voices", { permissions: ["listVoice"] });
const listing: PageListing = { size: 100, items: "voice_list", id: "voice_id" };

/** Voices: those of Coze, of the token's user, and of colleagues. */
export function createVoiceCalls(send: Send) {
  return {
    /** Also those that are still to be cloned, which the API hides by default. */
    list: () =>
      readPages<VoiceItem>(listing, ({ page, size }) =>
        send(list, { query: { voice_state: "all", page_num: page, page_size: size } }),
      ),
  };
}
