/** A time in epoch seconds for people, to the second. */
export const describeTime = (seconds: number): string =>
  `${new Date(1000 * seconds).toISOString().slice(0, 19).replace("T", " ")} UTC`;
