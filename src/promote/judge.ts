import { runInNewContext } from "node:vm";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Check } from "../core/resource.ts";

/** What a reply lacks of what a check expects, in words; empty when it passes. Pure but for the time it takes. */
export function judgeReply(reply: string, { text, pattern, schema }: Check["expect"]): readonly string[] {
  const said = reply.normalize("NFC");
  return [
    ...(text === undefined || said.includes(text.normalize("NFC"))
      ? []
      : [`it doesn't contain ${JSON.stringify(text)}`]),
    ...(pattern === undefined ? [] : judgePattern(said, pattern)),
    ...(schema === undefined ? [] : judgeJson(said, schema)),
  ];
}

/** How long a pattern may search, milliseconds: some never come to an end. */
const longestSearch = 2000;

function judgePattern(said: string, pattern: string): readonly string[] {
  try {
    const found = runInNewContext(
      'new RegExp(pattern, "u").test(said)',
      { said, pattern },
      {
        timeout: longestSearch,
      },
    );
    return found === true ? [] : [`nothing in it matches /${pattern}/u`];
  } catch {
    return [`/${pattern}/u takes too long to search it`];
  }
}

function judgeJson(said: string, schema: object): readonly string[] {
  const value = readReply(said);
  if (value === undefined) return ["it isn't JSON"];
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, 3).map(({ instancePath, message }) => {
    const place = instancePath === "" ? "the JSON" : instancePath.slice(1).replaceAll("/", ".");
    return `${place} ${message ?? "is not as expected"}`;
  });
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
