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
