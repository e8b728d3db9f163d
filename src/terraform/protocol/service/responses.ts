import type { MessageInitShape } from "@bufbuild/protobuf";
import { escapeInvisible } from "../../../core/invisible-characters.ts";
import { formatPath, type Path } from "../../../core/spec-walk.ts";
import { explain, say } from "../../../messages/text.ts";
import type { Answer, ProviderDiagnostic } from "../../provider/provider-interface.ts";
import { errorAt, splitSummary } from "../../provider/text.ts";
import type { Type } from "../../schema/attribute.ts";
import { InexactNumber, UnfitValue } from "../../values/codec.ts";
import type { DiagnosticSchema } from "../rpc/gen/tfplugin6_pb.js";
import { Diagnostic_Severity } from "../rpc/message-table.ts";
import type { ObjectForm } from "./object-form.ts";

/** What a call comes to: the message without its diagnostics, and what to tell the user. */
interface CallResult<Body> {
  readonly diagnostics: readonly ProviderDiagnostic[];
  readonly body: Body;
}

/** The result of a call that answers with nothing but diagnostics. */
export const onlyDiagnostics = async (answer: Promise<Answer>) => ({
  diagnostics: (await answer).diagnostics,
  body: {},
});

/** One call of Terraform's. */
interface Call<Body> {
  /** Its name, and the type that it is about: `ReadResource(coze_bot)`. */
  readonly name: string;
  /** Of the objects that it is about; undefined when there is no such type. */
  readonly form: ObjectForm | undefined;
  /** What is answered beside the diagnostics when it goes wrong. */
  readonly otherwise: Body;
  run(form: ObjectForm): Promise<CallResult<Body>>;
}

/** Does what a call asks. It never throws: what went wrong is told to the user, without a stack. */
export async function respond<Body extends object>({
  name,
  form,
  otherwise,
  run,
}: Call<Body>): Promise<Body & { readonly diagnostics: DiagnosticMessage[] }> {
  const tell = (diagnostics: readonly ProviderDiagnostic[]) =>
    diagnostics.map((diagnostic) => toDiagnostic(diagnostic, form?.type ?? "dynamic"));
  try {
    if (!form) throw new Error("the provider has no such type");
    const { diagnostics, body } = await run(form);
    return { ...body, diagnostics: tell(diagnostics) };
  } catch (error) {
    const diagnostic =
      error instanceof InexactNumber ? describeInexactNumber(error) : describeBug(name, error);
    return { ...otherwise, diagnostics: tell([diagnostic]) };
  }
}

/** A diagnostic as the protocol has it. */
export type DiagnosticMessage = MessageInitShape<typeof DiagnosticSchema>;

/** What Terraform shows its user; the type is that of the object which paths lead into. */
export function toDiagnostic(diagnostic: ProviderDiagnostic, type: Type): DiagnosticMessage {
  const { severity, path = [] } = diagnostic;
  const detail = escapeInvisible(diagnostic.detail ?? "");
  const selectors = selectorsOf(path, type);
  const place = formatPath(path.slice(0, selectors.length));
  const { summary, rest } = splitSummary(escapeInvisible(diagnostic.summary), place);
  const whole = [rest ?? [], detail === "" ? [] : detail].flat().join("\n");
  const isInside = selectors.length > 1 && !`${summary}${rest ?? ""}`.includes(place);
  return {
    severity: severity === "error" ? Diagnostic_Severity.ERROR : Diagnostic_Severity.WARNING,
    summary,
    // Terraform finds the lines of top-level attributes only, and shows none at all while it imports.
    detail: isInside ? locate(place, whole) : whole,
    ...(selectors.length > 0 && { attribute: { steps: selectors.slice(0, 1).map(asStep) } }),
  };
}

const asStep = (selector: Selector) => ({ selector });

const locate = (place: string, problem: string): string =>
  problem === "" ? place : say("terraform-provider/about-place", { place, problem });

/** A number of the configuration that can't be taken as it is. */
const describeInexactNumber = ({ message, path }: InexactNumber): ProviderDiagnostic =>
  errorAt({ message: say("terraform-functions/inexact-number"), hint: message }, path);

/** A fault of the provider's own in a call. */
export function describeBug(call: string, error: unknown): ProviderDiagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof UnfitValue ? formatPath(error.path) : "";
  const { message: summary, hint: detail } = explain("terraform-functions/bug", {
    call,
    problem: place === "" ? message : locate(place, message),
  });
  return { severity: "error", summary, detail };
}

/** One step of a path, as the protocol tells names of attributes, keys of maps and indexes apart. */
export type Selector =
  | { readonly case: "attributeName"; readonly value: string }
  | { readonly case: "elementKeyString"; readonly value: string }
  | { readonly case: "elementKeyInt"; readonly value: bigint };

/** The steps of a path through a type, up to where a set begins, to whose elements no path leads. */
export function selectorsOf(path: Path, type: Type): readonly Selector[] {
  const selectors: Selector[] = [];
  let place: Type = type;
  for (const step of path) {
    const found = follow(place, step);
    if (!found) break;
    selectors.push(found.selector);
    place = found.part;
  }
  return selectors;
}

function follow(place: Type, step: string | number): { selector: Selector; part: Type } | undefined {
  if (typeof place === "string" || "set" in place) return undefined;
  if ("map" in place) return { selector: { case: "elementKeyString", value: String(step) }, part: place.map };
  if ("object" in place) {
    const part = Object.hasOwn(place.object, step) ? place.object[step] : undefined;
    return part && { selector: { case: "attributeName", value: String(step) }, part };
  }
  const part = "list" in place ? place.list : place.tuple[Number(step)];
  if (typeof step !== "number" || !part) return undefined;
  return { selector: { case: "elementKeyInt", value: BigInt(step) }, part };
}
