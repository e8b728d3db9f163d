/** The formats of outputs. */
export const outputFormats = ["env", "json", "ts"] as const;

export type OutputFormat = (typeof outputFormats)[number];
