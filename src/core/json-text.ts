import { parse } from "lossless-json";
import { parseDocument } from "yaml";
import { say } from "../messages/text.ts";
import { escapeInvisibleJson } from "./invisible-characters.ts";
import type { Path } from "./spec-walk.ts";

/** A place in a text, from 1; columns count UTF-16 units. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

/** What keeps a text from being used as JSON, and where it stands. */
export interface JsonFault {
  readonly at: Spot;
  /** To be read after the name of the file: `isn't valid JSON: …`. */
  readonly message: string;
}

// Whatever walks through values does so by recursion, and nothing that we write comes near.
const maxDepth = 100;

/** Reads JSON; a key that stands twice with different values counts as a fault, since either could be meant. */
export function readJson(text: string): { readonly value: unknown } | { readonly fault: JsonFault } {
  const depths = findTooDeep(text);
  if (depths !== undefined) {
    return { fault: { at: spotOf(text, depths), message: say("core/json-deep", { count: maxDepth }) } };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: findFault(text) ?? { at: { line: 1, column: 1 }, message: say("core/json-invalid") } };
  }
  // What reads back as it stands has no key twice, and looking for one takes ten times as long as reading.
  const written = text.includes("\n") ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value);
  const asWritten = written === text || escapeInvisibleJson(written) === text;
  const fault = asWritten ? undefined : findFault(text);
  return fault ? { fault } : { value };
}

/** Where the value at the end of a path stands, or else the nearest one around it. */
export function locateJson(text: string, path: Path): Spot {
  const document = parseDocument(text, { prettyErrors: false, schema: "json" });
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range = (node as { readonly range?: readonly number[] } | null | undefined)?.range;
    if (range) return spotOf(text, range[0] ?? 0);
  }
  return { line: 1, column: 1 };
}

class DuplicateKey extends Error {}

function findFault(text: string): JsonFault | undefined {
  let offset = 0;
  try {
    parse(text, undefined, {
      parseNumber: Number,
      onDuplicateKey({ key, position }) {
        offset = position - 1;
        throw new DuplicateKey(say("core/json-key-twice", { key: JSON.stringify(key) }));
      },
    });
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof DuplicateKey) return { at: spotOf(text, offset), message };
    const [, said = "", position = "0"] = /^([\s\S]*?)(?: at position (\d+))?$/u.exec(message) ?? [];
    const reason = said.replace(/^[A-Z](?=[a-z])/u, (first) => first.toLowerCase());
    return { at: spotOf(text, Number(position)), message: say("core/json-invalid-because", { reason }) };
  }
}

function spotOf(text: string, offset: number): Spot {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Where the nest gets too deep; whether the text is JSON at all doesn't matter. */
function findTooDeep(text: string): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '"') quoted = !quoted;
    else if (quoted) index += sign === "\\" ? 1 : 0;
    else if (sign === "{" || sign === "[") {
      depth += 1;
      if (depth > maxDepth) return index;
    } else if (sign === "}" || sign === "]") depth -= 1;
  }
  return undefined;
}
