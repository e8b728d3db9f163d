/** A time in epoch seconds for people, to the minute. */
export const describeTime = (seconds: number): string =>
  `${new Date(1000 * seconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
