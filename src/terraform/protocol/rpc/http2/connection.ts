import type { Duplex } from "node:stream";
import { ConnectionFault } from "./connection-fault.ts";
import { contentOf, createFrameReader, type Frame, flags, frameOf, types, usualFrameSize } from "./frames.ts";
import { createHeaderReader, type Header } from "./header-blocks.ts";
import { type Answer, createSender, type Sender, usualWindow, widestWindow } from "./sender.ts";

/** A whole request, and how to answer it: once, at any time. */
export interface Exchange {
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** Does nothing when the caller has gone meanwhile. */
  answer(answer: Answer): void;
}

/**
 * Speaks HTTP/2 (RFC 9113) as a server on a connection. Requests may be of any size and any number at once. A client that
 * breaks the rules is told so and cut off.
 */
export function serveConnection(socket: Duplex, take: (exchange: Exchange) => void): void {
  const write = gatherWrites(socket);
  const sender = createSender(write);
  const requests = createRequests(sender, take);
  const readFrame = createFrameReader((frame) => takeFrame(frame, { sender, requests, write }));
  write(frameOf(types.settings, 0, 0, settings));
  write(frameOf(types.windowUpdate, 0, 0, numberOf(widestWindow - usualWindow)));
  socket.on("data", (chunk: Buffer) => {
    try {
      readFrame(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      socket.removeAllListeners("data").resume();
      write(frameOf(types.goAway, 0, 0, Buffer.concat([numberOf(requests.latest()), numberOf(error.code)])));
      setImmediate(() => socket.end(() => socket.destroy()));
    }
  });
}

/** Writes all of a turn at once: answers are short, and come in swarms. */
function gatherWrites(socket: Duplex): (bytes: Buffer) => void {
  let waiting: Buffer[] = [];
  return (bytes) => {
    waiting.push(bytes);
    if (waiting.length > 1) return;
    setImmediate(() => {
      if (socket.writable) socket.write(Buffer.concat(waiting));
      waiting = [];
    });
  };
}

/** A number of four bytes. */
function numberOf(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Of the numbers that settings have, those that matter here (RFC 9113, section 6.5.2). */
const settingNumbers = { initialWindow: 4, frameSize: 5 } as const;

/** A request may be of any size: the client has limits of its own. */
const settings = Buffer.concat([Buffer.of(0, settingNumbers.initialWindow), numberOf(widestWindow)]);

interface Parts {
  readonly sender: Sender;
  readonly requests: Requests;
  write(bytes: Buffer): void;
}

function takeFrame(frame: Frame, { sender, requests, write }: Parts): void {
  if (requests.isWithinHeaders(frame.stream) !== (frame.type === types.continuation))
    throw new ConnectionFault("protocol");
  switch (frame.type) {
    case types.headers:
    case types.continuation:
      requests.takeHeaders(frame);
      break;
    case types.data: {
      const widening = requests.takeData(frame);
      if (widening > 0) write(frameOf(types.windowUpdate, 0, 0, numberOf(widening)));
      break;
    }
    case types.reset:
      requests.drop(frame.stream);
      sender.close(frame.stream);
      break;
    case types.settings:
      if (frame.flags & flags.ack) break;
      applySettings(frame.payload, sender);
      write(frameOf(types.settings, flags.ack, 0, Buffer.alloc(0)));
      break;
    case types.ping:
      if ((frame.flags & flags.ack) === 0) write(frameOf(types.ping, flags.ack, 0, frame.payload));
      break;
    case types.windowUpdate: {
      if (frame.payload.length !== 4) throw new ConnectionFault("frameSize");
      const bytes = frame.payload.readUInt32BE() & 0x7fff_ffff;
      if (bytes === 0) throw new ConnectionFault("protocol");
      sender.widen(frame.stream, bytes);
      break;
    }
    case types.promise:
      throw new ConnectionFault("protocol");
    default:
    // Priorities are advice, a client that leaves says so by hanging up, and unknown frames are to be passed over.
  }
}

function applySettings(payload: Buffer, sender: Sender): void {
  if (payload.length % 6 !== 0) throw new ConnectionFault("frameSize");
  for (let at = 0; at < payload.length; at += 6) {
    const [number, value] = [payload.readUInt16BE(at), payload.readUInt32BE(at + 2)];
    if (number === settingNumbers.initialWindow) {
      if (value > widestWindow) throw new ConnectionFault("flowControl");
      sender.resize(value);
    }
    if (number === settingNumbers.frameSize) {
      if (value < usualFrameSize || value >= 1 << 24) throw new ConnectionFault("protocol");
      sender.allowFrames(value);
    }
  }
}

/** Requests on their way in. */
interface Requests {
  /** Whether a header block is open, which frames of no other kind may interrupt; on another stream it is a fault. */
  isWithinHeaders(stream: number): boolean;
  takeHeaders(frame: Frame): void;
  /** Returns how many bytes more the client may send altogether; 0 while it has enough left. */
  takeData(frame: Frame): number;
  drop(stream: number): void;
  /** The stream of the latest request. */
  latest(): number;
}

interface Incoming {
  headers: readonly Header[] | undefined;
  readonly blocks: Buffer[];
  readonly chunks: Buffer[];
  isEnded: boolean;
}

/** How long a block of headers may be. Bytes. */
const longestBlock = 1 << 20;

function createRequests(sender: Sender, take: (exchange: Exchange) => void): Requests {
  const readHeaders = createHeaderReader();
  const incoming = new Map<number, Incoming>();
  /** The stream of the header block that is being read. */
  let open: number | undefined;
  let latest = 0;
  let received = 0;

  function begin(stream: number): Incoming {
    if (stream % 2 === 0 || stream <= latest) throw new ConnectionFault("protocol");
    latest = stream;
    const request: Incoming = { headers: undefined, blocks: [], chunks: [], isEnded: false };
    incoming.set(stream, request);
    sender.open(stream);
    return request;
  }

  function finish(stream: number, { headers = [], chunks }: Incoming): void {
    incoming.delete(stream);
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    take({ headers, body, answer: (answer) => sender.answer(stream, answer) });
  }

  return {
    isWithinHeaders(stream) {
      if (open !== undefined && open !== stream) throw new ConnectionFault("protocol");
      return open !== undefined;
    },
    takeHeaders(frame) {
      const { stream } = frame;
      const request = incoming.get(stream) ?? begin(stream);
      request.blocks.push(frame.type === types.headers ? contentOf(frame) : frame.payload);
      if (frame.type === types.headers) request.isEnded = (frame.flags & flags.endStream) !== 0;
      if (request.blocks.reduce((sum, { length }) => sum + length, 0) > longestBlock)
        throw new ConnectionFault("enhanceYourCalm");
      open = (frame.flags & flags.endHeaders) === 0 ? stream : undefined;
      if (open !== undefined) return;
      const headers = readHeaders(Buffer.concat(request.blocks.splice(0)));
      // Those behind a body say nothing here.
      request.headers ??= headers;
      if (request.isEnded) finish(stream, request);
    },
    takeData(frame) {
      const request = incoming.get(frame.stream);
      if (!request && (frame.stream === 0 || frame.stream > latest)) throw new ConnectionFault("protocol");
      request?.chunks.push(contentOf(frame));
      if (request && frame.flags & flags.endStream) finish(frame.stream, request);
      received += frame.payload.length;
      if (received < widestWindow / 2) return 0;
      const widening = received;
      received = 0;
      return widening;
    },
    drop: (stream) => void incoming.delete(stream),
    latest: () => latest,
  };
}
