import { Scalar, stringify } from "yaml";
import type { Json } from "../../core/value.ts";

// Words that only YAML 1.1 reads as other types are quoted, since other tools may read these files, too.
const plainOptions = { compat: "yaml-1.1", lineWidth: 0 } as const;
const flowOptions = { ...plainOptions, collectionStyle: "flow", flowCollectionPadding: false } as const;

/** A value on one line, as flow collections are written. */
export const writeFlow = (value: Json): string => stringify(value, flowOptions).trimEnd();

/** How the text that another one replaces is written. */
interface TextStyle {
  readonly style: Scalar.Type;
  /** What stands there now. */
  readonly raw: string;
  readonly indent: number;
  readonly inFlow: boolean;
}

/** A text in the style of the one that it replaces, as far as that style can hold it. */
export function writeText(value: string, { style, raw, indent, inFlow }: TextStyle): string {
  const lines = value.includes("\n");
  const isBlock = style === Scalar.BLOCK_LITERAL || style === Scalar.BLOCK_FOLDED;
  const mayBeBlock = !inFlow && isPrintable(value) && /\S/u.test(value);
  if (mayBeBlock && (isBlock || (lines && style === Scalar.PLAIN)))
    return writeBlock(value, { raw, indent, isBlock });
  if (style === Scalar.QUOTE_SINGLE && !lines && isPrintable(value))
    return `'${value.replaceAll("'", "''")}'`;
  if (style === Scalar.PLAIN && !lines && isPrintable(value)) {
    const [plain = ""] = inFlow
      ? [stringify([value], flowOptions).trim().slice(1, -1)]
      : [stringify(value, plainOptions)];
    return plain.trimEnd();
  }
  return JSON.stringify(value);
}

/** Whether a text has only characters that YAML takes outside of double quotes. */
const isPrintable = (value: string): boolean =>
  !/[\p{Cc}\p{Cs}\u2028\u2029\uFEFF]/u.test(value.replaceAll(/[\n\t]/gu, ""));

function writeBlock(
  value: string,
  { raw, indent, isBlock }: { readonly raw: string; readonly indent: number; readonly isBlock: boolean },
): string {
  const [header = "", ...before] = isBlock ? raw.split("\n") : [""];
  const comment = /[ \t]+#.*$/u.exec(header)?.[0] ?? "";
  const known = before.find((line) => line.trim() !== "")?.search(/\S/u);
  const columns = isBlock && known !== undefined && known > 0 ? known : indent + 2;
  const needsIndent = /^\n*[ \t]/u.test(value);
  // An indicator counts from the parent's column, which no key shows for sure, so two columns are written.
  const margin = " ".repeat(needsIndent ? indent + 2 : columns);
  const content = value.replace(/\n+$/u, "");
  const ends = value.length - content.length;
  const chomp = ends === 0 ? "-" : ends === 1 ? "" : "+";
  const lines = content.split("\n").map((line) => (line === "" ? "" : margin + line));
  // Blanks of an empty line behind a text may belong to another text.
  const old = (/\n((?:[ \t]*\n)*)$/u.exec(raw)?.[1] ?? "").replaceAll(/[ \t]/gu, "");
  const blanks = isBlock && chomp !== "+" ? old : "\n".repeat(Math.max(0, ends - 1));
  return `|${needsIndent ? "2" : ""}${chomp}${comment}\n${lines.join("\n")}\n${blanks}`;
}
