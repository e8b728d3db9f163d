import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { explain } from "../../messages/text.ts";
import { findSecrets, placeFound, placeOffset } from "../../secrets/detection.ts";
import { findPersonalData } from "../../secrets/personal-data.ts";
import { personalData, withMore } from "../checks/personal-data.ts";
import { exposedSecret } from "../checks/secret-places.ts";
import type { Problem, Report } from "../problems.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { placeLines } from "../yaml/plain-documents.ts";
import { placeInPieces, type Scalar, type TemplateSource } from "../yaml/source-tree.ts";
import { lookUp, namesTitle, notYetKnown, putTitle, type Scope } from "./substitute.ts";

/** The keys under which manifests name the file of a text. */
export const textForms = ["file", "template"] as const;

/** How a text is read: out of a file as it is, out of a template, or from the body of its manifest's own file. */
export type TextForm = (typeof textForms)[number] | "body";

/** What texts are read with. */
export interface TextContext {
  readonly files: Pick<ProjectFiles, "readText" | "fromProject">;
  /** What `${…}` of templates can stand for. */
  readonly scope: Scope;
  readonly report: Report;
}

/** The text that a path, or the body of a manifest, stands for; what is wrong with it is reported, and marked. */
export async function readText(form: TextForm, node: Scalar, context: TextContext): Promise<Scalar> {
  const { marks: _, body, ...place } = node;
  if (node.broken) return place;
  if (form === "body") return body ? await fill(place, body, undefined, context) : place;
  const refuse = (complaint: Problem): Scalar => {
    context.report(node.at, complaint);
    return { ...place, broken: true };
  };
  if (node.secretOf !== undefined) return refuse(exposedSecret(node.secretOf));
  if (node.later) return refuse(notYetKnown());
  const named = context.files.fromProject(String(node.value), node);
  const read = await context.files.readText(named);
  if ("complaint" in read) return refuse(read.complaint);
  const file = path.posix.normalize(named);
  const text = read.value;
  if (form === "template")
    return await fill(place, { file, text, place: placeLines(file, text) }, node.at, context);
  for (const one of placeFound(file, text, findPersonalData(text)))
    context.report(one.at, withMore(personalData(one.what), one));
  const secrets = placeFound(file, text, findSecrets(text));
  for (const one of secrets) {
    const problem = explain("manifest-schema/secret-in-text", { what: one.what });
    context.report(one.at, withMore({ code: "secret-in-clear", ...problem }, one));
  }
  await warnOfLiteralReferences(file, text, context);
  const whole = { ...place, value: text, source: "", from: "file", textFile: file } as const;
  return secrets.length > 0 ? { ...whole, secret: true, broken: true } : whole;
}

async function fill(
  place: Scalar,
  source: TemplateSource,
  from: Location | undefined,
  context: TextContext,
): Promise<Scalar> {
  // Most projects have no template.
  const { fillTemplate } = await import("./templates.ts");
  const { value, broken, ...filled } = await fillTemplate(source, context, from);
  const { file } = source;
  const textFile = from === undefined ? undefined : file;
  if (broken) return { ...place, broken: true };
  const text: Scalar = { ...place, value, source: "", textFile, ...filled };
  const refused: Scalar = { ...text, secret: true, broken: true };
  if (filled.secret) return refused;
  // Pieces that hold nothing alone may together.
  const [secret] = findSecrets(value);
  if (!secret) return text;
  const at = placeInPieces(filled.pieces, value, secret.offset) ?? place.at;
  context.report(at, {
    code: "secret-in-clear",
    ...explain("manifest-schema/secret-in-text", { what: secret.what }),
  });
  return refused;
}

const reference = /(?<!\$)\$\{[ \t]*((?:var|env|each)\.[^\s}]+)[ \t]*\}/gu;

/** Warns of what would be put in if the file was a template. */
async function warnOfLiteralReferences(file: string, text: string, context: TextContext): Promise<void> {
  if (!text.includes("${")) return;
  const { report } = context;
  const scope = namesTitle(text) ? await putTitle(context.scope) : context.scope;
  const seen = new Set<string>();
  for (const { 0: written, 1: expression = "", index } of text.matchAll(reference)) {
    if (seen.has(expression) || !isSet(expression, scope)) continue;
    seen.add(expression);
    report(placeOffset(file, text, index), {
      code: "literal-reference",
      severity: "warning",
      ...explain("manifest-values/literal-reference", { reference: written, file }),
    });
  }
}

/** Whether an expression has a value. Of variables that come later nothing is known. */
function isSet(expression: string, scope: Scope): boolean {
  if (expression.startsWith("env.") && scope.envLater) return false;
  return "node" in lookUp(expression, scope);
}
