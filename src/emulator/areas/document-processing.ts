import type { Document } from "../world/entities.ts";
import type { World } from "../world/world.ts";

/** Content that carries this mark fails to be processed, as does any page of the host `fail.invalid`. */
export const failureMark = "!!fail!!";

/** Processing state by the emulator's clock: 0 running, 1 done, 9 failed. */
export function statusOfDocument(world: World, document: Document): 0 | 1 | 9 {
  if (world.now() < document.ready_at_ms) {
    return 0;
  }
  return document.fails_because === undefined ? 1 : 9;
}

/** Slices are only there once processing is done. */
export function sliceCount(world: World, document: Document): number {
  return statusOfDocument(world, document) === 1 ? Math.max(1, Math.ceil(document.char_count / 800)) : 0;
}

/**
 * An image's caption. With caption_type 0 the service writes one when processing ends, over whatever was
 * set until then; later changes stay.
 */
export function captionOf(world: World, document: Document): string {
  const writtenByService =
    document.chunk_strategy.caption_type === 0 &&
    statusOfDocument(world, document) === 1 &&
    document.captioned_at_ms < document.ready_at_ms;
  return writtenByService ? `自动标注：${document.name}` : document.caption;
}

/** A document's entry in the answer of get_dataset_progress. */
export function showProgress(world: World, document: Document): object {
  const status = statusOfDocument(world, document);
  const remaining = Math.max(0, document.ready_at_ms - world.now());
  const share = 1 - remaining / Math.max(1, world.options.processingMs);
  return {
    document_id: document.id,
    document_name: document.name,
    url: world.signUrl(`FileBizType.BIZ_BOT_DATASET/${document.id}.${document.type}`),
    size: document.size,
    type: document.type,
    status,
    progress: status === 0 ? Math.min(99, Math.max(0, Math.floor(share * 100))) : 100,
    remaining_time: Math.ceil(remaining / 1000),
    update_type: document.update_type,
    update_interval: document.update_interval,
    ...(status === 9 && { status_descript: document.fails_because }),
  };
}
