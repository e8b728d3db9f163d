/** Those that the host tells apart. */
export type Level = "debug" | "info" | "warn" | "error";

/**
 * A line for the host's log. What it holds is shown to whoever reads the log: names and counts, never values.
 *
 * @param at Milliseconds since 1970.
 */
export function logLine(
  level: Level,
  message: string,
  at: number,
  details: Readonly<Record<string, unknown>> = {},
) {
  // Hosts read six digits of a second and no other number of them.
  const timestamp = new Date(at).toISOString().replace("Z", "000Z");
  return `${JSON.stringify({ "@level": level, "@message": message, "@module": "provider", "@timestamp": timestamp, ...details })}\n`;
}
