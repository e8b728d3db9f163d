import { type Address, parseAddress } from "./address.ts";

/** What an output of a project is of: an object, and one fact of it; `id` without another one. */
export interface OutputName {
  readonly address: Address;
  readonly field: string;
}

/** Reads `Kind.name`, or that with a fact of it: `Bot.support.version`; undefined for anything else. */
export function parseOutputName(text: string): OutputName | undefined {
  if (parseAddress(text)) return { address: text, field: "id" };
  const [, address = "", field = ""] = /^(.*)\.([a-z_]+)$/su.exec(text) ?? [];
  return parseAddress(address) ? { address, field } : undefined;
}
