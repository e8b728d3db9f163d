import { isId } from "../../core/field.ts";
import { say } from "../../messages/text.ts";
import { UnexpectedAnswer } from "../error-classes.ts";
import type { ApiResponse, Shown, Wire } from "./operation.ts";

/** The error for an answer that reports success but is malformed; the outcome of a write is then unknown. */
export function unexpected(
  answer: ApiResponse,
  problem: string,
  hint = say("coze/unexpected-answer.hint"),
): UnexpectedAnswer {
  return new UnexpectedAnswer(say("coze/unexpected-answer", { problem }), {
    operation: answer.operation.name,
    outcome: answer.operation.write ? "unknown" : "none",
    logid: answer.logid,
    hint,
  });
}

export const isWire = (value: unknown): value is Wire =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A non-empty text, or a positive integer as text; undefined for anything else. */
export function asText(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) && Number(value) > 0 ? String(value) : undefined;
}

/** An id as text, also if it was sent as a number; undefined for what isn't one. */
export function asId(value: unknown): string | undefined {
  const text = asText(value);
  return text !== undefined && isId(text) ? text : undefined;
}

/** The answer's `data`; throws UnexpectedAnswer without it. The type is the reference's, unchecked, so all fields are optional. */
export function dataOf<T>(answer: ApiResponse): Shown<T> {
  const { data } = answer.body;
  if (!isWire(data)) throw unexpected(answer, say("coze/field-missing", { field: "data" }));
  return data as Shown<T>;
}

/** The id of a new object in the answer's `data`; throws UnexpectedAnswer unless it is a decimal number. */
export function idIn(answer: ApiResponse, field: string): string {
  const id = asText(dataOf<Wire>(answer)[field]);
  const named = { field: `data.${field}` };
  if (id === undefined) throw unexpected(answer, say("coze/field-missing", named));
  if (!/^[1-9]\d{0,63}$/.test(id)) throw unexpected(answer, say("coze/field-not-id", named));
  return id;
}

/** A list in an answer; absent and null count as empty, since Coze leaves out empty lists. */
export function listIn(answer: ApiResponse, container: Wire, field: string): readonly Wire[] {
  const list = container[field] ?? [];
  if (!Array.isArray(list) || !list.every(isWire))
    throw unexpected(answer, say("coze/field-not-list", { field }));
  return list;
}
