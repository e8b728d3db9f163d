/** The size limit of an answer in bytes, after decompression. */
export const longestAnswer = 64 * 1024 * 1024;

/** The headers of an answer; names are in lower case. */
export interface ResponseHeaders {
  get(name: string): string | null;
}

/** A received answer. */
export interface Received {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Undefined if it is larger than 64 MiB. */
  readonly text: string | undefined;
}

/** A request before it is sent. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | undefined;
}

/** What sending observes, and is observed by. */
export interface Receiving {
  /** Ends the request. */
  readonly signal: AbortSignal;
  /** Called for each part of the answer. */
  onBytes(): void;
}

/** Sends a request and reads the answer. */
export type SendOne = (outgoing: Outgoing, receiving: Receiving) => Promise<Received>;

/** A connection broke before it was open, TLS included; the request wasn't sent. */
export class NeverOpened extends Error {
  override readonly name = "NeverOpened";
}
