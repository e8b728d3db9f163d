import { ConnectionFault } from "./connection-fault.ts";
import { decodeHuffman } from "./huffman.ts";

/** A header: its name in lower case, and its value. */
export type Header = readonly [name: string, value: string];

/**
 * Reads the header blocks of one connection (HPACK, RFC 7541), in the order in which they come: each may refer to headers
 * of those before it. It throws a {@link ConnectionFault} for a block that can't be read.
 */
export function createHeaderReader(): (block: Buffer) => readonly Header[] {
  const recent = createTable();
  return (block) => {
    const cursor: Cursor = { block, at: 0 };
    const headers: Header[] = [];
    while (cursor.at < block.length) {
      const kind = block[cursor.at] ?? 0;
      if (kind & 0x80) headers.push(recent.find(readInteger(cursor, 7)));
      else if ((kind & 0xe0) === 0x20) recent.resize(readInteger(cursor, 5));
      else {
        const isKept = (kind & 0xc0) === 0x40;
        const index = readInteger(cursor, isKept ? 6 : 4);
        const name = index === 0 ? readText(cursor) : recent.find(index)[0];
        const header: Header = [name, readText(cursor)];
        if (isKept) recent.keep(header);
        headers.push(header);
      }
    }
    return headers;
  };
}

/** What the table of a reader may take, as every HTTP/2 connection begins. Bytes. */
const tableSize = 4096;

/** The headers that blocks refer to by numbers: the static ones, and after them the latest first. */
function createTable() {
  const recent: Header[] = [];
  let [size, limit] = [0, tableSize];
  const sizeOf = ([name, value]: Header) => name.length + value.length + 32;
  const shrink = (most: number) => {
    while (size > most) size -= sizeOf(recent.pop() as Header);
  };
  return {
    find(index: number): Header {
      const header =
        index <= staticHeaders.length ? staticHeaders[index - 1] : recent[index - 1 - staticHeaders.length];
      if (!header) throw unreadable();
      return header;
    },
    keep(header: Header): void {
      shrink(Math.max(0, limit - sizeOf(header)));
      if (sizeOf(header) > limit) return;
      recent.unshift(header);
      size += sizeOf(header);
    },
    resize(to: number): void {
      if (to > tableSize) throw unreadable();
      limit = to;
      shrink(limit);
    },
  };
}

interface Cursor {
  readonly block: Buffer;
  at: number;
}

function readInteger(cursor: Cursor, bits: number): number {
  const most = 2 ** bits - 1;
  let value = nextByte(cursor) & most;
  if (value < most) return value;
  for (let shift = 0; shift <= 21; shift += 7) {
    const byte = nextByte(cursor);
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw unreadable();
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.block[cursor.at];
  if (byte === undefined) throw unreadable();
  cursor.at += 1;
  return byte;
}

function readText(cursor: Cursor): string {
  const isCoded = ((cursor.block[cursor.at] ?? 0) & 0x80) !== 0;
  const end = readInteger(cursor, 7) + cursor.at;
  if (end > cursor.block.length) throw unreadable();
  const bytes = cursor.block.subarray(cursor.at, end);
  cursor.at = end;
  const text = isCoded ? decodeHuffman(bytes) : bytes;
  if (!text) throw unreadable();
  return text.toString("latin1");
}

const unreadable = () => new ConnectionFault("compression");

/** A block of headers that refers to no other block. Values are ASCII. */
export const writeHeaders = (headers: readonly Header[]): Buffer =>
  Buffer.concat(headers.flatMap(([name, value]) => [Buffer.of(0), writeText(name), writeText(value)]));

function writeText(text: string): Buffer {
  const length = [];
  let rest = text.length;
  if (rest < 0x7f) length.push(rest);
  else {
    length.push(0x7f);
    rest -= 0x7f;
    while (rest >= 0x80) {
      length.push(0x80 | (rest & 0x7f));
      rest >>= 7;
    }
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(text, "latin1")]);
}

/** The headers that every connection knows (RFC 7541, appendix A). */
const staticHeaders: readonly Header[] = `\
:authority
:method=GET
:method=POST
:path=/
:path=/index.html
:scheme=http
:scheme=https
:status=200
:status=204
:status=206
:status=304
:status=400
:status=404
:status=500
accept-charset
accept-encoding=gzip,deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split("\n")
  .map((line) => {
    const [name = "", value = ""] = line.split("=");
    return [name, value.replace(",", ", ")];
  });
