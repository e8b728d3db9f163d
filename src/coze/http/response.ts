import { isId } from "../../core/field.ts";
import { UnexpectedAnswer } from "../errors.ts";
import type { ApiResponse, Shown, Wire } from "./operation.ts";

/** The error for an answer that says success but isn't what it must be; a write then has an unknown outcome. */
export function unexpected(
  answer: ApiResponse,
  problem: string,
  hint = "run again; if it stays, Coze's API has changed: report it with the logid",
): UnexpectedAnswer {
  return new UnexpectedAnswer(`Coze's answer can't be understood: ${problem}`, {
    operation: answer.operation.name,
    outcome: answer.operation.write ? "unknown" : "none",
    logid: answer.logid,
    hint,
  });
}

export const isWire = (value: unknown): value is Wire =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text that isn't empty, also when it came as a number above 0; undefined for anything else. */
export function asText(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) && Number(value) > 0 ? String(value) : undefined;
}

/** An id as a text, also when it came as a number; undefined for what can't be one. */
export function asId(value: unknown): string | undefined {
  const text = asText(value);
  return text !== undefined && isId(text) ? text : undefined;
}

/** The answer's `data`, which must be there. The type is the reference's promise, hence all of it optional. */
export function dataOf<T>(answer: ApiResponse): Shown<T> {
  const { data } = answer.body;
  if (!isWire(data)) throw unexpected(answer, "`data` is missing");
  return data as Shown<T>;
}

/** The id of what was made, in the answer's `data`; it must be there, and Coze gives none but digits. */
export function idIn(answer: ApiResponse, field: string): string {
  const id = asText(dataOf<Wire>(answer)[field]);
  if (id === undefined) throw unexpected(answer, `\`data.${field}\` is missing`);
  if (!/^[1-9]\d{0,63}$/.test(id)) throw unexpected(answer, `\`data.${field}\` isn't an id`);
  return id;
}

/** A list inside an answer; absent and null count as empty, as answers leave out what is empty. */
export function listIn(answer: ApiResponse, container: Wire, field: string): readonly Wire[] {
  const list = container[field] ?? [];
  if (!Array.isArray(list) || !list.every(isWire))
    throw unexpected(answer, `\`${field}\` isn't a list of objects`);
  return list;
}
