import type { LeftPart } from "../convert/agent.ts";
import type { ConvertedFile } from "../convert/compose.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, indent, type Line, paintLines, plain, wrapLine } from "./styled-text.ts";

/** What is drawn of a conversion. */
export interface ConversionView {
  readonly files: { readonly written: readonly string[]; readonly unchanged: readonly string[] };
  readonly converted: readonly ConvertedFile[];
  readonly blanks: readonly string[];
  readonly diagnostics: readonly { readonly message: string; readonly hint?: string | undefined }[];
}

/** A conversion in words: what each file was, what was written, what wasn't carried over, and what is left to do. */
export function renderConversion(view: ConversionView, next: string, drawing: Drawing): string {
  const { files, converted, blanks, diagnostics } = view;
  const lines: Line[] = [];
  for (const { file, format, version, agents } of converted) {
    const values = { file, what: say(`manifest/format-${format}`), count: agents.length };
    const head =
      version === undefined
        ? say("report/converted", values)
        : say("report/converted-version", { ...values, version });
    lines.push(plain(printableLine(head)));
    for (const { address, name, left, notes, model } of agents) {
      lines.push(indent(plain(printableLine(say("report/converted-agent", { address, name }))), 2));
      const told = [
        ...notes,
        ...(model === undefined ? [] : [say("report/convert-model", { model })]),
        ...left.map(describeLeft),
      ];
      lines.push(...told.map((text) => indent(plain(printableLine(text)), 4)));
    }
  }
  lines.push([], plain(say("report/convert-written", { count: files.written.length })));
  lines.push(...files.written.map((file) => indent(plain(printableLine(file)), 2)));
  if (diagnostics.length > 0) {
    lines.push([], plain(say("report/convert-invalid")));
    lines.push(...diagnostics.map(({ message }) => indent(plain(printableLine(message)), 2)));
  } else {
    const values = { command: next };
    const end =
      blanks.length > 0
        ? say("report/convert-blanks", { ...values, names: blanks.join(", "), name: blanks[0] ?? "" })
        : say("report/convert-valid", values);
    lines.push([], plain(printableLine(end)));
  }
  return paintLines(
    lines.flatMap((line) => wrapLine(line, drawing.width, 6)),
    drawing.color,
  );
}

const describeLeft = ({ what, names }: LeftPart): string =>
  say(`report/convert-left-${what}`, { names: names.join(", ") });
