import type { Kind } from "../core/kind.ts";
import type { CozeClient } from "../coze/client.ts";

/** A kind as the provider runs it. */
export type CozeKind = Kind<CozeClient>;
