const secondsOf: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600 };

/** The seconds of a duration as manifests write it: `90s`, `2m`, `1.5h`; undefined for any other text. */
export function readSeconds(text: string): number | undefined {
  const [, amount, unit = "s"] = /^(\d{1,9}(?:\.\d{1,3})?)\s*([smh]?)$/u.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (secondsOf[unit || "s"] ?? 1);
}
