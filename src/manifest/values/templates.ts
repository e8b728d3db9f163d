import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { explain } from "../../messages/text.ts";
import { findSecrets } from "../../secrets/detection.ts";
import { findPersonalData } from "../../secrets/personal-data.ts";
import { personalData } from "../checks/personal-data.ts";
import type { Problem, Report } from "../problems.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { placeLines } from "../yaml/plain-documents.ts";
import type { Place } from "../yaml/scalar-reader.ts";
import type { Scalar, TemplateSource, TextPiece } from "../yaml/source-tree.ts";
import { findMistyped, lookUp, namesTitle, putTitle, type Scope } from "./substitute.ts";

/** What templates are filled with. */
export interface TemplateContext {
  readonly files: Pick<ProjectFiles, "readText" | "fromProject">;
  readonly scope: Scope;
  readonly report: Report;
}

/** The text of a template and what is known of it. */
export interface FilledTemplate
  extends Pick<Scalar, "from" | "secretOf" | "secretAt" | "later" | "broken" | "secret"> {
  readonly value: string;
  readonly pieces: readonly TextPiece[];
}

/** How deep files include others. */
const mostNested = 8;

/** Characters. No text that Coze takes comes near. */
const longestText = 16 * 2 ** 20;

/**
 * Fills a template: `${var.x}`, `${env.X}` and `${each.x}` become their values, `${file:PATH}` the text of that file,
 * which is a template, too, and `$${` becomes `${`. Everything else stays as it is, other `${…}` included. What is wrong
 * is reported where it is written. `from`: where the template is named; undefined where it needn't be told.
 */
export async function fillTemplate(
  source: TemplateSource,
  context: TemplateContext,
  from: Location | undefined,
): Promise<FilledTemplate> {
  return await new Filler(context).fill(source, { files: [source.file], places: from ? [from] : [] });
}

/** The way to an included file. */
interface Way {
  /** Files from the first template to this one. */
  readonly files: readonly string[];
  /** Where each was included, the nearest first. */
  readonly places: readonly Location[];
}

type TemplateReport = (at: Location, problem: Problem) => void;

/** The file that includes another. */
interface Including {
  readonly way: Way;
  readonly report: TemplateReport;
}

class Filler {
  readonly #context: TemplateContext;
  #titled: Promise<Scope> | undefined;
  /** By depth and path: a file that is included often is filled once. */
  readonly #filled = new Map<string, Promise<FilledTemplate | undefined>>();

  constructor(context: TemplateContext) {
    this.#context = context;
  }

  async fill({ text, place }: TemplateSource, way: Way): Promise<FilledTemplate> {
    const filled = new TextBuilder();
    const report: TemplateReport = (at, problem) => {
      filled.broken = true;
      this.#context.report(at, { ...problem, through: way.places });
    };
    for (const { offset, what } of findPersonalData(text))
      this.#context.report(place(offset), { ...personalData(what), through: way.places });
    for (const { offset, what } of findSecrets(text)) {
      const problem = {
        code: "secret-in-clear",
        ...explain("manifest-schema/secret-in-text", { what }),
      } as const;
      this.#context.report(place(offset), { ...problem, through: way.places });
      filled.secret = true;
    }
    const mistyped = findMistyped({ at: place(0), raw: text }, text);
    if (mistyped) report(mistyped.at, mistyped.problem);
    this.#warnOfLookAlikes(text, place, way);
    for (const token of splitTemplate(text)) {
      const at = place(token.start);
      if (token.type === "literal") filled.add(token.text, { at, literal: true });
      else if (token.type === "unclosed")
        report(at, { code: "bad-interpolation", ...explain("manifest-values/interpolation-unclosed") });
      else if (token.type === "file") await this.#include(token.path, at, filled, { way, report });
      else await this.#insert(token.expression, at, filled, report);
      if (filled.value.length > longestText) {
        report(at, { code: "too-large", ...explain("manifest-values/template-too-large") });
        return { value: "", pieces: [], broken: true };
      }
    }
    return filled.build();
  }

  async #insert(
    expression: string,
    at: Location,
    filled: TextBuilder,
    report: TemplateReport,
  ): Promise<void> {
    const found = lookUp(expression, await this.#scopeFor(expression));
    const scalar = "node" in found && found.node.type === "scalar" ? found.node : undefined;
    if (scalar && scalar.value !== null) {
      const part = typeof scalar.value === "string" ? scalar.value : scalar.source;
      filled.add(part, { at, literal: false });
      filled.take({ ...scalar, secretAt: at });
    } else if ("complaint" in found) report(at, found.complaint);
    else if ("node" in found)
      report(at, { code: "bad-interpolation", ...explain("manifest-values/inserted-no-scalar") });
    // Of an item that doesn't exist nothing is known.
    else filled.broken = true;
  }

  async #scopeFor(expression: string): Promise<Scope> {
    const { scope } = this.#context;
    if (!namesTitle(expression)) return scope;
    this.#titled ??= putTitle(scope);
    return await this.#titled;
  }

  async #include(
    written: string,
    at: Location,
    filled: TextBuilder,
    { way, report }: Including,
  ): Promise<void> {
    const file = path.posix.normalize(this.#context.files.fromProject(written, { at }));
    const problem = checkInclude(written, file, way.files);
    if (problem) {
      report(at, problem);
      return;
    }
    const key = `${way.files.length} ${file}`;
    const reading = this.#filled.get(key) ?? this.#read(file, at, { way, report });
    this.#filled.set(key, reading);
    const inner = await reading;
    if (!inner) {
      filled.broken = true;
      return;
    }
    filled.add(inner.value, { at, literal: false, included: { file, pieces: inner.pieces } });
    filled.take(inner);
  }

  async #read(file: string, at: Location, { way, report }: Including): Promise<FilledTemplate | undefined> {
    const read = await this.#context.files.readText(file);
    if ("complaint" in read) {
      report(at, read.complaint);
      return undefined;
    }
    const source = { file, text: read.value, place: placeLines(file, read.value) };
    return await this.fill(source, { files: [...way.files, file], places: [at, ...way.places] });
  }

  /** What is no interpolation, and looks like one that was misspelt. */
  #warnOfLookAlikes(text: string, place: Place, way: Way): void {
    for (const { index, 0: written, 1: word = "", 2: sign = "", 3: rest = "" } of text.matchAll(lookAlike)) {
      const meant = (sign === ":" ? ["file"] : values).find((one) => isLike(word, one));
      if (meant === undefined) continue;
      this.#context.report(place(index), {
        code: "literal-reference",
        severity: "warning",
        ...explain("manifest-values/template-look-alike", {
          text: written,
          likely: `\${${meant}${sign}${rest}}`,
        }),
        through: way.places,
      });
    }
  }
}

/** Collects what a template gives. */
class TextBuilder {
  value = "";
  broken = false;
  secret = false;
  readonly #pieces: TextPiece[] = [];
  #known: Pick<FilledTemplate, "secretOf" | "secretAt" | "later"> = {};
  #isFromEnvironment = false;

  add(text: string, piece: Omit<TextPiece, "start">): void {
    this.#pieces.push({ start: this.value.length, ...piece });
    this.value += text;
  }

  /** Takes over what is known of a value that is put in. */
  take({ from, secretOf, secretAt, later, broken, secret }: Partial<Scalar>): void {
    this.#isFromEnvironment ||= from === "environment";
    this.broken ||= broken === true;
    this.secret ||= secret === true;
    if (later) this.#known = { ...this.#known, later };
    if (secretOf !== undefined && this.#known.secretOf === undefined)
      this.#known = { ...this.#known, secretOf, secretAt };
  }

  build(): FilledTemplate {
    return {
      value: this.value,
      pieces: this.#pieces,
      from: this.#isFromEnvironment ? "environment" : "file",
      broken: this.broken || undefined,
      secret: this.secret || undefined,
      ...this.#known,
    };
  }
}

/** A part of a template as it is written; offsets in its text. */
export type TemplateToken = { readonly start: number; readonly end: number } & (
  | { readonly type: "literal"; readonly text: string }
  | { readonly type: "value"; readonly expression: string }
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "unclosed" }
);

const opening = /\$\$\{|\$\{[ \t]*(?:(?:var|env|each)\.|file:)/gu;

/** Splits a template into its parts, which are all of it. */
export function splitTemplate(text: string): readonly TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let done = 0;
  const addLiteral = (end: number) => {
    if (end > done) tokens.push({ type: "literal", text: text.slice(done, end), start: done, end });
    done = end;
  };
  for (const { 0: mark, index: start } of text.matchAll(opening)) {
    // What is within a path isn't put in.
    if (start < done) continue;
    addLiteral(start);
    if (mark === "$${") {
      done = start + mark.length;
      tokens.push({ type: "literal", text: "${", start, end: done });
      continue;
    }
    const [inner] = /^[^}\n]*/u.exec(text.slice(start + 2)) ?? [""];
    const end = start + 2 + inner.length;
    const isClosed = text[end] === "}";
    done = isClosed ? end + 1 : end;
    const expression = inner.trim();
    if (!isClosed) tokens.push({ type: "unclosed", start, end: done });
    else if (expression.startsWith("file:"))
      tokens.push({ type: "file", path: expression.slice("file:".length).trim(), start, end: done });
    else tokens.push({ type: "value", expression, start, end: done });
  }
  addLiteral(text.length);
  return tokens;
}

/** Writes a text so that a template gives it back unchanged. */
export const escapeTemplate = (text: string): string =>
  text.replaceAll(/\$\$\{|\$\{[ \t]*(?:(?:var|env|each)\.|file:)/gu, (mark) => `$${mark}`);

const lookAlike = /(?<!\$)\$\{[ \t]*([A-Za-z]{2,6})([.:])([^\s{}]+)[ \t]*\}/gu;
const values = ["var", "env", "each"];

/** Whether a word was written for one of ours; with a wrong letter it may well be a variable of a program. */
const isLike = (word: string, own: string): boolean =>
  word !== own && [own, `${own}s`].includes(word.toLowerCase());

function checkInclude(written: string, file: string, files: readonly string[]): Problem | undefined {
  if (written.includes("${"))
    return { code: "bad-interpolation", ...explain("manifest-values/include-path-filled") };
  const first = files.indexOf(file);
  if (first >= 0) {
    const loop = [...files.slice(first), file].join(" -> ");
    return { code: "cycle", ...explain("manifest-values/include-loop", { file, loop }) };
  }
  if (files.length <= mostNested) return undefined;
  const problem = explain("manifest-values/include-too-deep", {
    count: mostNested,
    files: files.join(" -> "),
  });
  return { code: "too-large", ...problem };
}
