import type { MessageInitShape } from "@bufbuild/protobuf";
import { escapeInvisible } from "../../../core/invisible-characters.ts";
import { formatPath } from "../../../core/spec-walk.ts";
import type { ProviderDiagnostic } from "../../provider/provider-interface.ts";
import { splitSummary } from "../../provider/summary.ts";
import type { Type } from "../../schema/attribute.ts";
import { type InexactNumber, UnfitValue } from "../../values/codec.ts";
import { Diagnostic_Severity, type DiagnosticSchema } from "../rpc/gen/tfplugin6_pb.js";
import { type Selector, selectorsOf } from "./attribute-path.ts";

/** A diagnostic as the protocol has it. */
export type DiagnosticMessage = MessageInitShape<typeof DiagnosticSchema>;

/** What Terraform shows its user; the type is that of the object which paths lead into. */
export function toDiagnostic(complaint: ProviderDiagnostic, type: Type): DiagnosticMessage {
  const { severity, path = [] } = complaint;
  const detail = escapeInvisible(complaint.detail ?? "");
  const selectors = selectorsOf(path, type);
  const place = formatPath(path.slice(0, selectors.length));
  const { summary, rest } = splitSummary(escapeInvisible(complaint.summary), place);
  const whole = [rest ?? [], detail === "" ? [] : detail].flat().join("\n");
  const isInside = selectors.length > 1 && !`${summary}${rest ?? ""}`.includes(place);
  return {
    severity: severity === "error" ? Diagnostic_Severity.ERROR : Diagnostic_Severity.WARNING,
    summary,
    // Terraform finds the lines of top-level attributes only, and shows none at all while it imports.
    detail: isInside ? locate(place, whole) : whole,
    ...(selectors.length > 0 ? { attribute: { steps: selectors.slice(0, 1).map(asStep) } } : {}),
  };
}

const asStep = (selector: Selector) => ({ selector });

const locate = (path: string, detail: string): string => (detail === "" ? path : `${path}: ${detail}`);

/** A number of the configuration that can't be taken as it is. */
export const complainOfNumber = ({ message, path }: InexactNumber): ProviderDiagnostic => ({
  severity: "error",
  summary: "a number has too many digits",
  detail: `${message}.`,
  path,
});

/** Something that went wrong and isn't the user's fault; `what` was being done. */
export function complainOfBug(what: string, error: unknown): ProviderDiagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const where = error instanceof UnfitValue && error.path.length > 0 ? `${formatPath(error.path)}: ` : "";
  return {
    severity: "error",
    summary: `the provider failed to ${what}`,
    detail: `${where}${message}\nThis is a mistake in the provider: please report it with the lines above.`,
  };
}
