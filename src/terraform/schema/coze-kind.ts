import type { CozeClient } from "../../coze/client.ts";
import type { Kind } from "../../kind/kind.ts";

/** A kind as the provider runs it. */
export type CozeKind = Kind<CozeClient>;
