/**
 * Lengths in bits of the codes of the bytes from 0 on, and last of the end (RFC 7541, appendix B). Codes of one length
 * are numbers in the order of their bytes, after those of the shorter ones, so that their lengths tell them all.
 */
// biome-ignore format: sixteen a line, as the bytes have it
const lengths = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

const end = 256;
const longest = 30;

/** By length: the bytes that have codes so long, and the first of these codes. */
const codes = listCodes();

function listCodes() {
  let first = 0;
  return Array.from({ length: longest + 1 }, (_, length) => {
    const bytes = lengths.flatMap((own, byte) => (own === length ? [byte] : []));
    const row = { first, bytes };
    first = (first + bytes.length) * 2;
    return row;
  });
}

/** The bytes that a Huffman code of HPACK stands for; undefined for what is none. */
export function decodeHuffman(coded: Uint8Array): Buffer | undefined {
  const bytes: number[] = [];
  let [code, length] = [0, 0];
  for (const part of coded) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = code * 2 + ((part >> bit) & 1);
      length += 1;
      const row = codes[length];
      if (!row) return undefined;
      const byte = row.bytes[code - row.first];
      if (byte === end) return undefined;
      if (byte !== undefined) {
        bytes.push(byte);
        [code, length] = [0, 0];
      }
    }
  }
  // The last byte is filled up with ones.
  return length < 8 && code === 2 ** length - 1 ? Buffer.from(bytes) : undefined;
}
