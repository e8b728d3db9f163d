import type { Address } from "../core/address.ts";
import type { Applied, ApplyCommandOptions } from "./apply.ts";
import type { Host } from "./session.ts";

/** Placeholder until its real body lands (helper C). */
export async function rollback(
  _host: Host,
  _options: ApplyCommandOptions & { readonly addresses: readonly Address[] },
): Promise<Applied> {
  throw new Error("not built yet");
}
