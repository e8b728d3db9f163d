/** Whether two texts are the same number, digit by digit: `1.50e2` and `150`. */
export const sameDecimal = (one: string, other: string): boolean => {
  const normal = normalize(one);
  return normal !== undefined && normal === normalize(other);
};

/** Digits without zeros at either end, and the power of ten that the last one stands for. */
function normalize(text: string): string | undefined {
  const [, sign, whole = "", fraction = "", power = "0"] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/iu.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/u, "");
  const kept = digits.replace(/0+$/u, "");
  if (kept === "") return "0";
  const exponent = Number(power) - fraction.length + digits.length - kept.length;
  return `${sign === "-" ? "-" : ""}${kept}e${exponent}`;
}
