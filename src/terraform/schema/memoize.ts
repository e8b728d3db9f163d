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
  const answers = new Map<string, { readonly answer: Answer }>();
  return (given) => {
    if (given.length > longest) return work(given);
    // As a text, bytes are hashed and compared without a line of JavaScript.
    const key = Buffer.from(given.buffer, given.byteOffset, given.length).toString("latin1");
    const known = answers.get(key);
    if (known) return known.answer;
    const answer = work(given);
    answers.set(key, { answer });
    const [oldest] = answers.keys();
    if (answers.size > most && oldest !== undefined) answers.delete(oldest);
    return answer;
  };
}
