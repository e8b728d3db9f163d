/** A time in epoch seconds for people, to the second. */
export const describeTime = (seconds: number): string =>
  `${new Date(1000 * seconds).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** The time of day of epoch seconds, as HH:MM:SS in the machine's time zone. */
export const showClock = (seconds: number): string => new Date(1000 * seconds).toTimeString().slice(0, 8);

/** Epoch seconds as ISO 8601 writes them. */
export const isoTime = (seconds: number): string => new Date(1000 * seconds).toISOString();
