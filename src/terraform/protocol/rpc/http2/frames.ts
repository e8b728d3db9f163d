import { ConnectionFault } from "./connection-fault.ts";

/** Types of frames (RFC 9113, section 6). */
export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  promise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; a number means different things for different types. */
export const flags = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** A frame that came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** Zero: it is about the connection. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** How long a frame may be unless the other side allows more: bytes behind its head. */
export const usualFrameSize = 16_384;

const headSize = 9;

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Cuts what a client sends into frames; a function of each chunk. It throws a {@link ConnectionFault} for what doesn't
 * begin as HTTP/2 does, and for frames that are too long.
 */
export function createFrameReader(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isBegun = false;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!isBegun) {
      const start = rest.subarray(0, preface.length);
      if (!start.equals(preface.subarray(0, start.length))) throw new ConnectionFault("protocol");
      if (start.length < preface.length) return;
      rest = rest.subarray(preface.length);
      isBegun = true;
    }
    while (rest.length >= headSize) {
      const length = rest.readUIntBE(0, 3);
      if (length > usualFrameSize) throw new ConnectionFault("frameSize");
      if (rest.length < headSize + length) return;
      const frame: Frame = {
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream: rest.readUInt32BE(5) & 0x7fff_ffff,
        payload: rest.subarray(headSize, headSize + length),
      };
      rest = rest.subarray(headSize + length);
      take(frame);
    }
  };
}

/** The head of a frame with a payload of so many bytes. */
export function headOf(type: number, flag: number, stream: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(headSize);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return head;
}

/** A whole frame. */
export const frameOf = (type: number, flag: number, stream: number, payload: Buffer): Buffer =>
  Buffer.concat([headOf(type, flag, stream, payload.length), payload]);

/** A payload without the padding and the priority that may stand around it. */
export function contentOf({ type, flags: given, payload }: Frame): Buffer {
  const padding = given & flags.padded ? (payload[0] ?? payload.length) : 0;
  const hasPriority = type === types.headers && (given & flags.priority) !== 0;
  const start = (given & flags.padded ? 1 : 0) + (hasPriority ? 5 : 0);
  if (start + padding > payload.length) throw new ConnectionFault("protocol");
  return payload.subarray(start, payload.length - padding);
}
