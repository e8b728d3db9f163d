import type { Json, Values } from "../core/value.ts";
import type { Place } from "./kind.ts";

/** What is asked in a check. */
export interface ProbeInput {
  readonly say?: string | undefined;
  readonly input?: Values | undefined;
}

/** Where a check's question stands; `token` is what `follow` needs, `cause` what an answer says went wrong. */
export type ProbeState =
  | { readonly state: "working"; readonly token: Json }
  | { readonly state: "answered"; readonly reply: string }
  | { readonly state: "failed"; readonly reason: string; readonly hint?: string; readonly cause?: Error };

/** Asks an object as its callers would, in the state that they haven't seen yet where there is such a state. */
export interface ReplyProbe<Api> {
  /** What a check of an object with this spec gives, or why there can be none; undefined when the spec doesn't tell. */
  asks(spec: Values): keyof ProbeInput | { readonly refusal: string } | undefined;
  begin(api: Api, at: Place, spec: Values, input: ProbeInput): Promise<ProbeState>;
  follow(api: Api, token: Json): Promise<ProbeState>;
}
