import { ConnectionFault } from "./connection-fault.ts";
import { flags, frameOf, headOf, types, usualFrameSize } from "./frames.ts";

/** What answers a request; headers as blocks. */
export interface Answer {
  readonly head: Buffer;
  readonly body?: Buffer;
  /** Headers behind the body. */
  readonly trailers?: Buffer;
}

/** Sends answers as fast as the other side takes them. */
export interface Sender {
  /** An answer to this stream may follow. */
  open(stream: number): void;
  /** Does nothing for a stream that isn't open. */
  answer(stream: number, answer: Answer): void;
  /** Nothing more is sent to this stream. */
  close(stream: number): void;
  /** The other side takes so many bytes more, of a stream or, for number 0, altogether. */
  widen(stream: number, bytes: number): void;
  /** The other side has said how much of each stream it takes. */
  resize(window: number): void;
  /** The other side has said how long frames may be. */
  allowFrames(size: number): void;
}

/** What is still to be sent to a stream. */
interface Outgoing {
  window: number;
  body: Buffer;
  trailers: Buffer | undefined;
}

/** How much a side takes before it says more (RFC 9113, section 6.9.2). Bytes. */
export const usualWindow = 65_535;

/** The widest window that there may be. Bytes. */
export const widestWindow = 2 ** 31 - 1;

const nothing: Buffer = Buffer.alloc(0);

/** A sender that gives its frames to `write`. */
export function createSender(write: (bytes: Buffer) => void): Sender {
  const streams = new Map<number, Outgoing>();
  let [window, streamWindow, frameSize] = [usualWindow, usualWindow, usualFrameSize];

  function writeBlock(stream: number, block: Buffer, isLast: boolean): void {
    let rest = block;
    let type: number = types.headers;
    do {
      const part = rest.subarray(0, frameSize);
      rest = rest.subarray(part.length);
      const ending = isLast && type === types.headers ? flags.endStream : 0;
      write(frameOf(type, ending | (rest.length === 0 ? flags.endHeaders : 0), stream, part));
      type = types.continuation;
    } while (rest.length > 0);
  }

  /** Sends of a body what the windows let through. */
  function send(stream: number, outgoing: Outgoing): void {
    while (outgoing.body.length > 0) {
      const length = Math.min(outgoing.body.length, frameSize, window, outgoing.window);
      if (length <= 0) return;
      const part = outgoing.body.subarray(0, length);
      outgoing.body = outgoing.body.subarray(length);
      outgoing.window -= length;
      window -= length;
      const isLast = outgoing.body.length === 0 && !outgoing.trailers;
      write(headOf(types.data, isLast ? flags.endStream : 0, stream, length));
      write(part);
    }
    if (outgoing.trailers) writeBlock(stream, outgoing.trailers, true);
    streams.delete(stream);
  }

  const isWaiting = ({ body }: Outgoing) => body.length > 0;
  const sendWaiting = () => {
    for (const [stream, outgoing] of streams) if (isWaiting(outgoing)) send(stream, outgoing);
  };

  return {
    open: (stream) => void streams.set(stream, { window: streamWindow, body: nothing, trailers: undefined }),
    answer(stream, { head, body = nothing, trailers }) {
      const outgoing = streams.get(stream);
      if (!outgoing) return;
      const isOnlyHead = body.length === 0 && !trailers;
      writeBlock(stream, head, isOnlyHead);
      outgoing.body = body;
      outgoing.trailers = trailers;
      send(stream, outgoing);
    },
    close: (stream) => void streams.delete(stream),
    widen(stream, bytes) {
      if (stream === 0) {
        window = widened(window, bytes);
        sendWaiting();
        return;
      }
      const outgoing = streams.get(stream);
      if (!outgoing) return;
      outgoing.window = widened(outgoing.window, bytes);
      if (isWaiting(outgoing)) send(stream, outgoing);
    },
    resize(size) {
      for (const outgoing of streams.values())
        outgoing.window = widened(outgoing.window, size - streamWindow);
      streamWindow = size;
      sendWaiting();
    },
    allowFrames(size) {
      frameSize = size;
    },
  };
}

function widened(window: number, bytes: number): number {
  if (window + bytes > widestWindow) throw new ConnectionFault("flowControl");
  return window + bytes;
}
