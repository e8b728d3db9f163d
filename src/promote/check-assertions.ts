import { runInNewContext } from "node:vm";
import { compileReplySchema } from "../core/reply-schema.ts";
import { isObject } from "../core/value.ts";
import type { Check } from "../kind/resource.ts";
import { say } from "../messages/text.ts";

/** How long a search may take, milliseconds: some patterns never come to an end. */
const longestSearch = 1000;

/** The most differences from a schema that are listed. */
const mostShown = 3;

/** Characters of an expected text that are repeated. */
const longestQuote = 60;

/**
 * What a reply lacks of what a check expects, in words; empty when it passes. Texts are compared in composed form, and
 * looked for in the texts within a reply that is JSON, too. Pure but for the time it takes.
 */
export function judgeReply(reply: string, { text, pattern, schema }: Check["expect"]): readonly string[] {
  const said = reply.normalize("NFC");
  const value = readReply(said);
  const texts = [said, ...textsIn(value)];
  return [
    ...(text === undefined ? [] : judgeText(texts, text.normalize("NFC"))),
    ...(pattern === undefined ? [] : judgePattern(texts, pattern.normalize("NFC"))),
    ...(schema === undefined ? [] : judgeJson(value, schema)),
  ];
}

const judgeText = (texts: readonly string[], wanted: string): readonly string[] =>
  texts.some((one) => one.includes(wanted))
    ? []
    : [say("promote/check-lacks-text", { text: JSON.stringify(shorten(wanted)) })];

function judgePattern(texts: readonly string[], pattern: string): readonly string[] {
  const search = new RegExp(pattern, "u");
  const found = withTimeLimit(() => texts.some((one) => search.test(one)));
  if (found) return [];
  const shown = { pattern: `/${shorten(pattern)}/u` };
  return [say(found === undefined ? "promote/check-pattern-slow" : "promote/check-no-match", shown)];
}

function judgeJson(value: unknown, schema: NonNullable<Check["expect"]["schema"]>): readonly string[] {
  if (value === undefined) return [say("promote/check-not-json")];
  const lacks = withTimeLimit(() => compileReplySchema(schema)(value));
  if (lacks === undefined) return [say("promote/check-schema-slow")];
  const count = lacks.length - mostShown;
  return count > 0 ? [...lacks.slice(0, mostShown), say("promote/check-more", { count })] : lacks;
}

/** Undefined for what doesn't end: V8 interrupts the search of a pattern where a script has a time limit. */
function withTimeLimit<T>(search: () => T): T | undefined {
  try {
    return runInNewContext("search()", { search }, { timeout: longestSearch }) as T;
  } catch (error) {
    const isLong = isObject(error) && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
    // A schema that refers to itself goes as deep as the reply does.
    if (isLong || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Models like to put JSON into a fence. */
const fence = /```(?:json)?\s*\n(.*?)```/su;

function readReply(said: string): unknown {
  for (const text of [said, fence.exec(said)?.[1]]) {
    if (text === undefined) continue;
    try {
      return JSON.parse(text);
    } catch {}
  }
  return undefined;
}

/** The texts within JSON, however deep: who answers isn't to be trusted. */
function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one === "string") texts.push(one.normalize("NFC"));
    else if (typeof one === "object" && one !== null) for (const part of Object.values(one)) open.push(part);
  }
  return texts;
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > longestQuote ? `${characters.slice(0, longestQuote - 1).join("")}…` : text;
}
