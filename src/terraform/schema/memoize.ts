/** The same function, which works its answer out once for each object that it is asked about. */
export function memoizeEach<Of extends object, Answer>(work: (of: Of) => Answer): (of: Of) => Answer {
  const answers = new WeakMap<Of, { readonly answer: Answer }>();
  return (of) => {
    const known = answers.get(of);
    if (known) return known.answer;
    const answer = work(of);
    answers.set(of, { answer });
    return answer;
  };
}

/** So many answers are remembered: some for each of the resources that Terraform has in hand at a time. */
const most = 128;

/** Longer ones aren't: they would be many megabytes together. Bytes. */
const longest = 1 << 16;

/**
 * The same function, which remembers what it lately made of which bytes: Terraform sends a state or a configuration
 * that doesn't change with several calls. Results are shared and must not be changed, nor the bytes.
 */
export function memoizeRecent<Answer>(work: (bytes: Uint8Array) => Answer): (bytes: Uint8Array) => Answer {
  const answers = new Map<number, { readonly bytes: Buffer; readonly answer: Answer }>();
  return (given) => {
    if (given.length > longest) return work(given);
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
    const key = checksum(bytes);
    const known = answers.get(key);
    if (known?.bytes.equals(bytes)) return known.answer;
    const answer = work(given);
    // A copy: the bytes given are a view of a whole message, which would be kept with them.
    answers.set(key, { bytes: Buffer.from(bytes), answer });
    const [oldest] = answers.keys();
    if (answers.size > most && oldest !== undefined) answers.delete(oldest);
    return answer;
  };
}

/** A number that other bytes rarely have (FNV-1a by words of four bytes): to tell them apart it need not be more. */
function checksum(bytes: Buffer): number {
  let sum = bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) sum = Math.imul(sum ^ bytes.readInt32LE(at), 0x01000193);
  for (; at < bytes.length; at += 1) sum = Math.imul(sum ^ (bytes[at] ?? 0), 0x01000193);
  return sum;
}
