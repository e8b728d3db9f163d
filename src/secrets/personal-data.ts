import { say } from "../messages/text.ts";
import type { Found } from "./detection.ts";

// Digits in a row, or in the groups in which people write numbers. No letter or digit stands around them.
const number =
  /(?<![A-Za-z0-9_.])(?:\d{11,19}[Xx]?|1\d{2}[ -]\d{4}[ -]\d{4}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{3})?|\d{6} \d{8} \d{3}[\dXx])(?![A-Za-z0-9_])/gu;
const prefixed = /(?<![A-Za-z0-9_.])\+?86[ -]?(?=1\d{2}[ -]?\d{4}[ -]?\d{4}(?![A-Za-z0-9_]))/gu;

// Hardly any text has as many digits in a row, or in groups.
const anyNumber = /\d{11}|\d{3}[ -]\d{4}[ -]\d{4}|\d{6} \d{8}/u;

/**
 * Where a text has Chinese mobile, identity-card or bank-card numbers that may be those of people: samples, such as
 * `13800138000`, are none.
 */
export function findPersonalData(text: string): readonly Found[] {
  if (!anyNumber.test(text)) return [];
  // The prefix of the country belongs to the number, and joins it where no blank stands between them.
  const plain = text.replaceAll(prefixed, (prefix) => " ".repeat(prefix.length));
  return [...plain.matchAll(number)].flatMap(({ 0: found, index }): readonly Found[] => {
    const digits = found.replaceAll(/[ -]/gu, "").toUpperCase();
    const what = isCutOff(plain, index, index + found.length) ? undefined : nameNumber(digits);
    return what === undefined ? [] : [{ rule: "personal-data", offset: index, length: found.length, what }];
  });
}

/** Whether a mask stands behind a number, and not the end of an emphasis of Markdown. */
function isCutOff(text: string, from: number, to: number): boolean {
  const isEmphasis = text.slice(Math.max(0, from - 3), from) === "***";
  return !isEmphasis && /^(?:\*{3}|\\\*|[＊…•●×]|\.{3})/u.test(text.slice(to, to + 3));
}

function nameNumber(digits: string): string | undefined {
  if (isMobile(digits)) return say("secrets/mobile-number");
  if (isIdentityCard(digits)) return say("secrets/identity-card");
  return isBankCard(digits) ? say("secrets/bank-card") : undefined;
}

/** A number of a Chinese mobile network (`1` and a digit from 3 on), unless it is one that people make up. */
function isMobile(digits: string): boolean {
  if (!/^1[3-9]\d{9}$/u.test(digits)) return false;
  // 138 0013 8000 is the operators' own sample.
  return !/^1(\d\d)001(?:\1)000$/u.test(digits) && !isMadeUp(digits.slice(3));
}

/** Whether digits are a row of one digit, or count up or down, for the most part. */
function isMadeUp(digits: string): boolean {
  if (/(\d)\1{5}/u.test(digits) || /^(\d{4})\1$/u.test(digits)) return true;
  return ["01234567890123456789", "98765432109876543210"].some((row) => row.includes(digits.slice(-7)));
}

const provinces = new Set(
  "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split(
    " ",
  ),
);
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** The samples of GB 11643-1999. */
const sampleCards = new Set(["11010519491231002X", "440524188001010014"]);

/** A number of an identity card: province, day of birth and check digit are right (GB 11643-1999). */
function isIdentityCard(digits: string): boolean {
  const [, province = "", year, month, day] =
    /^(\d\d)\d{4}((?:19|20)\d\d)(\d\d)(\d\d)\d{3}[\dX]$/u.exec(digits) ?? [];
  if (!provinces.has(province) || sampleCards.has(digits) || isMadeUp(digits.slice(0, 8))) return false;
  const born = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (born.getUTCMonth() !== Number(month) - 1 || born.getUTCDate() !== Number(day)) return false;
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return "10X98765432"[sum % 11] === digits[17];
}

/** Beginnings of numbers of UnionPay, Visa, Mastercard, JCB, and their lengths. */
const issuers = /^(?:62\d{14,17}|4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|35[2-8]\d{13})$/u;

/** The numbers with which payment services are tried. */
const sampleNumbers =
  /^(?:4242){4}$|^41{15}$|^(?:5555){2}55554444$|^4012888888881881$|^6222020000000000000$/u;

/** A number of a bank card: it begins like one, is as long, and its check digit is right (ISO/IEC 7812). */
function isBankCard(digits: string): boolean {
  if (!issuers.test(digits) || sampleNumbers.test(digits) || /(\d)\1{7}/u.test(digits)) return false;
  if (digits.includes("12345678")) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
