import { LosslessNumber } from "lossless-json";
import { type BodyParts, writeBody } from "../http/envelope.ts";
import type { FaultRule } from "./fault-rules.ts";

/** What a fault makes of a success; undefined for faults that leave its contents alone. */
export function changeOf(rule: FaultRule): ((body: BodyParts) => BodyParts) | undefined {
  switch (rule.fault) {
    case "page-total":
      return pageTotal;
    case "number-ids":
      return numberIds;
    case "text-times":
      return textTimes;
    case "leave-out":
      return (body) => leaveOut(body, rule.part);
    default:
      return undefined;
  }
}

/** Every id as a bare JSON number with all its digits: under `id`, `…_id`, `…_uid`, and the lists of them. */
function numberIds(body: BodyParts): BodyParts {
  return mapFields(body, (key, value) =>
    /(^|_)u?ids?$/u.test(key) && typeof value === "string" && /^\d+$/u.test(value)
      ? new LosslessNumber(value)
      : value,
  );
}

/** Every time as a text: under `…_time` and `…_at`. */
function textTimes(body: BodyParts): BodyParts {
  return mapFields(body, (key, value) =>
    /_(time|at)$/u.test(key) && typeof value === "number" ? String(value) : value,
  );
}

/** The body of a list with a total that only counts its page; others as they are. */
function pageTotal(body: BodyParts): BodyParts {
  const { data } = body;
  if (isParts(data)) {
    return { ...body, data: countPage(data) };
  }
  return countPage(body);
}

/** The body without one part of its envelope. */
function leaveOut(body: BodyParts, part: string): BodyParts {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== part));
}

/** The first half of a text in UTF-8; the cut goes through a character of several bytes where that is asked and there is one. */
export function truncate(text: string, insideCharacter: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(text);
  const middle = Math.floor(bytes.length / 2);
  // In UTF-8 the bytes inside a character, and only they, begin with the bits 10.
  const isInside = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
  const behind = bytes.findIndex((byte, index) => index >= middle && isInside(byte));
  const cut = behind < 0 ? bytes.findLastIndex(isInside) : behind;
  return new Uint8Array(bytes.subarray(0, insideCharacter && cut > 0 ? cut : middle));
}

/** The page that a gateway answers with when what is behind it doesn't. */
export function gatewayPage(status: number): string {
  const title = `${status} ${{ 502: "Bad Gateway", 503: "Service Temporarily Unavailable" }[status] ?? "Gateway Time-out"}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

/** Whether two bodies are the same on the wire. */
export function isSameBody(one: BodyParts, other: BodyParts): boolean {
  return writeBody(one) === writeBody(other);
}

function countPage(container: BodyParts): BodyParts {
  const items = Object.values(container).find(Array.isArray);
  const counted = ["total", "total_count"].filter((name) => name in container);
  return { ...container, ...Object.fromEntries(counted.map((name) => [name, items?.length ?? 0])) };
}

/** Changes values by the key they stand under; those of a list stand under the list's. */
function mapFields(body: BodyParts, change: (key: string, value: unknown) => unknown): BodyParts {
  const mapValue = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map((item) => mapValue(key, item));
    }
    return isParts(value) ? mapFields(value, change) : change(key, value);
  };
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, mapValue(key, value)]));
}

function isParts(value: unknown): value is BodyParts {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  );
}
